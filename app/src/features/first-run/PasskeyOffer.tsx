/** @file First run, where this device can hold one: a passkey, as a second way in that needs no paper. */
import { KeyRound } from "lucide-react";
import { useState, type ReactNode } from "react";
import type { MadePasskey } from "../../domain/security.ts";
import { useAction, useHome, useLoaded } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { text } from "../../text/index.ts";
import { Button } from "../../ui/Button.tsx";
import { Step } from "../../ui/Page.tsx";
import { useToast } from "../../ui/Toast.tsx";

export function PasskeyOffer(): ReactNode {
  const model = useHome();
  const say = useToast();
  const words = text.signIn.offer;
  const [sessions] = useLoaded(() => model.sessions(), "own");
  const [made, setMade] = useState<MadePasskey | null>(null);
  const add = useAction(model.security.addPasskey.bind(model.security));
  const touch = useAction(model.security.openWithPasskey.bind(model.security));
  const own = sessions.kind === "ready" ? sessions.value.find(({ isThis }) => isThis) : undefined;
  const end = (opens: boolean) => {
    say({ message: opens ? words.made : words.madeSignsIn });
    void model.security.endPasskeyOffer();
  };

  if (made !== null) {
    return (
      <Step key="touch" title={words.touchTitle} lead={words.touchLead}>
        <ProblemNotice problem={touch.problem} />
        <Button tone="primary" icon={<KeyRound aria-hidden className="size-5" />} isBusy={touch.isBusy} onClick={() => void touch.start(made.id).then((done) => { if (done !== undefined) end(true); })}>
          {words.touch}
        </Button>
        <Button tone="quiet" onClick={() => end(false)}>
          {words.later}
        </Button>
      </Step>
    );
  }
  return (
    <Step key="offer" title={words.title} lead={words.lead}>
      <ProblemNotice problem={add.problem} />
      <Button
        tone="primary"
        icon={<KeyRound aria-hidden className="size-5" />}
        isBusy={add.isBusy}
        onClick={() =>
          void add.start(words.defaultName(own?.system ?? null)).then((done) => {
            if (done === undefined) return;
            if (!done.value.opens && done.value.mayOpenLater) setMade(done.value);
            else end(done.value.opens);
          })
        }
      >
        {add.isBusy ? words.making : words.make}
      </Button>
      <Button tone="quiet" onClick={() => void model.security.endPasskeyOffer()}>
        {words.later}
      </Button>
      <p className="text-center text-sm text-soft">{words.laterHelp}</p>
    </Step>
  );
}
