/** @file A new password, after the kit was accepted. */
import type { ReactNode } from "react";
import { useAction, useHome } from "../../model/HomeContext.tsx";
import { text } from "../../text/index.ts";
import { Step } from "../../ui/Page.tsx";
import { useNewPassword } from "../first-run/NewPasswordField.tsx";
import { NewPasswordForm } from "../first-run/NewPasswordForm.tsx";

export function NewPassword({ memberName }: { readonly memberName: string }): ReactNode {
  const model = useHome();
  const words = text.signIn;
  const password = useNewPassword([memberName]);
  const keep = useAction(model.setPassword.bind(model));
  return (
    <Step title={words.newPasswordTitle} lead={words.newPasswordLead(memberName)}>
      <NewPasswordForm
        memberName={memberName}
        password={password}
        problem={keep.problem}
        isBusy={keep.isBusy}
        label={words.newPasswordSave}
        onGood={(good) => void keep.start(good)}
      />
    </Step>
  );
}
