/** @file Coming back: a passkey first, then name and password, or the recovery kit. */
import { KeyRound } from "lucide-react";
import { useEffect, useRef, useState, type ReactNode } from "react";
import type { Problem, SignedOutReason } from "../../domain/home.ts";
import { settle, useAction, useHome } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { text } from "../../text/index.ts";
import { Button } from "../../ui/Button.tsx";
import { PasswordField, TextField } from "../../ui/Field.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Step } from "../../ui/Page.tsx";
import { WithKit } from "./WithKit.tsx";

/** A passkey's challenge lives for five minutes; the one that waits beside the name field is renewed before. */
const QUIET_MS = 240_000;

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
  const passkey = usePasskey();
  const signIn = useAction(model.signIn.bind(model));
  const why = words.reasons[reason];
  const problem = signIn.problem ?? passkey.problem;
  return (
    <Step key="password" title={words.title}>
      {why !== null && problem === null && cause === null && <Notice title={why} isLive />}
      <ProblemNotice problem={problem ?? cause} />
      {passkey.use === "yes" && (
        <>
          <Button tone="primary" icon={<KeyRound aria-hidden className="size-5" />} isBusy={passkey.isBusy} onClick={passkey.start}>
            {passkey.isBusy ? words.usingPasskey : words.usePasskey}
          </Button>
          <p className="flex items-center gap-3 text-soft before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">{words.orPassword}</p>
        </>
      )}
      <form
        className="flex flex-col gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          passkey.clear();
          void signIn.start({ memberName: memberName.trim(), password });
        }}
      >
        {/* Browsers that can offer passkeys offer them in this field. */}
        <TextField label={words.nameLabel} value={memberName} onValue={onName} autoComplete="username webauthn" required maxLength={64} autoFocus />
        <PasswordField
          label={words.passwordLabel}
          value={password}
          onValue={setPassword}
          autoComplete="current-password"
          required
          showLabel={text.common.showPassword}
          hideLabel={text.common.hidePassword}
        />
        <Button tone={passkey.use === "yes" ? "plain" : "primary"} type="submit" isBusy={signIn.isBusy}>
          {signIn.isBusy ? words.submitting : words.submit}
        </Button>
        <Button tone="quiet" onClick={onKit}>
          {words.useKit}
        </Button>
      </form>
    </Step>
  );
}

interface Passkey {
  readonly use: "yes" | "no" | "asking";
  readonly isBusy: boolean;
  readonly problem: Problem | null;
  readonly start: () => void;
  readonly clear: () => void;
}

/** The button, and the passkey that the browser offers by itself while nobody has pressed it. Only one may wait at a time. */
function usePasskey(): Passkey {
  const model = useHome();
  const [use, setUse] = useState<Passkey["use"]>("asking");
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const running = useRef<AbortController | null>(null);
  const tools = useRef({
    quietly: async (): Promise<void> => {
      for (;;) {
        const mine = (running.current = new AbortController());
        const renew = setTimeout(() => mine.abort(), QUIET_MS);
        const done = await settle(model.signingIn.withPasskey({ quietly: true, signal: mine.signal }));
        clearTimeout(renew);
        if (running.current !== mine) return;
        if (done.ok) return;
        if (done.problem.code === "cancelled") continue;
        // What the browser offered by itself and nobody took is no problem of theirs.
        if (done.problem.code === "passkey-wrong") setProblem(done.problem);
        return;
      }
    },
  });
  useEffect(() => {
    let isCurrent = true;
    void model.signingIn.passkeys().then(({ use: can, isOfferedByBrowser }) => {
      if (!isCurrent) return;
      setUse(can === "yes" ? "yes" : "no");
      if (isOfferedByBrowser) void tools.current.quietly();
    });
    return () => {
      isCurrent = false;
      const last = running.current;
      running.current = null;
      last?.abort();
    };
  }, [model]);
  const start = (): void => {
    const before = running.current;
    const mine = (running.current = new AbortController());
    before?.abort();
    setProblem(null);
    setBusy(true);
    void settle(model.signingIn.withPasskey({ quietly: false, signal: mine.signal })).then((done) => {
      setBusy(false);
      if (!done.ok && done.problem.code !== "cancelled") setProblem(done.problem);
    });
  };
  return { use, isBusy, problem, start, clear: () => setProblem(null) };
}
