/** @file "Please show that it is you": one dialog for whatever needs a fresh proof, over any screen. */
import { KeyRound } from "lucide-react";
import { useState, type ReactNode } from "react";
import type { FreshProof as Proof, StepUpView } from "../../domain/signIn.ts";
import { useAction, useHome, useSnapshot } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { text } from "../../text/index.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { PasswordField } from "../../ui/Field.tsx";
import { isWholeKit, KitField } from "./KitField.tsx";

export function FreshProof(): ReactNode {
  const { stepUp } = useSnapshot();
  return stepUp === null ? null : <Ask stepUp={stepUp} />;
}

function Ask({ stepUp }: { readonly stepUp: StepUpView }): ReactNode {
  const model = useHome();
  const words = text.signIn.fresh;
  const has = (proof: Proof) => stepUp.proofs.includes(proof);
  const [typed, setTyped] = useState<"password" | "kit">(has("password") ? "password" : "kit");
  const [password, setPassword] = useState("");
  const [kit, setKit] = useState("");
  const [error, setError] = useState<string>();
  const passkey = useAction(() => model.stepUp.withPasskey());
  const other = useAction(() => (typed === "password" ? model.stepUp.withPassword(password) : model.stepUp.withKit(kit)));
  const isBusy = passkey.isBusy || other.isBusy;
  return (
    <Dialog isOpen onClose={() => model.stepUp.cancel()} title={words.title} description={words.lead} closeLabel={text.common.cancel} isHeld={isBusy}>
      <ProblemNotice problem={passkey.problem ?? other.problem} />
      {has("passkey") && (
        <Button tone="primary" icon={<KeyRound aria-hidden className="size-5" />} isBusy={passkey.isBusy} onClick={() => void passkey.start()}>
          {passkey.isBusy ? text.signIn.usingPasskey : words.passkey}
        </Button>
      )}
      <form
        className="flex flex-col gap-4"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (typed === "kit" && !isWholeKit(kit)) setError(text.signIn.kitShort);
          else if (typed === "kit" || password !== "") void other.start().then((done) => { if (done === undefined) setPassword(""); });
        }}
      >
        {typed === "password" ? (
          <PasswordField
            label={text.signIn.passwordLabel}
            value={password}
            onValue={setPassword}
            autoComplete="current-password"
            showLabel={text.common.showPassword}
            hideLabel={text.common.hidePassword}
            autoFocus={!has("passkey")}
          />
        ) : (
          <KitField value={kit} onValue={(value) => { setError(undefined); setKit(value); }} error={error} />
        )}
        <Button tone={has("passkey") ? "plain" : "primary"} type="submit" isBusy={other.isBusy}>
          {words.password}
        </Button>
        {has("password") && has("kit") && (
          <Button tone="quiet" onClick={() => setTyped(typed === "kit" ? "password" : "kit")}>
            {typed === "kit" ? words.usePassword : words.useKit}
          </Button>
        )}
      </form>
    </Dialog>
  );
}
