/** @file The buttons under the picture. */
import { Camera, ChevronLeft, ChevronRight, Download, Maximize, Minimize, Pause, Play, RotateCcw, RotateCw, Trash2, Volume2, VolumeX, ZoomIn, ZoomOut } from "lucide-react";
import type { ReactNode } from "react";
import { SECOND_US } from "../../domain/clock.ts";
import { PLAYBACK_RATES, type PlaybackRate } from "../../domain/home.ts";
import { text } from "../../text/index.ts";
import { IconButton } from "../../ui/Button.tsx";
import type { Stage } from "./useStage.ts";

export interface ControlsProps {
  readonly stage: Stage;
  readonly hasSound: boolean;
  readonly isMuted: boolean;
  readonly isFullScreen: boolean;
  readonly onMute: () => void;
  readonly onFullScreen: () => void;
  readonly onSnapshot: () => void;
  readonly onExport: () => void;
  readonly onErase: () => void;
  readonly onZoom: (factor: number) => void;
}

const icon = { "aria-hidden": true, className: "size-5" } as const;
const JUMP_US = 10 * SECOND_US;

export function Controls(props: ControlsProps): ReactNode {
  const { stage } = props;
  const words = text.camera;
  const isPlaying = stage.isLive || stage.player?.kind === "playing";
  return (
    <div role="group" aria-label={words.controls} className="flex flex-wrap items-center justify-center gap-x-4 gap-y-1 px-1 lg:justify-between">
      <div className="flex items-center sm:gap-1">
        <IconButton label={words.back10} icon={<RotateCcw {...icon} />} onClick={() => stage.jump(-JUMP_US)} />
        <IconButton label={words.stepBack} icon={<ChevronLeft {...icon} />} onClick={() => stage.step(-1)} />
        <IconButton
          tone="primary"
          className="!size-12 !rounded-full"
          label={isPlaying ? words.pause : words.play}
          icon={isPlaying ? <Pause aria-hidden className="size-6 fill-current" /> : <Play aria-hidden className="size-6 translate-x-px fill-current" />}
          onClick={stage.togglePlay}
        />
        <IconButton label={words.stepForward} icon={<ChevronRight {...icon} />} disabled={stage.isLive} onClick={() => stage.step(1)} />
        <IconButton label={words.forward10} icon={<RotateCw {...icon} />} disabled={stage.isLive} onClick={() => stage.jump(JUMP_US)} />
        <SpeedChoice stage={stage} />
      </div>
      <div className="flex items-center sm:gap-1">
        {props.hasSound && (
          <IconButton label={props.isMuted ? words.sound : words.mute} icon={props.isMuted ? <VolumeX {...icon} /> : <Volume2 {...icon} />} onClick={props.onMute} />
        )}
        <IconButton label={words.snapshot} icon={<Camera {...icon} />} onClick={props.onSnapshot} />
        <IconButton label={words.export} icon={<Download {...icon} />} onClick={props.onExport} />
        <IconButton label={words.erase} icon={<Trash2 {...icon} />} onClick={props.onErase} />
        <IconButton
          label={props.isFullScreen ? words.leaveFullScreen : words.fullScreen}
          icon={props.isFullScreen ? <Minimize {...icon} /> : <Maximize {...icon} />}
          onClick={props.onFullScreen}
        />
        <IconButton label={text.timeline.zoomOut} icon={<ZoomOut {...icon} />} onClick={() => props.onZoom(2)} />
        <IconButton label={text.timeline.zoomIn} icon={<ZoomIn {...icon} />} onClick={() => props.onZoom(1 / 2)} />
      </div>
    </div>
  );
}

function SpeedChoice({ stage }: { readonly stage: Stage }): ReactNode {
  return (
    <label className="relative">
      <span className="sr-only">{text.camera.speed}</span>
      <select
        value={stage.rate}
        disabled={stage.isLive}
        onChange={(event) => stage.setRate(Number(event.target.value) as PlaybackRate)}
        className="min-h-11 cursor-pointer rounded-control bg-transparent px-1.5 font-semibold tabular-nums hover:bg-sunken disabled:opacity-50"
      >
        {PLAYBACK_RATES.map((rate) => (
          <option key={rate} value={rate} className="bg-card text-ink">
            {text.camera.speedOf(rate)}
          </option>
        ))}
      </select>
    </label>
  );
}
