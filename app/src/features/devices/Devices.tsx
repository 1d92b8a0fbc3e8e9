/** @file Where this member is signed in, what is watched there, and ending it: one, all others, all. */
import { useState, type ReactNode } from "react";
import type { SessionView } from "../../domain/home.ts";
import { useAction, useHome, useLoaded } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { BackTo } from "../../navigation/BackTo.tsx";
import { text } from "../../text/index.ts";
import { sayWhen } from "../../text/phrases.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog, DialogActions } from "../../ui/Dialog.tsx";
import { Column, Heading, Section } from "../../ui/Page.tsx";
import { Skeleton } from "../../ui/Progress.tsx";
import { useToast } from "../../ui/Toast.tsx";

const words = text.devices;

export function Devices(): ReactNode {
  const model = useHome();
  const say = useToast();
  const [loaded, reload] = useLoaded(() => model.sessions(), "sessions");
  const endOthers = useAction(model.endOtherSessions.bind(model));
  const others = loaded.kind === "ready" ? loaded.value.filter((session) => !session.isThis) : [];
  return (
    <Column>
      <header className="flex flex-col gap-1">
        <BackTo to={{ kind: "settings" }} label={text.settings.title} />
        <Heading>{words.title}</Heading>
        <p className="text-soft">{loaded.kind === "ready" && others.length === 0 ? words.onlyThis : words.lead}</p>
      </header>
      <ProblemNotice problem={loaded.kind === "failed" ? loaded.problem : endOthers.problem} onRetry={reload} />
      {loaded.kind === "loading" && <Skeleton className="h-32" />}
      {loaded.kind === "ready" && (
        <ul aria-label={words.title} className="divide-y divide-line rounded-card border border-line bg-card px-5">
          {loaded.value.map((session) => (
            <Session key={session.id} session={session} onEnded={reload} />
          ))}
        </ul>
      )}
      {others.length > 0 && (
        <Button
          className="self-start"
          isBusy={endOthers.isBusy}
          onClick={() =>
            void endOthers.start().then((ended) => {
              if (ended !== undefined) say({ message: words.ended(ended.value.endedCount) });
              reload();
            })
          }
        >
          {words.endOthers}
        </Button>
      )}
      <Leave />
    </Column>
  );
}

function Session({ session, onEnded }: { readonly session: SessionView; readonly onEnded: () => void }): ReactNode {
  const model = useHome();
  const say = useToast();
  const [nowUs] = useState(() => model.nowUs());
  const end = useAction(model.endSession.bind(model));
  const name = words.name(session.browser, session.system);
  const { startedUs, lastUsedUs, network, isThis, watching } = session;
  return (
    <li className="flex flex-wrap items-center gap-3 py-4">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2 font-medium">
          {name}
          {isThis && <span className="rounded-full bg-accent-wash px-2.5 py-0.5 text-sm">{words.thisSession}</span>}
        </p>
        <p className="text-sm text-soft">{words.times(sayWhen(startedUs, nowUs), sayWhen(lastUsedUs, nowUs), isThis ? null : words.networks[network])}</p>
        {watching.length > 0 && <p className="text-sm font-medium">{words.watching(watching)}</p>}
      </div>
      {!isThis && (
        <Button
          size="small"
          aria-label={words.endOf(name)}
          isBusy={end.isBusy}
          onClick={() =>
            void end.start(session.id).then((done) => {
              if (done !== undefined) say({ message: words.ended(1) });
              onEnded();
            })
          }
        >
          {words.end}
        </Button>
      )}
      {end.problem !== null && (
        <div className="w-full">
          <ProblemNotice problem={end.problem} />
        </div>
      )}
    </li>
  );
}

/** Leaving for good: this browser, or all of them. */
function Leave(): ReactNode {
  const model = useHome();
  const [isAsking, setAsking] = useState(false);
  const forget = useAction(() => model.signOut({ forgetBrowser: true }));
  const all = useAction(model.endAllSessions.bind(model));
  return (
    <Section title={words.leave}>
      <ProblemNotice problem={forget.problem} />
      <div className="flex flex-col items-start gap-1.5">
        <Button isBusy={forget.isBusy} onClick={() => void forget.start()}>
          {words.leaveAndForget}
        </Button>
        <p className="text-sm text-soft">{words.leaveAndForgetHelp}</p>
      </div>
      <Button className="self-start" onClick={() => setAsking(true)}>
        {words.endAll}
      </Button>
      <Dialog isOpen={isAsking} onClose={() => setAsking(false)} title={words.endAllTitle} description={words.endAllLead} closeLabel={text.common.close} isHeld={all.isBusy} tone="danger">
        <ProblemNotice problem={all.problem} />
        <DialogActions>
          <Button onClick={() => setAsking(false)}>{text.common.cancel}</Button>
          <Button tone="danger" isBusy={all.isBusy} onClick={() => void all.start()}>
            {words.endAll}
          </Button>
        </DialogActions>
      </Dialog>
    </Section>
  );
}
