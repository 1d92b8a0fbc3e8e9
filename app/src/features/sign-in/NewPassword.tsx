/** @file A new password, after the kit was accepted. */
import { useState, type ReactNode } from "react";
import { useAction, useHome } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { text } from "../../text/index.ts";
import { Button } from "../../ui/Button.tsx";
import { Step } from "../../ui/Page.tsx";
import { NewPasswordField, useNewPassword } from "../first-run/NewPasswordField.tsx";

export function NewPassword({ memberName }: { readonly memberName: string }): ReactNode {
  const model = useHome();
  const words = text.signIn;
  const password = useNewPassword([memberName]);
  const keep = useAction(model.setPassword.bind(model));
  const [isChecking, setChecking] = useState(false);
  return (
    <Step title={words.newPasswordTitle} lead={words.newPasswordLead(memberName)}>
      <form
        className="flex flex-col gap-5"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setChecking(true);
          void password.check().then((good) => {
            setChecking(false);
            if (good !== null) void keep.start(good);
          });
        }}
      >
        <ProblemNotice problem={keep.problem} />
        <input type="text" autoComplete="username" value={memberName} readOnly hidden />
        <NewPasswordField password={password} />
        <Button tone="primary" type="submit" isBusy={keep.isBusy || isChecking}>
          {words.newPasswordSave}
        </Button>
      </form>
    </Step>
  );
}
