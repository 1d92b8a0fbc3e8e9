/** @file A problem in words: what is so, what to do, and the technical phrase for whoever wants it. */
import type { ReactNode } from "react";
import type { Problem } from "../domain/home.ts";
import { text } from "../text/index.ts";
import { sayWhen } from "../text/phrases.ts";
import { Button } from "../ui/Button.tsx";
import { Notice } from "../ui/Notice.tsx";
import { Details } from "../ui/Page.tsx";
import { useHome } from "./HomeContext.tsx";

export interface ProblemNoticeProps {
  readonly problem: Problem | null;
  readonly onRetry?: (() => void) | undefined;
  readonly children?: ReactNode;
}

export function ProblemNotice({ problem, onRetry, children }: ProblemNoticeProps): ReactNode {
  const model = useHome();
  if (problem === null) return null;
  const { what, next } = text.problems[problem.code];
  return (
    <Notice tone="danger" title={what} isLive>
      <p>
        {next}
        {problem.retryAtUs !== undefined && ` ${text.common.tryAgainAt(sayWhen(problem.retryAtUs, model.nowUs(), "second"))}`}
      </p>
      {children}
      {onRetry !== undefined && (
        <Button size="small" onClick={onRetry}>
          {text.common.tryAgain}
        </Button>
      )}
      {problem.detail !== undefined && (
        <Details label={text.common.details}>
          <code className="font-mono">{problem.detail}</code>
        </Details>
      )}
    </Notice>
  );
}
