/**
 * @file Watching one camera live: socket, opener and player together, and what to say while nothing moves.
 *
 * While the tab is hidden for long the socket is closed, so that the home sends nothing that nobody sees.
 */
import type { Cause, LiveState, LiveWatch } from "../domain/home";
import { openLiveSocket, type LiveSocket, type SocketMaker } from "../api/liveSocket";
import type { Refusal } from "../crypto/checked";
import type { Opener } from "../crypto/opener";
import { readShape } from "../crypto/shape";
import { RENEW_WATCH_MS } from "../crypto/watch";
import { toViewerShape, type DeviceStatus } from "./answers";
import { KeyPatience } from "./keyPatience";
import { LivePlayer } from "./livePlayer";

const STILL_MS = 4_000;
const HIDDEN_MS = 10_000;
const TELL_EVERY_MS = 250;
const COME_BACK_MS = 1_000;

export interface LiveWatchOptions {
  readonly device: string;
  readonly video: HTMLVideoElement;
  readonly opener: Opener;
  readonly onState: (state: LiveState) => void;
  /** The cause that the camera's state gives, for a picture that stands still. */
  readonly causeNow: (status: DeviceStatus | null, isHubAway: boolean) => Cause;
  /** The reader's own clock, to refuse old keys. */
  readonly nowUs: () => number;
  /** A new signed wish to watch: nothing is shown without one. */
  readonly wish: () => object;
  readonly onTaken?: (takenUs: number) => void;
  readonly socket?: SocketMaker;
}

let nextWatch = 1;

export function watchLive(options: LiveWatchOptions): LiveWatch {
  const { device, video, opener, onState, nowUs } = options;
  let watch = nextWatch++;
  let socket: LiveSocket | null = null;
  let status: DeviceStatus | null = null;
  let isHubAway = false;
  let isStopped = false;
  let isFailed = false;
  let lastFrameMs = performance.now();
  let lastTold = 0;
  let isWaiting = false;
  let newestUs = -Infinity;
  /** Nothing up to here is shown again: a relay that makes us connect anew must not thereby repeat the past. */
  let floorUs = -Infinity;
  let hiddenTimer: ReturnType<typeof setTimeout> | undefined;
  let comeBackTimer: ReturnType<typeof setTimeout> | undefined;
  const patience = new KeyPatience();
  // Frames are opened one after another in the worker and come back in that order.
  const player = new LivePlayer(video, {
    onPicture: ({ takenUs }) => picture(takenUs),
    onUnplayable: (codecs) => fail("codec-not-playable", codecs),
    onBroken: () => reconnect(),
  });

  onState({ kind: "opening" });
  if (!document.hidden) connect();
  document.addEventListener("visibilitychange", visibility);
  const stillTimer = setInterval(checkStill, 1_000);
  const wishTimer = setInterval(sayWish, RENEW_WATCH_MS);

  return {
    stop() {
      if (isStopped) return;
      isStopped = true;
      clearInterval(stillTimer);
      clearInterval(wishTimer);
      clearTimeout(hiddenTimer);
      clearTimeout(comeBackTimer);
      document.removeEventListener("visibilitychange", visibility);
      disconnect();
      player.close();
      void opener.liveEnd(watch);
    },
  };

  function connect(): void {
    if (socket !== null || isStopped || isFailed) return;
    lastFrameMs = performance.now();
    socket = openLiveSocket(
      device,
      { onMessage: (value) => void message(value), onFrame: (bytes) => void frame(bytes), onOpen: begin, onLost: () => player.lost() },
      options.socket,
    );
  }

  /** Each connection begins with a key and an init segment that may have been sent before: a new reader takes them. */
  function begin(): void {
    void opener.liveEnd(watch);
    watch = nextWatch++;
    void opener.liveStart(watch, device);
    floorUs = newestUs;
    player.lost();
    sayWish();
  }

  function sayWish(): void {
    socket?.say({ type: "watch", watch: options.wish() });
  }

  function disconnect(): void {
    socket?.close();
    socket = null;
  }

  function reconnect(): void {
    if (isStopped || isFailed) return;
    disconnect();
    player.lost();
    connect();
  }

  async function message(value: unknown): Promise<void> {
    const read = readShape(toViewerShape, value);
    if (!read.ok || isStopped) return;
    const said = read.value;
    if (said.type === "live-key") {
      const asked = watch;
      const opened = await opener.liveKey(asked, said.key, nowUs());
      if (asked !== watch) return; // of a connection that is over
      if (opened.ok) patience.accepted();
      else refusedKey(opened.refusal);
    } else if (said.type === "dropped") player.lost();
    else if (said.type === "status") {
      isHubAway = false;
      status = said.status;
    } else isHubAway = true;
  }

  async function frame(bytes: ArrayBuffer): Promise<void> {
    const opened = await opener.liveFrame(watch, new Uint8Array(bytes), nowUs());
    if (isStopped) return;
    // A frame that does not open is as good as lost: nothing of it is shown.
    if (!opened.ok || (!opened.value.isInit && opened.value.capturedUs <= floorUs)) {
      player.lost();
      return;
    }
    lastFrameMs = performance.now();
    isHubAway = false;
    newestUs = Math.max(newestUs, opened.value.capturedUs);
    await player.push(opened.value);
  }

  /** Nothing is shown under it. Whether that is an alarm is another question. */
  function refusedKey(refusal: Refusal): void {
    player.lost();
    const verdict = patience.refused(refusal, performance.now());
    if (verdict === "fail") fail("live-not-believed", `refused: ${refusal}`);
    if (verdict !== "come-back") return;
    // A new connection begins with key and init segment, and with the roster that is there by then.
    clearTimeout(comeBackTimer);
    comeBackTimer = setTimeout(reconnect, COME_BACK_MS);
  }

  function fail(code: "codec-not-playable" | "live-not-believed", detail: string): void {
    if (isStopped || isFailed) return;
    isFailed = true;
    disconnect();
    onState({ kind: "failed", problem: { code, detail } });
  }

  function picture(takenUs: number): void {
    const nowMs = performance.now();
    options.onTaken?.(takenUs);
    if (!isWaiting && nowMs - lastTold < TELL_EVERY_MS) return;
    lastTold = nowMs;
    isWaiting = false;
    onState({ kind: "playing", pictureAtUs: takenUs });
  }

  function checkStill(): void {
    if (isStopped || isFailed || isWaiting || document.hidden || performance.now() - lastFrameMs < STILL_MS) return;
    isWaiting = true;
    onState({ kind: "waiting", sinceUs: nowUs() - STILL_MS * 1000, cause: options.causeNow(status, isHubAway) });
  }

  function visibility(): void {
    clearTimeout(hiddenTimer);
    if (document.hidden) hiddenTimer = setTimeout(disconnect, HIDDEN_MS);
    else connect();
  }
}
