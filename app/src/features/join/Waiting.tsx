/** @file Waiting to be let in. It resolves itself. */
import { LoaderCircle } from "lucide-react";
import type { ReactNode } from "react";
import { useAction, useHome } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { text } from "../../text/index.ts";
import { Button } from "../../ui/Button.tsx";
import { Step } from "../../ui/Page.tsx";

export function Waiting({ memberName }: { readonly memberName: string | null }): ReactNode {
  const model = useHome();
  const words = text.people.waiting;
  const stop = useAction(model.people.stopWaiting.bind(model.people));
  return (
    <Step title={words.title} lead={memberName === null ? words.lead : words.leadNamed(memberName)}>
      <p role="status" className="flex items-center gap-3 rounded-card border border-line bg-card p-5 font-medium">
        <LoaderCircle aria-hidden className="size-5 animate-spin" />
        {words.status}
      </p>
      <ProblemNotice problem={stop.problem} />
      <Button isBusy={stop.isBusy} onClick={() => void stop.start()}>
        {words.stop}
      </Button>
    </Step>
  );
}
