/** @file A new password, for somebody who is signed in. */
import { useState, type ReactNode } from "react";
import { PASSWORD_LENGTH_MIN } from "../../domain/camera.ts";
import { useAction, useHome, useHousehold } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { text } from "../../text/index.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog, DialogActions } from "../../ui/Dialog.tsx";
import { Section } from "../../ui/Page.tsx";
import { useToast } from "../../ui/Toast.tsx";
import { NewPasswordField } from "../first-run/NewPasswordField.tsx";

export function Password({ onChanged }: { readonly onChanged: () => void }): ReactNode {
  const words = text.settings;
  const [isOpen, setOpen] = useState(false);
  return (
    <Section title={words.password} lead={words.passwordLead}>
      <Button className="self-start" onClick={() => setOpen(true)}>
        {words.changePassword}
      </Button>
      {isOpen && <ChangePassword onClose={() => setOpen(false)} onChanged={onChanged} />}
    </Section>
  );
}

interface ChangePasswordProps {
  readonly onClose: () => void;
  readonly onChanged: () => void;
}

function ChangePassword({ onClose, onChanged }: ChangePasswordProps): ReactNode {
  const model = useHome();
  const { memberName } = useHousehold();
  const words = text.settings;
  const say = useToast();
  const [password, setPassword] = useState("");
  const [error, setError] = useState<string>();
  const keep = useAction(model.setPassword.bind(model));
  return (
    <Dialog isOpen onClose={onClose} title={words.changePassword} description={words.changePasswordLead} closeLabel={text.common.close} isHeld={keep.isBusy}>
      <form
        className="flex flex-col gap-4"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (password.length < PASSWORD_LENGTH_MIN) {
            setError(text.firstRun.passwordShort(PASSWORD_LENGTH_MIN));
            return;
          }
          void keep.start(password).then((done) => {
            if (done === undefined) return;
            say({ message: words.passwordChanged });
            onChanged();
            onClose();
          });
        }}
      >
        <ProblemNotice problem={keep.problem} />
        {/* Password managers want to know whose password this is. */}
        <input type="text" autoComplete="username" value={memberName} readOnly hidden />
        <NewPasswordField value={password} onValue={(typed) => { setError(undefined); setPassword(typed); }} error={error} />
        <DialogActions>
          <Button onClick={onClose}>{text.common.cancel}</Button>
          <Button tone="primary" type="submit" isBusy={keep.isBusy}>
            {text.signIn.newPasswordSave}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
