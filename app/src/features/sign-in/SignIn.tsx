/** @file Coming back: name and password, or the recovery kit and then a new password. */
import { useState, type ReactNode } from "react";
import { PASSWORD_LENGTH_MIN } from "../../domain/camera.ts";
import type { Problem, SignedOutReason } from "../../domain/home.ts";
import { groupedCode } from "../../domain/route.ts";
import { useAction, useHome } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { text } from "../../text/index.ts";
import { Button } from "../../ui/Button.tsx";
import { PasswordField, TextField } from "../../ui/Field.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Step } from "../../ui/Page.tsx";
import { NewPasswordField } from "../first-run/NewPasswordField.tsx";

const KIT_GROUPS = 9;

export function SignIn({ reason, cause = null }: { readonly reason: SignedOutReason; readonly cause?: Problem | null }): ReactNode {
  const [way, setWay] = useState<"password" | "kit">("password");
  const [memberName, setName] = useState("");
  return way === "password" ? (
    <WithPassword reason={reason} cause={cause} memberName={memberName} onName={setName} onKit={() => setWay("kit")} />
  ) : (
    <WithKit memberName={memberName} onName={setName} onPassword={() => setWay("password")} />
  );
}

interface WithPasswordProps {
  readonly reason: SignedOutReason;
  readonly cause: Problem | null;
  readonly memberName: string;
  readonly onName: (name: string) => void;
  readonly onKit: () => void;
}

function WithPassword({ reason, cause, memberName, onName, onKit }: WithPasswordProps): ReactNode {
  const model = useHome();
  const words = text.signIn;
  const [password, setPassword] = useState("");
  const [kit, setKit] = useState("");
  const [isNew, setNew] = useState(false);
  const signIn = useAction(model.signIn.bind(model));
  if (!isNew && signIn.problem?.code === "second-step-needed") setNew(true);
  const why = words.reasons[reason];
  return (
    <Step key="password" title={words.title}>
      <form
        className="flex flex-col gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          const typed = { memberName: memberName.trim(), password };
          void signIn.start(isNew ? { ...typed, kit } : typed).then((done) => { if (done === undefined && isNew) setKit(""); });
        }}
      >
        {why !== null && signIn.problem === null && <Notice title={why} isLive />}
        <ProblemNotice problem={signIn.problem ?? cause} />
        <TextField label={words.nameLabel} value={memberName} onValue={onName} autoComplete="username" required maxLength={64} autoFocus />
        <PasswordField
          label={words.passwordLabel}
          value={password}
          onValue={setPassword}
          autoComplete="current-password"
          required
          showLabel={text.common.showPassword}
          hideLabel={text.common.hidePassword}
        />
        {isNew && (
          <TextField
            label={words.kitLabel}
            value={kit}
            onValue={(typed) => setKit(groupedCode(typed, KIT_GROUPS))}
            help={words.kitHelp}
            className="font-mono"
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
            required
          />
        )}
        <Button tone="primary" type="submit" isBusy={signIn.isBusy}>
          {signIn.isBusy ? words.submitting : words.submit}
        </Button>
        <Button tone="quiet" onClick={onKit}>
          {words.useKit}
        </Button>
      </form>
    </Step>
  );
}

interface WithKitProps {
  readonly memberName: string;
  readonly onName: (name: string) => void;
  readonly onPassword: () => void;
}

function WithKit({ memberName, onName, onPassword }: WithKitProps): ReactNode {
  const model = useHome();
  const words = text.signIn;
  const [kit, setKit] = useState("");
  const [error, setError] = useState<string>();
  const signIn = useAction(model.signInWithKit.bind(model));
  return (
    <Step key="kit" title={words.kitTitle} lead={words.kitLead} back={{ label: text.common.back, run: onPassword }}>
      <form
        className="flex flex-col gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          if (kit.length < KIT_GROUPS * 5 - 1) setError(words.kitShort);
          else void signIn.start({ memberName: memberName.trim(), kit });
        }}
      >
        <ProblemNotice problem={signIn.problem} />
        <TextField label={words.nameLabel} value={memberName} onValue={onName} autoComplete="username" required maxLength={64} autoFocus />
        <TextField
          label={words.kitLabel}
          value={kit}
          onValue={(typed) => {
            setError(undefined);
            setKit(groupedCode(typed, KIT_GROUPS));
          }}
          help={words.kitHelp}
          error={error}
          className="font-mono"
          lines={2}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
        />
        <Button tone="primary" type="submit" isBusy={signIn.isBusy}>
          {text.common.next}
        </Button>
        <Button tone="quiet" onClick={onPassword}>
          {words.usePassword}
        </Button>
      </form>
    </Step>
  );
}

/** After the kit was accepted. */
export function NewPassword({ memberName }: { readonly memberName: string }): ReactNode {
  const model = useHome();
  const words = text.signIn;
  const [password, setPassword] = useState("");
  const [error, setError] = useState<string>();
  const keep = useAction(model.setPassword.bind(model));
  return (
    <Step title={words.newPasswordTitle} lead={words.newPasswordLead(memberName)}>
      <form
        className="flex flex-col gap-5"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (password.length < PASSWORD_LENGTH_MIN) setError(text.firstRun.passwordShort(PASSWORD_LENGTH_MIN));
          else void keep.start(password);
        }}
      >
        <ProblemNotice problem={keep.problem} />
        <input type="text" autoComplete="username" value={memberName} readOnly hidden />
        <NewPasswordField value={password} onValue={(typed) => { setError(undefined); setPassword(typed); }} error={error} />
        <Button tone="primary" type="submit" isBusy={keep.isBusy}>
          {words.newPasswordSave}
        </Button>
      </form>
    </Step>
  );
}
