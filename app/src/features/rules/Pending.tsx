/** @file What becomes looser unless somebody stops it: who asked for what, when it takes effect, and one button that keeps it as it is. */
import { Hourglass } from "lucide-react";
import type { ReactNode } from "react";
import type { PendingView } from "../../domain/rules.ts";
import { useAction, useHome, useHousehold, useNow } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { text } from "../../text/index.ts";
import { sayMomentInside } from "../../text/phrases.ts";
import { Button } from "../../ui/Button.tsx";
import { useToast } from "../../ui/Toast.tsx";
import { saysPending } from "./says.ts";

const words = text.rules;

export function PendingList({ pending, className = "" }: { readonly pending: readonly PendingView[]; readonly className?: string }): ReactNode {
  if (pending.length === 0) return null;
  return (
    // Read out when it appears: it is there before anything else that a person came for.
    <div role="status" className={className}>
      <ul aria-label={words.pending} className="divide-y divide-line">
        {pending.map((one) => (
          <Line key={one.id} pending={one} />
        ))}
      </ul>
    </div>
  );
}

function Line({ pending }: { readonly pending: PendingView }): ReactNode {
  const model = useHome();
  const { role } = useHousehold();
  const say = useToast();
  const nowUs = useNow(5000);
  const stop = useAction(model.rules.stop.bind(model.rules));
  const what = saysPending(pending);
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 bg-accent-wash px-4 py-3">
      <Hourglass aria-hidden className="size-5 shrink-0" />
      <div className="min-w-0 flex-1 basis-60">
        <p className="font-semibold">{words.wants(pending.isMine, pending.byName, what)}</p>
        <p className="text-sm text-soft">{pending.effectiveUs > nowUs ? words.takesEffect(sayMomentInside(pending.effectiveUs, nowUs, "minute")) : words.takesEffectNow}</p>
        {role === "guest" && <p className="text-sm text-soft">{words.guestCannot}</p>}
      </div>
      {role !== "guest" && (
        <Button
          size="small"
          aria-label={words.keepOf(what)}
          isBusy={stop.isBusy}
          onClick={() =>
            void stop.start(pending.id).then((done) => {
              if (done !== undefined) say({ message: words.kept });
            })
          }
        >
          {words.keep}
        </Button>
      )}
      {stop.problem !== null && (
        <div className="basis-full">
          <ProblemNotice problem={stop.problem} />
        </div>
      )}
    </li>
  );
}
