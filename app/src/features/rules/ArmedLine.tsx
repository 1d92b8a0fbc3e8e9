/** @file Whether the home is armed, who made it so and since when, and the button that changes it. */
import { ShieldCheck, ShieldOff } from "lucide-react";
import type { ReactNode } from "react";
import { useAction, useHome, useHousehold, useNow } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { text } from "../../text/index.ts";
import { sayWhen } from "../../text/phrases.ts";
import { Button } from "../../ui/Button.tsx";

const words = text.rules;

export function ArmedLine({ className = "" }: { readonly className?: string }): ReactNode {
  const model = useHome();
  const { armed, role } = useHousehold();
  const nowUs = useNow(60_000);
  const arm = useAction(model.rules.arm.bind(model.rules));
  if (armed === null) return null;
  const Icon = armed.on ? ShieldCheck : ShieldOff;
  return (
    <div className={`flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3 ${className}`}>
      <Icon aria-hidden className="size-5 shrink-0" />
      <div role="status" className="min-w-0 flex-1 basis-52">
        <p className="font-semibold">{armed.on ? words.armed : words.disarmed}</p>
        <p className="text-sm text-soft">
          {words.since(armed.isMine, armed.byName, sayWhen(armed.sinceUs, nowUs))}
          {!armed.on && `. ${words.notRecording}`}
        </p>
      </div>
      {role !== "guest" && (
        <Button size="small" isBusy={arm.isBusy} onClick={() => void arm.start(!armed.on)}>
          {armed.on ? words.disarm : words.arm}
        </Button>
      )}
      {arm.problem !== null && (
        <div className="basis-full">
          <ProblemNotice problem={arm.problem} />
        </div>
      )}
    </div>
  );
}
