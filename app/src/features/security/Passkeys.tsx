/** @file The passkeys of a member: which there are, a new one, another name, taking one away. */
import { KeyRound, Pencil } from "lucide-react";
import { useState, type ReactNode } from "react";
import type { MadePasskey, PasskeyView, SecurityView } from "../../domain/security.ts";
import { useAction, useHome, useLoaded } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { text } from "../../text/index.ts";
import { sayDay, sayWhen } from "../../text/phrases.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { Dialog, DialogActions } from "../../ui/Dialog.tsx";
import { TextField } from "../../ui/Field.tsx";
import { Section } from "../../ui/Page.tsx";
import { useToast } from "../../ui/Toast.tsx";
import { RemoveButton } from "./RemoveButton.tsx";

const words = text.security;
const NAME_LENGTH_MAX = 64;

interface PasskeysProps {
  readonly view: SecurityView;
  readonly onChanged: () => void;
}

export function Passkeys({ view, onChanged }: PasskeysProps): ReactNode {
  const [isAdding, setAdding] = useState(false);
  const { passkeys, passkeyUse } = view;
  return (
    <Section title={words.passkeys} lead={words.passkeysLead}>
      {passkeys.length === 0 && passkeyUse === "yes" && <p className="text-soft">{words.passkeysNone}</p>}
      {passkeyUse === "needs-a-name" && <p className="text-soft">{words.passkeysNeedAName}</p>}
      {passkeyUse === "not-here" && <p className="text-soft">{words.passkeysNotHere}</p>}
      {passkeys.length > 0 && (
        <ul aria-label={words.passkeys} className="divide-y divide-line">
          {passkeys.map((passkey) => (
            <Passkey key={passkey.id} passkey={passkey} onChanged={onChanged} />
          ))}
        </ul>
      )}
      {passkeyUse === "yes" && (
        <Button className="self-start" icon={<KeyRound aria-hidden className="size-5" />} onClick={() => setAdding(true)}>
          {words.addPasskey}
        </Button>
      )}
      {isAdding && <AddPasskey onClose={() => setAdding(false)} onAdded={onChanged} />}
    </Section>
  );
}

function Passkey({ passkey, onChanged }: { readonly passkey: PasskeyView; readonly onChanged: () => void }): ReactNode {
  const model = useHome();
  const [nowUs] = useState(() => model.nowUs());
  const [isNaming, setNaming] = useState(false);
  const { id, name: given, place, madeUs, usedUs, opens, isSynced } = passkey;
  const name = given ?? words.passkeyUnnamed;
  const line = words.passkeyLine([words.places[place], isSynced ? words.synced : "", words.made(sayDay(madeUs, nowUs, "inside")), usedUs === null ? "" : words.used(sayWhen(usedUs, nowUs))]);
  return (
    <li className="flex items-center gap-x-1 py-3">
      <div className="min-w-0 flex-1">
        <p className="font-medium">{name}</p>
        <p className="text-sm text-soft">{line}</p>
        {!opens && <p className="text-sm text-soft">{words.signsInOnly}</p>}
      </div>
      <IconButton label={words.renamePasskey(name)} icon={<Pencil aria-hidden className="size-5" />} onClick={() => setNaming(true)} />
      <RemoveButton
        label={words.removePasskey(name)}
        isIcon
        title={words.removePasskeyTitle(name)}
        lead={words.removePasskeyLead}
        done={words.passkeyRemoved}
        remove={() => model.security.removePasskey(id)}
        onRemoved={onChanged}
      />
      {isNaming && <RenamePasskey passkey={passkey} name={name} onClose={() => setNaming(false)} onRenamed={onChanged} />}
    </li>
  );
}

function AddPasskey({ onClose, onAdded }: { readonly onClose: () => void; readonly onAdded: () => void }): ReactNode {
  const model = useHome();
  const say = useToast();
  const [sessions] = useLoaded(() => model.sessions(), "own");
  const [typed, setTyped] = useState<string | null>(null);
  const [made, setMade] = useState<MadePasskey | null>(null);
  const add = useAction(model.security.addPasskey.bind(model.security));
  const touch = useAction(model.security.openWithPasskey.bind(model.security));
  const own = sessions.kind === "ready" ? sessions.value.find(({ isThis }) => isThis) : undefined;
  const offer = text.signIn.offer;
  const name = typed ?? offer.defaultName(own?.system ?? null);
  const end = (opens: boolean) => {
    say({ message: opens ? offer.made : offer.madeSignsIn });
    onAdded();
    onClose();
  };
  if (made !== null) {
    return (
      <Dialog isOpen onClose={() => end(false)} title={offer.touchTitle} description={offer.touchLead} closeLabel={text.common.close} isHeld={touch.isBusy}>
        <ProblemNotice problem={touch.problem} />
        <DialogActions>
          <Button onClick={() => end(false)}>{offer.later}</Button>
          <Button tone="primary" isBusy={touch.isBusy} onClick={() => void touch.start(made.id).then((done) => { if (done !== undefined) end(true); })}>
            {offer.touch}
          </Button>
        </DialogActions>
      </Dialog>
    );
  }
  return (
    <Dialog isOpen onClose={onClose} title={words.addPasskey} description={words.addPasskeyLead} closeLabel={text.common.close} isHeld={add.isBusy}>
      <form
        className="flex flex-col gap-4"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void add.start(name).then((done) => {
            if (done === undefined) return;
            if (!done.value.opens && done.value.mayOpenLater) setMade(done.value);
            else end(done.value.opens);
          });
        }}
      >
        <ProblemNotice problem={add.problem} />
        <TextField label={words.passkeyName} value={name} onValue={setTyped} help={words.passkeyNameHelp} maxLength={NAME_LENGTH_MAX} autoComplete="off" />
        <DialogActions>
          <Button onClick={onClose}>{text.common.cancel}</Button>
          <Button tone="primary" type="submit" isBusy={add.isBusy}>
            {add.isBusy ? offer.making : offer.make}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

interface RenameProps {
  readonly passkey: PasskeyView;
  readonly name: string;
  readonly onClose: () => void;
  readonly onRenamed: () => void;
}

function RenamePasskey({ passkey, name, onClose, onRenamed }: RenameProps): ReactNode {
  const model = useHome();
  const say = useToast();
  const [typed, setTyped] = useState(passkey.name ?? "");
  const rename = useAction(model.security.renamePasskey.bind(model.security));
  return (
    <Dialog isOpen onClose={onClose} title={words.renamePasskey(name)} closeLabel={text.common.close} isHeld={rename.isBusy}>
      <form
        className="flex flex-col gap-4"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void rename.start(passkey.id, typed).then((done) => {
            if (done === undefined) return;
            say({ message: words.passkeyRenamed });
            onRenamed();
            onClose();
          });
        }}
      >
        <ProblemNotice problem={rename.problem} />
        <TextField label={words.passkeyName} value={typed} onValue={setTyped} help={words.passkeyNameHelp} maxLength={NAME_LENGTH_MAX} autoComplete="off" autoFocus />
        <DialogActions>
          <Button onClick={onClose}>{text.common.cancel}</Button>
          <Button tone="primary" type="submit" isBusy={rename.isBusy}>
            {text.common.save}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
