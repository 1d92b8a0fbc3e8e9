/** @file An authenticator app as the second step: scan or type its secret, type back a code, or turn it off. */
import { useState, type ReactNode } from "react";
import type { TotpDraft } from "../../domain/security.ts";
import { useAction, useHome } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { text } from "../../text/index.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog, DialogActions } from "../../ui/Dialog.tsx";
import { TextField } from "../../ui/Field.tsx";
import { useToast } from "../../ui/Toast.tsx";
import { QrCode } from "../people/QrCode.tsx";
import { RemoveButton } from "./RemoveButton.tsx";

const words = text.security;
const DIGITS = 6;

export function AuthenticatorApp({ isOn, onChanged }: { readonly isOn: boolean; readonly onChanged: () => void }): ReactNode {
  const model = useHome();
  const [draft, setDraft] = useState<TotpDraft | null>(null);
  const start = useAction(model.security.startTotp.bind(model.security));
  return (
    <div className="flex flex-wrap items-center gap-3">
      <div className="min-w-0 flex-1 basis-56">
        <h3 className="font-semibold">{words.app}</h3>
        <p className="text-sm text-soft">{isOn ? words.appOn : words.appOff}</p>
      </div>
      {isOn ? (
        <RemoveButton label={words.removeApp} title={words.removeAppTitle} lead={words.removeAppLead} done={words.appRemoved} remove={() => model.security.removeTotp()} onRemoved={onChanged} />
      ) : (
        <Button size="small" aria-label={`${words.setUpApp}: ${words.app}`} isBusy={start.isBusy} onClick={() => void start.start().then((done) => { if (done !== undefined) setDraft(done.value); })}>
          {words.setUpApp}
        </Button>
      )}
      <ProblemNotice problem={start.problem} />
      {draft !== null && <SetUp draft={draft} onClose={() => setDraft(null)} onDone={onChanged} />}
    </div>
  );
}

interface SetUpProps {
  readonly draft: TotpDraft;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

function SetUp({ draft, onClose, onDone }: SetUpProps): ReactNode {
  const [isScanned, setScanned] = useState(false);
  if (isScanned) return <Confirm onClose={onClose} onBack={() => setScanned(false)} onDone={onDone} />;
  return (
    <Dialog isOpen onClose={onClose} title={words.appScanTitle} description={words.appScanLead} closeLabel={text.common.close}>
      <div className="flex justify-center">
        <QrCode value={draft.uri} label={words.appQr} />
      </div>
      <p>{words.appType}</p>
      <p aria-label={words.appSecret} role="group" className="rounded-control bg-sunken p-3 text-center font-mono text-lg break-words select-all">
        {draft.secret}
      </p>
      <DialogActions>
        <Button onClick={onClose}>{text.common.cancel}</Button>
        <Button tone="primary" onClick={() => setScanned(true)}>
          {words.appNext}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function Confirm({ onClose, onBack, onDone }: { readonly onClose: () => void; readonly onBack: () => void; readonly onDone: () => void }): ReactNode {
  const model = useHome();
  const say = useToast();
  const [code, setCode] = useState("");
  const [error, setError] = useState<string>();
  const confirm = useAction(model.security.confirmTotp.bind(model.security));
  return (
    <Dialog isOpen onClose={onClose} title={words.appConfirmTitle} description={words.appConfirmLead} closeLabel={text.common.close} isHeld={confirm.isBusy}>
      <form
        className="flex flex-col gap-4"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (code.replaceAll(/\D/g, "").length !== DIGITS) {
            setError(words.appCodeShort);
            return;
          }
          void confirm.start(code).then((done) => {
            if (done === undefined) return;
            say({ message: words.appAdded });
            onDone();
            onClose();
          });
        }}
      >
        <ProblemNotice problem={confirm.problem} />
        <TextField
          label={words.appCode}
          value={code}
          onValue={(typed) => {
            setError(undefined);
            setCode(typed);
          }}
          error={error}
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={7}
          className="font-mono text-xl tracking-widest"
          autoFocus
        />
        <DialogActions>
          <Button onClick={onBack}>{text.common.back}</Button>
          <Button tone="primary" type="submit" isBusy={confirm.isBusy}>
            {words.appConfirm}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
