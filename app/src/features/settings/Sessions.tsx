/** @file Where this member is signed in, and ending it. */
import { useState, type ReactNode } from "react";
import type { SessionView } from "../../domain/home.ts";
import { useAction, useHome, useLoaded } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { text } from "../../text/index.ts";
import { sayWhen } from "../../text/phrases.ts";
import { Button } from "../../ui/Button.tsx";
import { Section } from "../../ui/Page.tsx";
import { Skeleton } from "../../ui/Progress.tsx";
import { useToast } from "../../ui/Toast.tsx";

export function Sessions(): ReactNode {
  const model = useHome();
  const words = text.settings;
  const say = useToast();
  const [loaded, reload] = useLoaded(() => model.sessions(), "sessions");
  const endOthers = useAction(model.endOtherSessions.bind(model));
  const others = loaded.kind === "ready" ? loaded.value.filter((session) => !session.isThis) : [];
  return (
    <Section title={words.sessions} lead={others.length === 0 ? words.onlyThis : words.sessionsLead}>
      <ProblemNotice problem={loaded.kind === "failed" ? loaded.problem : endOthers.problem} onRetry={reload} />
      {loaded.kind === "loading" && <Skeleton className="h-16" />}
      {loaded.kind === "ready" && (
        <ul className="divide-y divide-line">
          {loaded.value.map((session) => (
            <Session key={session.id} session={session} onEnded={reload} />
          ))}
        </ul>
      )}
      {others.length > 1 && (
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
    </Section>
  );
}

function Session({ session, onEnded }: { readonly session: SessionView; readonly onEnded: () => void }): ReactNode {
  const model = useHome();
  const say = useToast();
  const words = text.settings;
  const [nowUs] = useState(() => model.nowUs());
  const end = useAction(model.endSession.bind(model));
  const name = words.sessionName(session.browser, session.system);
  return (
    <li className="flex flex-wrap items-center gap-3 py-3">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2 font-medium">
          {name}
          {session.isThis && <span className="rounded-full bg-accent-wash px-2.5 py-0.5 text-sm">{words.thisSession}</span>}
        </p>
        <p className="text-sm text-soft">{words.sessionTimes(sayWhen(session.startedUs, nowUs), sayWhen(session.lastUsedUs, nowUs))}</p>
      </div>
      {!session.isThis && (
        <Button
          size="small"
          aria-label={words.endSessionOf(name)}
          isBusy={end.isBusy}
          onClick={() =>
            void end.start(session.id).then((done) => {
              if (done !== undefined) say({ message: words.ended(1) });
              onEnded();
            })
          }
        >
          {words.endSession}
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
