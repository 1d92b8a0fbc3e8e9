/** @file Removing a camera: asks what becomes of its recordings, in numbers. */
import { useState, type ReactNode } from "react";
import type { CameraView, EraseProgress, Problem } from "../../domain/home.ts";
import { settle, useHome, useLoaded } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { text } from "../../text/index.ts";
import { saySize } from "../../text/phrases.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog, DialogActions } from "../../ui/Dialog.tsx";
import { ChoiceField } from "../../ui/Field.tsx";
import { useToast } from "../../ui/Toast.tsx";
import { EraseProgressBar } from "../erase/EraseDialog.tsx";

type Fate = "keep" | "erase";

export function RemoveCameraDialog({ camera, onClose }: { readonly camera: CameraView; readonly onClose: () => void }): ReactNode {
  const model = useHome();
  const say = useToast();
  const words = text.rooms;
  const [fate, setFate] = useState<Fate>("keep");
  const [progress, setProgress] = useState<EraseProgress | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [reach] = useLoaded(() => model.eraseReach({ kind: "camera", deviceId: camera.id }), camera.id);
  const [storage] = useLoaded(() => model.storage(), camera.id);

  const remove = async () => {
    setBusy(true);
    setProblem(null);
    const outcome = await settle(model.removeCamera(camera.id, fate, setProgress));
    setBusy(false);
    setProgress(null);
    if (outcome.ok) {
      say({ message: words.removed(camera.name) });
      onClose();
    } else {
      setProblem(outcome.problem);
    }
  };

  const keepHelp = storage.kind === "ready" ? { help: words.keepHelp(storage.value.continuousKeptDays) } : {};
  const eraseHelp = reach.kind === "ready" ? { help: words.eraseHelp(reach.value.recordingCount, saySize(reach.value.sizeBytes)) } : {};
  return (
    <Dialog isOpen onClose={onClose} title={words.removeTitle(camera.name)} description={words.removeLead} closeLabel={text.common.close} isHeld={isBusy} tone="danger">
      <ProblemNotice problem={problem} />
      {progress === null ? (
        <>
          <ChoiceField
            label={words.removeLead}
            hideLabel
            value={fate}
            onValue={setFate}
            choices={[
              { value: "keep", label: words.keep, ...keepHelp },
              { value: "erase", label: words.eraseToo, ...eraseHelp },
            ]}
          />
          <DialogActions>
            <Button onClick={onClose}>{text.common.cancel}</Button>
            <Button tone="danger" isBusy={isBusy} onClick={() => void remove()}>
              {fate === "erase" ? words.removeAndErase : words.removeCamera}
            </Button>
          </DialogActions>
        </>
      ) : (
        <EraseProgressBar progress={progress} />
      )}
    </Dialog>
  );
}
