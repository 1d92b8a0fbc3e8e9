/** @file Saving a span as an MP4: progress, a way to stop, and the file. */
import { Download } from "lucide-react";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { SECOND_US } from "../../domain/clock.ts";
import type { CameraView, ExportedFile, Problem, Span } from "../../domain/home.ts";
import { settle, useHome } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { text } from "../../text/index.ts";
import { sayLength, sayMoment, sayMomentInside, saySize, sayStamp } from "../../text/phrases.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog, DialogActions } from "../../ui/Dialog.tsx";
import { download } from "../../ui/download.ts";
import { ProgressBar } from "../../ui/Progress.tsx";
import { useToast } from "../../ui/Toast.tsx";

type State =
  | { readonly kind: "working"; readonly fraction: number | null }
  | { readonly kind: "ready"; readonly file: ExportedFile }
  | { readonly kind: "failed"; readonly problem: Problem };

export interface ExportDialogProps {
  readonly camera: CameraView;
  readonly span: Span;
  readonly onClose: () => void;
  readonly focusAfter?: () => HTMLElement | null;
}

export function ExportDialog({ camera, span, onClose, focusAfter }: ExportDialogProps): ReactNode {
  const model = useHome();
  const words = text.export;
  const say = useToast();
  const [state, setState] = useState<State>({ kind: "working", fraction: null });
  const [round, setRound] = useState(0);
  const abort = useRef<AbortController>(null);
  const { id } = camera;
  const { fromUs, toUs } = span;

  useEffect(() => {
    const controller = new AbortController();
    abort.current = controller;
    const run = model.exportSpan(id, { fromUs, toUs }, ({ fraction }) => {
      if (!controller.signal.aborted) setState({ kind: "working", fraction });
    }, controller.signal);
    void settle(run).then((outcome) => {
      if (controller.signal.aborted) return;
      setState(outcome.ok ? { kind: "ready", file: outcome.value } : { kind: "failed", problem: outcome.problem });
    });
    return () => controller.abort();
  }, [model, id, fromUs, toUs, round]);

  const stop = () => {
    abort.current?.abort();
    say({ message: words.cancelled });
    onClose();
  };
  const nowUs = model.nowUs();
  const chosen = words.chosen(sayMoment(fromUs, nowUs), sayMomentInside(toUs, nowUs), sayLength((toUs - fromUs) / 1000));

  return (
    <Dialog isOpen focusAfter={focusAfter} onClose={state.kind === "working" ? stop : onClose} title={words.title} description={chosen} closeLabel={text.common.close}>
      {state.kind === "working" && (
        <>
          <ProgressBar label={words.working} value={state.fraction === null ? "" : text.common.percent(Math.round(state.fraction * 100))} fraction={state.fraction} />
          <DialogActions>
            <Button onClick={stop}>{text.common.cancel}</Button>
          </DialogActions>
        </>
      )}
      {state.kind === "failed" && (
        <ProblemNotice
          problem={state.problem}
          onRetry={() => {
            setState({ kind: "working", fraction: null });
            setRound(round + 1);
          }}
        />
      )}
      {state.kind === "ready" && (
        <>
          <div role="status">
            <p className="font-semibold">{words.ready(saySize(state.file.blob.size))}</p>
            {state.file.gapCount > 0 && <p>{words.gaps(state.file.gapCount)}</p>}
            {state.file.span.fromUs < fromUs - SECOND_US && <p className="text-soft">{words.wider}</p>}
          </div>
          <p className="text-soft">{words.lead}</p>
          <DialogActions>
            <Button onClick={onClose}>{text.common.done}</Button>
            <Button
              tone="primary"
              icon={<Download aria-hidden className="size-5" />}
              onClick={() => download(state.file.blob, words.fileName(camera.name, sayStamp(state.file.span.fromUs)))}
            >
              {words.save}
            </Button>
          </DialogActions>
        </>
      )}
    </Dialog>
  );
}
