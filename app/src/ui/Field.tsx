/** @file Labelled fields. The label is always visible; help and error are tied to the input for screen readers. */
import { clsx } from "clsx";
import { Eye, EyeOff } from "lucide-react";
import { useId, useState, type InputHTMLAttributes, type KeyboardEvent, type ReactNode, type Ref, type TextareaHTMLAttributes } from "react";
import { IconButton } from "./Button.tsx";

export interface TextFieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "id" | "onChange" | "value"> {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly help?: ReactNode;
  readonly error?: string | undefined;
  readonly trailing?: ReactNode;
  readonly ref?: Ref<HTMLInputElement>;
  /** More lines than one, for what is longer than a phone is wide. Enter still sends the form. */
  readonly lines?: number;
}

export function TextField({ label, value, onValue, help, error, trailing, className, lines, ref, ...rest }: TextFieldProps): ReactNode {
  const id = useId();
  const describedBy = [error === undefined ? undefined : `${id}-error`, help === undefined ? undefined : `${id}-help`].filter(Boolean).join(" ");
  const shared = {
    id,
    value,
    onChange: (event: { readonly target: { readonly value: string } }) => onValue(event.target.value),
    "aria-invalid": error === undefined ? undefined : true,
    "aria-describedby": describedBy === "" ? undefined : describedBy,
    className: clsx("min-h-12 w-full min-w-0 rounded-control bg-transparent px-3.5 text-base focus-visible:outline-none", lines !== undefined && "resize-none py-2.5", className),
  };
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="font-semibold">
        {label}
      </label>
      <div
        className={clsx(
          "flex items-center rounded-control border bg-card",
          "focus-within:outline-3 focus-within:outline-offset-1 focus-within:outline-accent",
          error === undefined ? "border-edge" : "border-danger border-2",
        )}
      >
        {lines === undefined ? <input {...rest} {...shared} ref={ref} /> : <textarea {...(rest as TextareaHTMLAttributes<HTMLTextAreaElement>)} {...shared} rows={lines} onKeyDown={sendWithEnter} />}
        {trailing}
      </div>
      {error !== undefined && (
        <p id={`${id}-error`} role="alert" className="font-medium text-danger">
          {error}
        </p>
      )}
      {help !== undefined && (
        <p id={`${id}-help`} className="text-sm text-soft">
          {help}
        </p>
      )}
    </div>
  );
}

function sendWithEnter(event: KeyboardEvent<HTMLTextAreaElement>): void {
  if (event.key !== "Enter") return;
  event.preventDefault();
  event.currentTarget.form?.requestSubmit();
}

export interface PasswordFieldProps extends Omit<TextFieldProps, "trailing" | "type"> {
  readonly showLabel: string;
  readonly hideLabel: string;
}

export function PasswordField({ showLabel, hideLabel, ...rest }: PasswordFieldProps): ReactNode {
  const [isShown, setShown] = useState(false);
  return (
    <TextField
      {...rest}
      type={isShown ? "text" : "password"}
      autoCapitalize="none"
      autoCorrect="off"
      spellCheck={false}
      trailing={
        <IconButton
          className="mr-0.5"
          label={isShown ? hideLabel : showLabel}
          aria-pressed={isShown}
          icon={isShown ? <EyeOff aria-hidden className="size-5" /> : <Eye aria-hidden className="size-5" />}
          onClick={() => setShown(!isShown)}
        />
      }
    />
  );
}

export interface Choice<Value extends string> {
  readonly value: Value;
  readonly label: string;
  readonly help?: string;
}

export interface ChoiceFieldProps<Value extends string> {
  readonly label: string;
  readonly choices: readonly Choice<Value>[];
  readonly value: Value | null;
  readonly onValue: (value: Value) => void;
  /** "row": short choices side by side. */
  readonly layout?: "list" | "row";
  readonly hideLabel?: boolean;
}

/** One of a few: native radio buttons, so that arrow keys and screen readers work as everywhere. */
export function ChoiceField<Value extends string>({ label, choices, value, onValue, layout = "list", hideLabel = false }: ChoiceFieldProps<Value>): ReactNode {
  const name = useId();
  return (
    <fieldset className="min-w-0">
      <legend className={clsx(hideLabel ? "sr-only" : "mb-2 font-semibold")}>{label}</legend>
      <div className={clsx("flex gap-2", layout === "list" ? "flex-col" : "flex-row flex-wrap")}>
        {choices.map((choice) => (
          <label
            key={choice.value}
            className={clsx(
              "flex min-h-12 cursor-pointer items-center gap-3 rounded-control border px-3.5 py-2",
              "has-checked:border-accent has-checked:bg-accent-wash has-focus-visible:outline-3 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent",
              choice.value === value ? "border-accent" : "border-edge bg-card",
            )}
          >
            <input
              type="radio"
              name={name}
              value={choice.value}
              checked={choice.value === value}
              onChange={() => onValue(choice.value)}
              className="size-5 shrink-0 accent-accent focus-visible:outline-none"
            />
            <span className="min-w-0">
              <span className="block font-medium">{choice.label}</span>
              {choice.help !== undefined && <span className="block text-sm text-soft">{choice.help}</span>}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
