/** @file A new password, for somebody who is signed in. */
import { useState, type ReactNode } from "react";
import { useAction, useHome, useHousehold } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { text } from "../../text/index.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog, DialogActions } from "../../ui/Dialog.tsx";
import { useToast } from "../../ui/Toast.tsx";
import { NewPasswordField, useNewPassword } from "../first-run/NewPasswordField.tsx";

export interface ChangePasswordProps {
  readonly onClose: () => void;
  readonly onChanged: () => void;
}

export function ChangePassword({ onClose, onChanged }: ChangePasswordProps): ReactNode {
  const model = useHome();
  const { memberName } = useHousehold();
  const words = text.security;
  const say = useToast();
  const password = useNewPassword([memberName]);
  const [isChecking, setChecking] = useState(false);
  const keep = useAction(model.setPassword.bind(model));
  return (
    <Dialog isOpen onClose={onClose} title={words.changePassword} description={words.changePasswordLead} closeLabel={text.common.close} isHeld={keep.isBusy}>
      <form
        className="flex flex-col gap-4"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setChecking(true);
          void password.check().then(async (good) => {
            setChecking(false);
            if (good === null || (await keep.start(good)) === undefined) return;
            say({ message: words.passwordChanged });
            onChanged();
            onClose();
          });
        }}
      >
        <ProblemNotice problem={keep.problem} />
        {/* Password managers want to know whose password this is. */}
        <input type="text" autoComplete="username" value={memberName} readOnly hidden />
        <NewPasswordField password={password} />
        <DialogActions>
          <Button onClick={onClose}>{text.common.cancel}</Button>
          <Button tone="primary" type="submit" isBusy={keep.isBusy || isChecking}>
            {text.signIn.newPasswordSave}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
