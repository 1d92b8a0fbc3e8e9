/** @file One camera on Home: its live picture, and its state in the corners. The whole tile opens the camera. */
import { Eye, MicOff, VideoOff } from "lucide-react";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { isNews, pictureAgeMs, tileState } from "../../domain/camera.ts";
import type { CameraView, LiveState } from "../../domain/home.ts";
import { useHome, useNow } from "../../model/HomeContext.tsx";
import { useLastPicture } from "../../model/useLastPicture.ts";
import { Link } from "../../navigation/Link.tsx";
import { text } from "../../text/index.ts";
import { sayAge, sayWhen } from "../../text/phrases.ts";
import { Chip, LiveDot } from "../../ui/Chip.tsx";

/** Live only while on screen: a phone that scrolls past ten cameras does not open ten streams. */
function useLiveWhileSeen(camera: CameraView, box: React.RefObject<HTMLElement | null>, video: React.RefObject<HTMLVideoElement | null>): LiveState | null {
  const model = useHome();
  const [isSeen, setSeen] = useState(false);
  const [state, setState] = useState<LiveState | null>(null);
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const observer = new IntersectionObserver(([entry]) => setSeen(entry?.isIntersecting ?? false), { rootMargin: "120px" });
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);
  useEffect(() => {
    if (!isSeen || video.current === null) return undefined;
    const watch = model.watchLive(camera.id, video.current, "tile", (next) => setState((before) => (isNews(before, next) ? next : before)));
    return () => {
      watch.stop();
      setState(null);
    };
  }, [model, camera.id, isSeen, video]);
  return state;
}

export function Tile({ camera, roomName }: { readonly camera: CameraView; readonly roomName: string }): ReactNode {
  const box = useRef<HTMLAnchorElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const live = useLiveWhileSeen(camera, box, video);
  const lastPicture = useLastPicture(camera.id, live?.kind !== "playing");
  const nowUs = useNow(1000);
  const state = tileState(camera.state, live);
  const words = text.state;

  const said =
    state.kind === "live"
      ? words.live
      : camera.turnedOff !== null
        ? words.off
        : state.kind === "away" && camera.state.kind === "unreachable"
        ? words.away(sayWhen(camera.state.sinceUs, nowUs))
        : state.kind === "trouble"
          ? words.trouble
          : words.connecting;
  const cause = camera.state.kind === "unreachable" ? text.causes[camera.state.cause] : null;
  const ageMs = pictureAgeMs(live?.kind === "playing" ? live.pictureAtUs : camera.pictureAtUs, nowUs);
  const isShown = state.kind === "live";

  return (
    <Link
      ref={box}
      to={{ kind: "camera", deviceId: camera.id, atUs: null }}
      className="on-stage group relative block aspect-video overflow-hidden bg-stage text-white focus-visible:z-10 focus-visible:-outline-offset-4"
    >
      <video ref={video} muted playsInline aria-hidden tabIndex={-1} className={`absolute inset-0 size-full object-cover transition-opacity duration-300 ${isShown ? "" : "opacity-0"}`} />
      {!isShown && lastPicture !== null && <img src={lastPicture} alt="" className="absolute inset-0 size-full object-cover opacity-45" />}
      {/* The name comes first for whoever hears the tile; on screen it is painted over the picture below. */}
      <div className="absolute inset-x-0 bottom-0 z-10 bg-linear-to-t from-black/75 to-transparent px-3.5 pt-10 pb-3">
        <p className="truncate text-lg leading-tight font-bold">{camera.name}</p>
        {roomName !== camera.name && <p className="truncate text-sm text-white/85">{roomName}</p>}
      </div>
      {state.kind === "connecting" && <div className="absolute inset-0 animate-breathe bg-white/10" />}
      {cause !== null && state.kind === "away" && (
        <div className="absolute inset-0 flex flex-col items-center justify-center gap-1 bg-black/45 px-8 pt-14 pb-14 sm:pt-6 sm:pb-12 text-center">
          <VideoOff aria-hidden className="mb-1 hidden size-7 sm:block" />
          <p className="font-semibold">{cause.what}</p>
          <p className="max-w-sm text-sm text-white/85">{cause.next}</p>
        </div>
      )}
      <div className="absolute inset-x-0 top-0 flex flex-wrap items-start gap-1.5 p-3">
        <Chip>
          {state.kind === "live" && <LiveDot />}
          {said}
        </Chip>
        {camera.state.kind === "not-kept" && <Chip>{words.notKept}</Chip>}
        {ageMs !== null && <Chip>{words.age(sayAge(ageMs))}</Chip>}
        {camera.microphone === "off" && (
          <Chip>
            <MicOff aria-label={words.micOff} className="size-4" />
          </Chip>
        )}
        {camera.watchers !== null && camera.watchers.length > 0 && (
          <Chip>
            <Eye aria-hidden className="size-4" />
            {text.home.watchers(camera.watchers)}
          </Chip>
        )}
      </div>
    </Link>
  );
}
