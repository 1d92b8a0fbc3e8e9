/** @file Turning a camera off and on: the button, and the line that says who turned it off. */
import { Video, VideoOff } from "lucide-react";
import { useState, type ReactNode } from "react";
import type { CameraView, Outcome, Problem } from "../../domain/home.ts";
import { useHome, useHousehold, useNow } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { text } from "../../text/index.ts";
import { sayWhen } from "../../text/phrases.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { useToast } from "../../ui/Toast.tsx";

/** In the header while the camera is on. Guests have none: they watch, and change nothing. */
export function TurnOffButton({ camera }: { readonly camera: CameraView }): ReactNode {
  const model = useHome();
  const { role } = useHousehold();
  const say = useToast();
  const [isBusy, setBusy] = useState(false);
  if (role === "guest" || camera.turnedOff !== null) return null;
  const turnOff = async () => {
    setBusy(true);
    const done = await model.turnCamera(camera.id, false);
    setBusy(false);
    if (!done.ok) say({ message: text.problems[done.problem.code].what });
  };
  return <IconButton label={text.camera.turnOff} disabled={isBusy} icon={<VideoOff aria-hidden className="size-5" />} onClick={() => void turnOff()} />;
}

/** Below the header while it is off. */
export function TurnedOff({ camera }: { readonly camera: CameraView }): ReactNode {
  const model = useHome();
  const { role } = useHousehold();
  const nowUs = useNow(5000);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const off = camera.turnedOff;
  if (off === null) return null;
  const act = async (wish: () => Promise<Outcome<void>>) => {
    setBusy(true);
    setProblem(null);
    const done = await wish();
    setBusy(false);
    if (!done.ok) setProblem(done.problem);
  };
  const turnOn = () => act(() => model.turnCamera(camera.id, true));
  const keepOff = () => act(() => model.keepCameraOff(camera.id));
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line bg-accent-wash px-4 py-2.5" role="status">
      <div className="min-w-0 flex-1 basis-60">
        <p className="font-semibold">{off.isMine ? text.camera.offByYou(sayWhen(off.sinceUs, nowUs)) : text.camera.offBy(off.by, sayWhen(off.sinceUs, nowUs))}</p>
        {off.goesOnAtUs !== null && <p className="text-sm text-soft">{text.camera.goesOn(sayWhen(off.goesOnAtUs, nowUs))}</p>}
        {off.goesOnAtUs === null && !off.isMine && role !== "guest" && <p className="text-sm text-soft">{text.camera.othersWait}</p>}
      </div>
      {role !== "guest" && off.goesOnAtUs !== null && (
        <Button size="small" disabled={isBusy} onClick={() => void keepOff()}>
          {text.camera.keepOff}
        </Button>
      )}
      {role !== "guest" && off.goesOnAtUs === null && (
        <Button size="small" disabled={isBusy} icon={<Video aria-hidden className="size-5" />} onClick={() => void turnOn()}>
          {text.camera.turnOn}
        </Button>
      )}
      {problem !== null && <ProblemNotice problem={problem} onRetry={() => setProblem(null)} />}
    </div>
  );
}
