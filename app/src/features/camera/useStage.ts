/** @file What the camera page shows: the live picture, or a recording; and how one gets from the one to the other. */
import { useCallback, useEffect, useRef, useState, type RefObject } from "react";
import { DAY_US, SECOND_US } from "../../domain/clock.ts";
import { isNews } from "../../domain/camera.ts";
import type { DeviceId, LiveState, PlaybackRate, Player, PlayerState, TimelineBounds, TimeUs } from "../../domain/home.ts";
import { useHome } from "../../model/HomeContext.tsx";
import type { Cursor } from "../timeline/cursor.ts";

export interface Stage {
  readonly isLive: boolean;
  readonly live: LiveState | null;
  readonly player: PlayerState | null;
  readonly rate: PlaybackRate;
  readonly goLive: () => void;
  readonly seek: (atUs: TimeUs) => void;
  readonly jump: (byUs: number) => void;
  readonly togglePlay: () => void;
  readonly setRate: (rate: PlaybackRate) => void;
  readonly step: (direction: 1 | -1) => void;
  readonly holdStart: () => void;
}

/** Nearer to now than this, one wants to see what is happening. */
const LIVE_WITHIN_US = 2 * SECOND_US;
const LIVE_FOLLOW_MS = 200;

export function useStage(
  deviceId: DeviceId,
  startAtUs: TimeUs | null,
  cursor: Cursor,
  bounds: TimelineBounds,
  liveVideo: RefObject<HTMLVideoElement | null>,
  pastVideo: RefObject<HTMLVideoElement | null>,
): Stage {
  const model = useHome();
  const [isLive, setLive] = useState(startAtUs === null);
  const [live, setLiveState] = useState<LiveState | null>(null);
  const [player, setPlayerState] = useState<PlayerState | null>(null);
  const [rate, setRateState] = useState<PlaybackRate>(1);
  const opened = useRef<Player>(null);
  /** Where the player goes when it opens. */
  const wantedUs = useRef<TimeUs>(startAtUs ?? 0);
  const isPlayWanted = useRef(true);
  const rateNow = useRef<PlaybackRate>(1);

  useEffect(() => {
    if (!isLive || liveVideo.current === null) return undefined;
    const watch = model.watchLive(deviceId, liveVideo.current, "page", (next) => setLiveState((before) => (isNews(before, next) ? next : before)));
    return () => {
      watch.stop();
      setLiveState(null);
    };
  }, [model, deviceId, isLive, liveVideo]);

  useEffect(() => {
    if (isLive || pastVideo.current === null) return undefined;
    // While it plays, the position is read where it is drawn; only a change of kind is news to the screen.
    const player = model.openPlayer(deviceId, pastVideo.current, (next) =>
      setPlayerState((before) => (before?.kind === "playing" && next.kind === "playing" ? before : next)),
    );
    opened.current = player;
    player.setRate(rateNow.current);
    player.seek(wantedUs.current);
    if (isPlayWanted.current) player.play();
    return () => {
      player.close();
      opened.current = null;
      setPlayerState(null);
    };
  }, [model, deviceId, isLive, pastVideo]);

  const seek = useCallback(
    (atUs: TimeUs) => {
      if (atUs >= model.nowUs() - LIVE_WITHIN_US) {
        setLive(true);
        return;
      }
      wantedUs.current = atUs;
      setLive(false);
      opened.current?.seek(atUs);
      if (isPlayWanted.current) opened.current?.play();
      cursor.follow(atUs);
    },
    [model, cursor],
  );

  // The timeline follows the clock or the player, unless a finger is on it.
  const oldestUs = bounds.oldestUs;
  const isPlaying = player?.kind === "playing";
  useEffect(() => {
    const limit = () => {
      const nowUs = model.nowUs();
      cursor.setLimits({ fromUs: oldestUs ?? nowUs - DAY_US, toUs: nowUs });
      return nowUs;
    };
    limit();
    if (isLive || !isPlaying) {
      const tick = () => {
        const nowUs = limit();
        if (isLive) cursor.follow(nowUs);
      };
      tick();
      const timer = setInterval(tick, LIVE_FOLLOW_MS);
      return () => clearInterval(timer);
    }
    let frame = requestAnimationFrame(function follow() {
      limit();
      if (opened.current !== null) cursor.follow(opened.current.positionUs());
      frame = requestAnimationFrame(follow);
    });
    return () => cancelAnimationFrame(frame);
  }, [model, cursor, isLive, isPlaying, oldestUs]);

  const goLive = useCallback(() => {
    isPlayWanted.current = true;
    cursor.hold(false);
    setLive(true);
    cursor.follow(model.nowUs());
  }, [cursor, model]);

  const togglePlay = useCallback(() => {
    if (isLive) {
      isPlayWanted.current = false;
      seek(model.nowUs() - LIVE_WITHIN_US - 1);
      return;
    }
    isPlayWanted.current = player?.kind !== "playing";
    if (isPlayWanted.current) opened.current?.play();
    else opened.current?.pause();
  }, [isLive, player, seek, model]);

  const setRate = useCallback((next: PlaybackRate) => {
    rateNow.current = next;
    setRateState(next);
    opened.current?.setRate(next);
  }, []);

  const step = useCallback(
    (direction: 1 | -1) => {
      isPlayWanted.current = false;
      if (isLive) seek(model.nowUs() - LIVE_WITHIN_US - 1);
      else opened.current?.step(direction);
    },
    [isLive, seek, model],
  );

  const jump = useCallback(
    (byUs: number) => {
      const fromUs = isLive ? model.nowUs() : (opened.current?.positionUs() ?? cursor.centreUs());
      seek(fromUs + byUs);
    },
    [isLive, model, cursor, seek],
  );

  const holdStart = useCallback(() => {
    opened.current?.pause();
  }, []);

  // While paused the player alone moves the position (steps).
  useEffect(() => {
    if (player !== null && player.kind === "paused") cursor.follow(player.positionUs);
  }, [player, cursor]);

  return { isLive, live, player, rate, goLive, seek, jump, togglePlay, setRate, step, holdStart };
}
