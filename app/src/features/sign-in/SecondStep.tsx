/** @file The second step: which proof, then that proof. One question a screen. */
import { ChevronRight } from "lucide-react";
import { useState, type ReactNode } from "react";
import type { Outcome, Problem } from "../../domain/home.ts";
import type { SecondProof, SecondStepView } from "../../domain/signIn.ts";
import { useAction, useHome } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { text } from "../../text/index.ts";
import { Button } from "../../ui/Button.tsx";
import { PasswordField, TextField } from "../../ui/Field.tsx";
import { Step } from "../../ui/Page.tsx";
import { isWholeKit, KitField } from "./KitField.tsx";

const words = text.signIn.second;

export function SecondStep({ step }: { readonly step: SecondStepView }): ReactNode {
  const [chosen, choose] = useState<SecondProof | null>(null);
  const only = step.offers.length === 1 ? (step.offers[0] ?? null) : null;
  const proof = step.number !== null ? "approval" : (chosen ?? only);
  if (proof === null) return <Choose step={step} onChoose={choose} />;
  const frame = { onOther: step.offers.length > 1 && step.number === null ? () => choose(null) : null };
  switch (proof) {
    case "totp":
      return <Totp {...frame} />;
    case "recovery-code":
      return <RecoveryCode {...frame} />;
    case "kit":
      return <Kit {...frame} />;
    case "password":
      return <Password {...frame} />;
    case "passkey":
      return <Passkey {...frame} />;
    case "approval":
      return <Approval {...frame} number={step.number} />;
    case "wait":
      return <Wait {...frame} />;
  }
}

function Choose({ step, onChoose }: { readonly step: SecondStepView; readonly onChoose: (proof: SecondProof) => void }): ReactNode {
  const model = useHome();
  return (
    <Step key="choose" title={words.title} lead={words.lead[step.after]}>
      <ul className="flex flex-col gap-3">
        {step.offers.map((offer) => {
          const { label, help } = words.choices[offer];
          return (
            <li key={offer}>
              <button
                type="button"
                aria-label={label}
                onClick={() => onChoose(offer)}
                className="flex min-h-16 w-full items-center gap-3 rounded-card border border-edge bg-card px-5 py-3 text-left hover:bg-sunken"
              >
                <span className="min-w-0 flex-1">
                  <span className="block font-semibold">{label}</span>
                  <span className="block text-sm text-soft">{help}</span>
                </span>
                <ChevronRight aria-hidden className="size-5 shrink-0 text-soft" />
              </button>
            </li>
          );
        })}
      </ul>
      <Button tone="quiet" onClick={() => model.signingIn.startOver()}>
        {words.startOver}
      </Button>
    </Step>
  );
}

interface FrameProps {
  /** Back to the choice; null: there is no other. */
  readonly onOther: (() => void) | null;
}

interface ProofProps extends FrameProps {
  readonly title: string;
  readonly lead?: string;
  readonly action: { readonly problem: Problem | null; readonly isBusy: boolean };
  readonly submit?: string;
  readonly onSubmit: () => void;
  readonly children?: ReactNode;
}

/** One proof: what is asked, the button, and the ways out. */
function Proof({ title, lead, action, submit = words.check, onSubmit, onOther, children }: ProofProps): ReactNode {
  const model = useHome();
  return (
    <Step title={title} {...(lead === undefined ? {} : { lead })} {...(onOther === null ? {} : { back: { label: words.other, run: onOther } })}>
      <form
        className="flex flex-col gap-5"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        <ProblemNotice problem={action.problem} />
        {children}
        <Button tone="primary" type="submit" isBusy={action.isBusy}>
          {submit}
        </Button>
        <Button tone="quiet" onClick={onOther ?? (() => model.signingIn.startOver())}>
          {onOther === null ? words.startOver : words.other}
        </Button>
      </form>
    </Step>
  );
}

/** A field whose text is the proof; emptied when it was wrong. */
function useTyped(prove: (typed: string) => Promise<Outcome<void>>) {
  const [value, onValue] = useState("");
  const action = useAction(prove);
  const submit = () => {
    if (value.trim() === "") return;
    void action.start(value).then((done) => { if (done === undefined) onValue(""); });
  };
  return { value, onValue, action, submit };
}

function Totp({ onOther }: FrameProps): ReactNode {
  const model = useHome();
  const { value, onValue, action, submit } = useTyped((code) => model.signingIn.withTotp(code));
  return (
    <Proof title={words.totpTitle} lead={words.totpLead} action={action} onSubmit={submit} onOther={onOther}>
      <TextField label={words.totpLabel} value={value} onValue={onValue} inputMode="numeric" autoComplete="one-time-code" maxLength={7} className="font-mono text-xl tracking-widest" autoFocus />
    </Proof>
  );
}

function RecoveryCode({ onOther }: FrameProps): ReactNode {
  const model = useHome();
  const { value, onValue, action, submit } = useTyped((code) => model.signingIn.withRecoveryCode(code));
  return (
    <Proof title={words.codeTitle} lead={words.codeLead} action={action} onSubmit={submit} onOther={onOther}>
      <TextField label={words.codeLabel} value={value} onValue={(typed) => onValue(typed.toUpperCase())} autoComplete="off" autoCapitalize="characters" spellCheck={false} maxLength={32} className="font-mono" autoFocus />
    </Proof>
  );
}

function Kit({ onOther }: FrameProps): ReactNode {
  const model = useHome();
  const [error, setError] = useState<string>();
  const { value, onValue, action, submit } = useTyped((kit) => model.signingIn.withKitToo(kit));
  return (
    <Proof title={words.kitTitle} lead={words.lead.password} action={action} onSubmit={() => { if (isWholeKit(value)) submit(); else setError(text.signIn.kitShort); }} onOther={onOther}>
      <KitField value={value} onValue={(typed) => { setError(undefined); onValue(typed); }} error={error} autoFocus />
    </Proof>
  );
}

function Password({ onOther }: FrameProps): ReactNode {
  const model = useHome();
  const { value, onValue, action, submit } = useTyped((password) => model.signingIn.withPasswordToo(password));
  return (
    <Proof title={words.passwordTitle} lead={words.lead.kit} action={action} onSubmit={submit} onOther={onOther}>
      <PasswordField label={text.signIn.passwordLabel} value={value} onValue={onValue} autoComplete="current-password" showLabel={text.common.showPassword} hideLabel={text.common.hidePassword} autoFocus />
    </Proof>
  );
}

function Passkey({ onOther }: FrameProps): ReactNode {
  const model = useHome();
  const action = useAction(() => model.signingIn.withPasskeyToo());
  return <Proof title={words.passkeyTitle} lead={words.passkeyLead} action={action} submit={text.signIn.usePasskey} onSubmit={() => void action.start()} onOther={onOther} />;
}

function Approval({ number, onOther }: FrameProps & { readonly number: string | null }): ReactNode {
  const model = useHome();
  const action = useAction(() => model.signingIn.askOtherDevice());
  if (number === null) {
    return <Proof title={words.approvalTitle} lead={words.approvalReady} action={action} submit={words.approvalAsk} onSubmit={() => void action.start()} onOther={onOther} />;
  }
  return (
    <Step key="number" title={words.approvalTitle} lead={words.approvalLead}>
      <p role="img" aria-label={words.approvalNumber(number)} className="self-center rounded-card border-2 border-accent bg-card px-10 py-6 text-6xl font-bold tracking-wider tabular-nums">
        {number}
      </p>
      <p role="status" className="animate-breathe text-center font-medium">
        {words.approvalWaiting}
      </p>
      <Button tone="quiet" onClick={() => model.signingIn.startOver()}>
        {words.startOver}
      </Button>
    </Step>
  );
}

function Wait({ onOther }: FrameProps): ReactNode {
  const model = useHome();
  const action = useAction(() => model.signingIn.waitThreeDays());
  return <Proof title={words.waitTitle} lead={words.waitLead} action={action} submit={words.waitStart} onSubmit={() => void action.start()} onOther={onOther} />;
}
