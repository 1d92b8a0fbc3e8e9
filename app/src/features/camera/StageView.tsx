/** @file The picture of the camera page: two videos on one stage, the still picture between them, and words in the corners. */
import { TriangleAlert } from "lucide-react";
import { useSyncExternalStore, type ReactNode, type RefObject } from "react";
import { pictureAgeMs } from "../../domain/camera.ts";
import type { CameraView, TimelineItem, TimeUs } from "../../domain/home.ts";
import { itemAt } from "../../domain/timeline.ts";
import { useHome, useNow } from "../../model/HomeContext.tsx";
import { useLastPicture } from "../../model/useLastPicture.ts";
import { text } from "../../text/index.ts";
import { sayAge, sayWhen } from "../../text/phrases.ts";
import { Button } from "../../ui/Button.tsx";
import { Chip, LiveDot } from "../../ui/Chip.tsx";
import type { Cursor } from "../timeline/cursor.ts";
import { ScrubPoster } from "./ScrubPoster.tsx";
import type { Stage } from "./useStage.ts";

export interface StageViewProps {
  readonly camera: CameraView;
  readonly stage: Stage;
  readonly cursor: Cursor;
  readonly items: readonly TimelineItem[];
  readonly isMuted: boolean;
  readonly liveVideo: RefObject<HTMLVideoElement | null>;
  readonly pastVideo: RefObject<HTMLVideoElement | null>;
  /** For video that this browser cannot play: it can be saved all the same. */
  readonly onExport: () => void;
}

export function StageView({ camera, stage, cursor, items, isMuted, liveVideo, pastVideo, onExport }: StageViewProps): ReactNode {
  const isHeld = useSyncExternalStore(cursor.subscribe, cursor.isHeld);
  const { isLive, live, player } = stage;
  const isLiveShown = isLive && !isHeld;
  const isPastShown = !isLive && player !== null && (player.kind === "playing" || player.kind === "paused" || player.kind === "ended");
  const videoClass = "absolute inset-0 size-full object-contain";
  return (
    <>
      {!isLive && <video ref={pastVideo} muted={isMuted} playsInline aria-label={text.camera.recordingOf(camera.name)} className={videoClass} />}
      <video ref={liveVideo} muted={isMuted} playsInline aria-label={text.camera.liveOf(camera.name)} hidden={!isLiveShown} className={videoClass} />
      <ScrubPoster deviceId={camera.id} cursor={cursor} items={items} isShown={isHeld || (!isLive && !isPastShown && player?.kind !== "failed")} />
      {isLiveShown && <LiveWords camera={camera} stage={stage} onExport={onExport} />}
      {!isLive && !isHeld && <PastWords stage={stage} items={items} onExport={onExport} />}
      <div className="pointer-events-none absolute inset-x-0 top-0 flex flex-wrap gap-1.5 p-3" aria-live="polite">
        {isLiveShown && live?.kind === "playing" && (
          <Chip>
            <LiveDot />
            {text.camera.live}
          </Chip>
        )}
        {isLiveShown && live?.kind === "playing" && <Age pictureAtUs={live.pictureAtUs} />}
        {isLiveShown && live?.kind === "opening" && camera.state.kind !== "unreachable" && <Chip>{text.state.connecting}</Chip>}
        {camera.watchers !== null && camera.watchers.length > 0 && <Chip>{text.home.watchers(camera.watchers)}</Chip>}
        {camera.state.kind === "not-kept" && <Chip>{text.state.notKept}</Chip>}
      </div>
    </>
  );
}

/** A picture that comes late is not what happens now. */
function Age({ pictureAtUs }: { readonly pictureAtUs: TimeUs }): ReactNode {
  const ageMs = pictureAgeMs(pictureAtUs, useNow(1000));
  return ageMs === null ? null : <Chip>{text.state.age(sayAge(ageMs))}</Chip>;
}

function LiveWords({ camera, stage, onExport }: Pick<StageViewProps, "camera" | "stage" | "onExport">): ReactNode {
  const nowUs = useNow(5000);
  const { live } = stage;
  const lastPicture = useLastPicture(camera.id, live?.kind !== "playing");
  if (live === null || live.kind === "playing") return null;
  const still = lastPicture === null ? null : <img src={lastPicture} alt="" className="absolute inset-0 size-full object-contain" />;
  if (live.kind === "opening" && camera.state.kind !== "unreachable") {
    return (
      <>
        {still}
        <div aria-hidden className="absolute inset-0 animate-breathe bg-black/30" />
      </>
    );
  }
  const reason =
    live.kind === "failed"
      ? text.problems[live.problem.code]
      : text.causes[camera.state.kind === "unreachable" ? camera.state.cause : live.kind === "waiting" ? live.cause : "unknown"];
  const sinceUs = camera.state.kind === "unreachable" ? camera.state.sinceUs : live.kind === "waiting" ? live.sinceUs : null;
  return (
    <>
      {still}
      <Words title={reason.what} next={reason.next}>
        {sinceUs !== null && <p className="text-sm text-white/85">{text.camera.waiting(sayWhen(sinceUs, nowUs))}</p>}
        {live.kind === "failed" && live.problem.code === "codec-not-playable" && <SaveInstead onExport={onExport} />}
      </Words>
    </>
  );
}

function PastWords({ stage, items, onExport }: Pick<StageViewProps, "stage" | "items" | "onExport">): ReactNode {
  const model = useHome();
  const { player } = stage;
  if (player?.kind === "failed") {
    const reason = text.problems[player.problem.code];
    return (
      <Words title={reason.what} next={reason.next} isAlarm={player.problem.code.startsWith("recording-")}>
        {player.problem.code === "codec-not-playable" && <SaveInstead onExport={onExport} />}
      </Words>
    );
  }
  if (player?.kind === "nothing-here") {
    const { nextUs, positionUs } = player;
    // Missing pictures have a reason, and it is said here too: "nothing recorded" would be untrue of what was taken away.
    const item = itemAt(items, positionUs, model.nowUs());
    const reason = item?.kind === "alarm" ? text.alarms[item.alarm] : item?.kind === "gap" ? text.causes[item.cause] : { what: text.camera.nothingHere };
    return (
      <Words title={reason.what} {...("next" in reason ? { next: reason.next } : {})} isAlarm={item?.kind === "alarm"}>
        {nextUs !== null && (
          <Button size="small" className="mt-2" onClick={() => stage.seek(nextUs)}>
            {text.camera.jumpNext(sayWhen(nextUs, model.nowUs(), "second"))}
          </Button>
        )}
      </Words>
    );
  }
  if (player?.kind === "ended") {
    return (
      <Words title={text.camera.ended}>
        <Button size="small" className="mt-2" onClick={stage.goLive}>
          {text.camera.goLive}
        </Button>
      </Words>
    );
  }
  return null;
}

function SaveInstead({ onExport }: Pick<StageViewProps, "onExport">): ReactNode {
  return (
    <Button size="small" className="mt-2" onClick={onExport}>
      {text.camera.saveInstead}
    </Button>
  );
}

interface WordsProps {
  readonly title: string;
  readonly next?: string;
  readonly isAlarm?: boolean;
  readonly children?: ReactNode;
}

function Words({ title, next, isAlarm = false, children }: WordsProps): ReactNode {
  return (
    <div role={isAlarm ? "alert" : "status"} className="absolute inset-0 flex flex-col items-center justify-center gap-1 overflow-y-auto bg-black/60 px-6 py-2 text-center text-white">
      {isAlarm && <TriangleAlert aria-hidden className="mb-1 hidden size-8 shrink-0 text-[#ff9d92] sm:block" />}
      <p className="max-w-md leading-snug font-semibold sm:text-lg">{title}</p>
      {next !== undefined && <p className="max-w-md text-sm leading-snug text-white/85 sm:text-base">{next}</p>}
      {children}
    </div>
  );
}
