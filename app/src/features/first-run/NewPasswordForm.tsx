/** @file A form for a new password: judged when it is sent, and handed on only when it will do. */
import { useState, type ReactNode } from "react";
import type { Problem } from "../../domain/home.ts";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { Button } from "../../ui/Button.tsx";
import { NewPasswordField, type NewPassword } from "./NewPasswordField.tsx";

export interface NewPasswordFormProps {
  readonly memberName: string;
  readonly password: NewPassword;
  readonly problem: Problem | null;
  readonly isBusy: boolean;
  /** On the button. */
  readonly label: string;
  readonly onGood: (password: string) => void;
}

export function NewPasswordForm({ memberName, password, problem, isBusy, label, onGood }: NewPasswordFormProps): ReactNode {
  const [isChecking, setChecking] = useState(false);
  return (
    <form
      className="flex flex-col gap-5"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setChecking(true);
        void password.check().then((good) => {
          setChecking(false);
          if (good !== null) onGood(good);
        });
      }}
    >
      <ProblemNotice problem={problem} />
      {/* Password managers want to know whose password this is. */}
      <input type="text" autoComplete="username" value={memberName} readOnly hidden />
      <NewPasswordField password={password} />
      <Button tone="primary" type="submit" isBusy={isBusy || isChecking}>
        {label}
      </Button>
    </form>
  );
}
