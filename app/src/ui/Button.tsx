/** @file Buttons and links that look like them. One primary per screen; danger only where something is lost. */
import { clsx } from "clsx";
import { LoaderCircle } from "lucide-react";
import type { ButtonHTMLAttributes, AnchorHTMLAttributes, ReactNode, Ref } from "react";

export type ButtonTone = "primary" | "plain" | "quiet" | "danger" | "stage";
export type ButtonSize = "normal" | "small";

const TONES: Record<ButtonTone, string> = {
  primary: "bg-accent text-on-accent hover:bg-accent-strong",
  plain: "bg-card text-ink border border-edge hover:bg-sunken",
  quiet: "text-ink hover:bg-sunken",
  danger: "bg-danger text-on-danger hover:bg-danger-strong",
  stage: "text-white hover:bg-white/15 aria-pressed:bg-white/25",
};

const SIZES: Record<ButtonSize, string> = {
  normal: "min-h-12 px-5 text-base",
  small: "min-h-11 px-3.5 text-sm",
};

export function buttonClass(tone: ButtonTone, size: ButtonSize = "normal", extra?: string): string {
  return clsx(
    "inline-flex items-center justify-center gap-2 rounded-control font-semibold text-center leading-tight select-none",
    "transition-colors duration-100 disabled:opacity-50 aria-disabled:opacity-60",
    TONES[tone],
    SIZES[size],
    extra,
  );
}

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly tone?: ButtonTone;
  readonly size?: ButtonSize;
  readonly icon?: ReactNode;
  /** Working: stays focusable, takes no second press. */
  readonly isBusy?: boolean;
  readonly ref?: Ref<HTMLButtonElement>;
}

export function Button({ tone = "plain", size = "normal", icon, isBusy = false, className, children, onClick, type = "button", ...rest }: ButtonProps): ReactNode {
  return (
    <button
      {...rest}
      type={type}
      className={buttonClass(tone, size, className)}
      aria-disabled={isBusy || undefined}
      aria-busy={isBusy || undefined}
      onClick={(event) => {
        if (isBusy) event.preventDefault();
        else onClick?.(event);
      }}
    >
      {isBusy ? <LoaderCircle aria-hidden className="size-5 animate-spin" /> : icon}
      {children}
    </button>
  );
}

export interface IconButtonProps extends Omit<ButtonProps, "children"> {
  readonly label: string;
  readonly icon: ReactNode;
}

/** A button with a picture only; its name is for everybody else, and shown when hovered. */
export function IconButton({ label, icon, tone = "quiet", className, ...rest }: IconButtonProps): ReactNode {
  return <Button {...rest} tone={tone} icon={icon} aria-label={label} title={label} className={clsx("size-11 shrink-0 !p-0", className)} />;
}

export interface LinkButtonProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  readonly tone?: ButtonTone;
  readonly size?: ButtonSize;
  readonly icon?: ReactNode;
}

export function LinkButton({ tone = "plain", size = "normal", icon, className, children, ...rest }: LinkButtonProps): ReactNode {
  return (
    <a {...rest} className={buttonClass(tone, size, className)}>
      {icon}
      {children}
    </a>
  );
}
