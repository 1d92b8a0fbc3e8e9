/** @file Security: the ways into one's account, and what is asked for where a browser is new. */
import { ShieldCheck } from "lucide-react";
import { useState, type ReactNode } from "react";
import type { SecurityView } from "../../domain/security.ts";
import { useAction, useHome, useHousehold, useLoaded } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { BackTo } from "../../navigation/BackTo.tsx";
import { Link } from "../../navigation/Link.tsx";
import { text } from "../../text/index.ts";
import { sayDay, sayMomentInside } from "../../text/phrases.ts";
import { Button, buttonClass } from "../../ui/Button.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Column, Heading, Section } from "../../ui/Page.tsx";
import { Skeleton } from "../../ui/Progress.tsx";
import { useToast } from "../../ui/Toast.tsx";
import { AuthenticatorApp } from "./AuthenticatorApp.tsx";
import { ChangePassword } from "./ChangePassword.tsx";
import { Passkeys } from "./Passkeys.tsx";
import { RecoveryCodes } from "./RecoveryCodes.tsx";
import { RemoveButton } from "./RemoveButton.tsx";

const words = text.security;

export function Security(): ReactNode {
  const model = useHome();
  const [loaded, reload] = useLoaded(() => model.security.view(), "security");
  // The page stays while it is read anew: what one has just changed must not make it jump.
  const [last, setLast] = useState<SecurityView | null>(null);
  if (loaded.kind === "ready" && loaded.value !== last) setLast(loaded.value);
  const view = loaded.kind === "ready" ? loaded.value : last;
  return (
    <Column>
      <header className="flex flex-col gap-1">
        <BackTo to={{ kind: "settings" }} label={text.settings.title} />
        <Heading>{words.title}</Heading>
        <p className="text-soft">{words.lead}</p>
      </header>
      <ProblemNotice problem={loaded.kind === "failed" ? loaded.problem : null} onRetry={reload} />
      {view === null ? loaded.kind === "loading" && <Skeleton className="h-64" /> : <Ways view={view} onChanged={reload} />}
    </Column>
  );
}

interface WaysProps {
  readonly view: SecurityView;
  readonly onChanged: () => void;
}

/** How many ways open this home without another. */
function countWays({ passkeys, passwordSinceUs, kitSinceUs }: SecurityView): number {
  return passkeys.filter(({ opens }) => opens).length + Number(passwordSinceUs !== null) + Number(kitSinceUs !== null);
}

function Ways({ view, onChanged }: WaysProps): ReactNode {
  const model = useHome();
  const [nowUs] = useState(() => model.nowUs());
  const count = countWays(view);
  const { powersFromUs, recoveryUntilUs } = view;
  return (
    <>
      {powersFromUs !== null && <Notice tone="warning" title={words.powersWait(sayMomentInside(powersFromUs, nowUs, "minute"))} />}
      {recoveryUntilUs !== null && <Recovery untilUs={recoveryUntilUs} onStopped={onChanged} />}
      {count < 2 ? (
        <Notice tone="warning" title={words.waysFew} />
      ) : (
        <p className="flex items-start gap-2 font-medium">
          <ShieldCheck aria-hidden className="mt-0.5 size-5 shrink-0 text-accent" />
          {words.waysEnough(count)}
        </p>
      )}
      <Passkeys view={view} onChanged={onChanged} />
      <Password view={view} onChanged={onChanged} />
      <Kit view={view} onChanged={onChanged} />
      <Section title={words.second} lead={words.secondLead}>
        <AuthenticatorApp isOn={view.hasTotp} onChanged={onChanged} />
        <hr className="border-line" />
        <RecoveryCodes left={view.recoveryCodes} onChanged={onChanged} />
      </Section>
    </>
  );
}

function Recovery({ untilUs, onStopped }: { readonly untilUs: number; readonly onStopped: () => void }): ReactNode {
  const model = useHome();
  const say = useToast();
  const { memberId } = useHousehold();
  const stop = useAction(() => model.security.stopRecovery(memberId));
  return (
    <Notice tone="danger" title={words.recovery} isLive>
      <p>{words.recoveryLead(sayMomentInside(untilUs, model.nowUs(), "minute"))}</p>
      <Button
        tone="danger"
        isBusy={stop.isBusy}
        onClick={() =>
          void stop.start().then((done) => {
            if (done !== undefined) say({ message: words.recoveryStopped });
            onStopped();
          })
        }
      >
        {words.stopRecovery}
      </Button>
      <ProblemNotice problem={stop.problem} />
    </Notice>
  );
}

function Password({ view, onChanged }: WaysProps): ReactNode {
  const model = useHome();
  const [isChanging, setChanging] = useState(false);
  const { passwordSinceUs } = view;
  const opens = view.passkeys.some((passkey) => passkey.opens);
  return (
    <Section title={words.password} lead={passwordSinceUs === null ? words.passwordNone : words.passwordSince(sayDay(passwordSinceUs, model.nowUs(), "inside"))}>
      <div className="flex flex-wrap gap-3">
        <Button onClick={() => setChanging(true)}>{passwordSinceUs === null ? words.setPassword : words.changePassword}</Button>
        {passwordSinceUs !== null && opens && (
          <RemoveButton
            label={words.removePassword}
            title={words.removePasswordTitle}
            lead={words.removePasswordLead}
            done={words.passwordRemoved}
            remove={() => model.security.removePassword()}
            onRemoved={onChanged}
          />
        )}
      </div>
      {isChanging && <ChangePassword onClose={() => setChanging(false)} onChanged={onChanged} />}
    </Section>
  );
}

function Kit({ view, onChanged }: WaysProps): ReactNode {
  const model = useHome();
  const { kitSinceUs } = view;
  return (
    <Section title={words.kit} lead={kitSinceUs === null ? words.kitNone : words.kitSince(sayDay(kitSinceUs, model.nowUs(), "inside"))}>
      <div className="flex flex-wrap gap-3">
        <Link to={{ kind: "kit" }} className={buttonClass("plain")}>
          {words.makeKit}
        </Link>
        {kitSinceUs !== null && (
          <RemoveButton label={words.removeKit} title={words.removeKitTitle} lead={words.removeKitLead} done={words.kitRemoved} remove={() => model.security.removeKit()} onRemoved={onChanged} />
        )}
      </div>
    </Section>
  );
}
