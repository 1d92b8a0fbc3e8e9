/** @file A field for a new password that says how long it is and how long it should be. */
import { Check } from "lucide-react";
import type { ReactNode } from "react";
import { PASSWORD_LENGTH_MIN } from "../../domain/camera.ts";
import { text } from "../../text/index.ts";
import { PasswordField } from "../../ui/Field.tsx";

export interface NewPasswordFieldProps {
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly error: string | undefined;
}

export function NewPasswordField({ value, onValue, error }: NewPasswordFieldProps): ReactNode {
  const words = text.firstRun;
  const isLongEnough = value.length >= PASSWORD_LENGTH_MIN;
  return (
    <div className="flex flex-col gap-2">
      <PasswordField
        label={words.passwordLabel}
        value={value}
        onValue={onValue}
        error={error}
        help={words.passwordHelp}
        autoComplete="new-password"
        showLabel={text.common.showPassword}
        hideLabel={text.common.hidePassword}
        autoFocus
      />
      {value !== "" && (
        <p className="flex items-center gap-1.5 text-sm font-medium">
          {isLongEnough && <Check aria-hidden className="size-4 text-accent" />}
          {isLongEnough ? words.passwordEnough(value.length) : words.passwordCount(value.length, PASSWORD_LENGTH_MIN)}
        </p>
      )}
    </div>
  );
}
