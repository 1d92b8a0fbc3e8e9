/** @file Erasing: what it reaches in numbers, one clear yes, progress, and what came of it. */
import { useEffect, useState, type ReactNode } from "react";
import { MINUTE_US } from "../../domain/clock.ts";
import type { EraseProgress, EraseReach, EraseRequest, EraseResult, Problem } from "../../domain/home.ts";
import { settle, useHome } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { text } from "../../text/index.ts";
import { sayLength, sayMomentInside, saySize, sayWhen } from "../../text/phrases.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog, DialogActions } from "../../ui/Dialog.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { ProgressBar } from "../../ui/Progress.tsx";

type State =
  | { readonly kind: "counting" }
  | { readonly kind: "asking"; readonly reach: EraseReach }
  | { readonly kind: "working"; readonly progress: EraseProgress }
  | { readonly kind: "done"; readonly result: EraseResult }
  | { readonly kind: "failed"; readonly problem: Problem };

export interface EraseDialogProps {
  readonly request: EraseRequest;
  readonly onClose: (wasErased: boolean) => void;
  readonly focusAfter?: () => HTMLElement | null;
}

export function EraseDialog({ request, onClose, focusAfter }: EraseDialogProps): ReactNode {
  const model = useHome();
  const words = text.erase;
  const [state, setState] = useState<State>({ kind: "counting" });

  useEffect(() => {
    let isCurrent = true;
    void settle(model.eraseReach(request)).then((outcome) => {
      if (!isCurrent) return;
      setState(outcome.ok ? { kind: "asking", reach: outcome.value } : { kind: "failed", problem: outcome.problem });
    });
    return () => {
      isCurrent = false;
    };
  }, [model, request]);

  const erase = async (reach: EraseReach) => {
    setState({ kind: "working", progress: { phase: "keys", done: 0, total: reach.recordingCount } });
    const outcome = await settle(model.erase(request, (progress) => setState({ kind: "working", progress })));
    setState(outcome.ok ? { kind: "done", result: outcome.value } : { kind: "failed", problem: outcome.problem });
  };

  const close = () => onClose(state.kind === "done");
  const isNothing = state.kind === "asking" && state.reach.recordingCount === 0;
  const title = state.kind === "done" ? (state.result.late.length === 0 ? words.doneTitle : words.lateTitle) : isNothing ? words.title : words.confirmTitle;
  return (
    <Dialog isOpen focusAfter={focusAfter} onClose={close} title={title} closeLabel={text.common.close} isHeld={state.kind === "working"} tone={state.kind === "done" ? "plain" : "danger"}>
      {state.kind === "counting" && <ProgressBar label={words.checking} value="" fraction={null} />}
      {state.kind === "failed" && <ProblemNotice problem={state.problem} />}
      {state.kind === "asking" && (
        <>
          {isNothing ? <p>{words.nothing}</p> : <Reach reach={state.reach} request={request} />}
          <DialogActions>
            <Button onClick={close}>{isNothing ? text.common.close : words.keep}</Button>
            {!isNothing && (
              <Button tone="danger" onClick={() => void erase(state.reach)}>
                {words.confirm(state.reach.recordingCount)}
              </Button>
            )}
          </DialogActions>
        </>
      )}
      {state.kind === "working" && <EraseProgressBar progress={state.progress} />}
      {state.kind === "done" && (
        <>
          <Result result={state.result} />
          <DialogActions>
            <Button tone="primary" onClick={close}>
              {text.common.done}
            </Button>
          </DialogActions>
        </>
      )}
    </Dialog>
  );
}

function Reach({ reach, request }: { readonly reach: EraseReach; readonly request: EraseRequest }): ReactNode {
  const nowUs = useHome().nowUs();
  const words = text.erase;
  const isWider =
    request.kind === "span" && reach.span !== null && (reach.span.fromUs < request.span.fromUs - MINUTE_US / 60 || reach.span.toUs > request.span.toUs + MINUTE_US / 60);
  return (
    <div className="flex flex-col gap-2">
      <p className="text-lg font-bold">{words.reach(reach.recordingCount, sayLength(reach.durationMs), saySize(reach.sizeBytes))}</p>
      {reach.span !== null && <p>{words.reachSpan(sayMomentInside(reach.span.fromUs, nowUs), sayMomentInside(reach.span.toUs, nowUs))}</p>}
      {isWider && <p className="text-soft">{words.whole}</p>}
      <p className="font-semibold text-danger">{words.noUndo}</p>
    </div>
  );
}

export function EraseProgressBar({ progress }: { readonly progress: EraseProgress }): ReactNode {
  const words = text.erase;
  return (
    <ProgressBar
      label={words.phases[progress.phase]}
      value={progress.total === 0 ? "" : words.phaseCount(progress.done, progress.total)}
      fraction={progress.total === 0 ? null : progress.done / progress.total}
    />
  );
}

function Result({ result }: { readonly result: EraseResult }): ReactNode {
  const nowUs = useHome().nowUs();
  const words = text.erase;
  if (result.late.length === 0) return <p role="status">{words.done(result.recordingCount, saySize(result.sizeBytes))}</p>;
  return (
    <Notice tone="warning" title={words.late(result.recordingCount)} isLive>
      <ul className="list-disc pl-5">
        {result.late.map(({ holder, sinceUs }) => (
          <li key={holder}>{words.lateHolder(text.holders[holder], sayWhen(sinceUs, nowUs))}</li>
        ))}
      </ul>
    </Notice>
  );
}
