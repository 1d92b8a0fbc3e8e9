/**
 * @file The recording player: seeks to a point in time, plays over recordings and gaps, steps by frames.
 *
 * One seek is one `Ride`: it loads from its point onwards, a little ahead of the picture, until the next seek ends it.
 */
import type { Outcome, Player, PlaybackRate, PlayerState, Problem } from "../domain/home";
import type { RecordingLink } from "../crypto/link";
import { tracksOf, runsOf, type Track } from "./movie";
import { RecordingMedia, type Source } from "./recordingMedia";
import { isPlayable } from "./sourceBuffer";
import { Stage } from "./stage";

/** How far ahead of the picture is loaded, in seconds of the person's time. */
const AHEAD_S = 12;
const TICK_MS = 80;
const TELL_EVERY_MS = 250;
/** Seeks that follow each other faster than this are one drag: only the newest is loaded. */
const DRAG_MS = 70;
const STUCK_TICKS = 3;
const RETRY_MS = 1_500;
const OPEN_MAX = 4;
const STEP_US_UNKNOWN = 66_000;

/** The verified recordings of one camera. */
export interface Recordings {
  /** The recording that covers `atUs`. */
  at(atUs: number): Promise<Outcome<RecordingLink | null>>;
  /** The first recording that ends after `atUs` and does not cover it. */
  after(atUs: number): Promise<Outcome<RecordingLink | null>>;
}

export interface TimelinePlayerOptions {
  readonly source: Source;
  readonly recordings: Recordings;
  readonly video: HTMLVideoElement;
  readonly onState: (state: PlayerState) => void;
}

/** What a ride stands on. */
interface Ride {
  readonly stop: AbortController;
  /** The stage takes no more: what comes next is of another kind and needs a new one. */
  switchAtUs: number | null;
  /** Nothing more is recorded. */
  isAtEnd: boolean;
}

export class TimelinePlayer implements Player {
  readonly #options: TimelinePlayerOptions;
  readonly #open = new Map<string, RecordingMedia>();
  readonly #timer: ReturnType<typeof setInterval>;
  #stage: Stage | null = null;
  #ride: Ride | null = null;
  #state: PlayerState = { kind: "loading", positionUs: 0 };
  #wantedUs = 0;
  #isPlaying = false;
  #rate: PlaybackRate = 1;
  #frames: number[] = [];
  #seekTimer: ReturnType<typeof setTimeout> | undefined;
  #lastSeekMs = -Infinity;
  #lastTold = 0;
  #lastTickUs = 0;
  #stillTicks = 0;
  #isClosed = false;

  constructor(options: TimelinePlayerOptions) {
    this.#options = options;
    options.video.playsInline = true;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  seek(atUs: number): void {
    if (this.#isClosed) return;
    this.#wantedUs = atUs;
    if (this.#jumpWithin(atUs)) return;
    this.#endRide();
    this.#tell({ kind: "loading", positionUs: atUs });
    clearTimeout(this.#seekTimer);
    const sinceMs = performance.now() - this.#lastSeekMs;
    this.#lastSeekMs = performance.now();
    if (sinceMs >= DRAG_MS) void this.#startRide(atUs);
    else this.#seekTimer = setTimeout(() => void this.#startRide(atUs), DRAG_MS);
  }

  play(): void {
    this.#isPlaying = true;
    const state = this.#state;
    if (state.kind === "nothing-here" && state.nextUs !== null) this.seek(state.nextUs);
    else this.#roll();
  }

  pause(): void {
    this.#isPlaying = false;
    this.#options.video.pause();
    if (this.#state.kind === "playing") this.#tell({ kind: "paused", positionUs: this.positionUs() });
  }

  setRate(rate: PlaybackRate): void {
    this.#rate = rate;
    this.#options.video.playbackRate = rate;
  }

  step(direction: 1 | -1): void {
    this.pause();
    const now = this.positionUs();
    const shown = this.#frames.findLast((frame) => frame <= now + 500) ?? now;
    const wanted =
      direction === 1 ? this.#frames.find((frame) => frame > shown + 500) : this.#frames.findLast((frame) => frame < shown - 500);
    // A little past its start, so that rounding does not show the frame before.
    this.seek(wanted === undefined ? now + direction * STEP_US_UNKNOWN : wanted + 1_000);
  }

  positionUs(): number {
    const isSettled = this.#state.kind === "playing" || this.#state.kind === "paused" || this.#state.kind === "ended";
    return isSettled && this.#stage !== null ? this.#stage.positionUs : this.#wantedUs;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#timer);
    clearTimeout(this.#seekTimer);
    this.#endRide();
    for (const media of this.#open.values()) media.close();
    this.#open.clear();
    this.#stage?.close();
    this.#options.video.pause();
    this.#options.video.removeAttribute("src");
    this.#options.video.load();
  }

  /** Takes back what was opened of recordings that are gone, and looks anew if one of them is on the screen. */
  forget(recordings: ReadonlySet<string>): void {
    const gone = [...this.#open.values()].filter(({ link }) => recordings.has(link.recording));
    if (gone.length === 0) return;
    for (const media of gone) {
      media.close();
      this.#open.delete(media.link.recording);
    }
    const now = this.positionUs();
    this.#endRide();
    this.#stage?.empty();
    this.seek(now);
  }

  /** Moves within what is loaded already. */
  #jumpWithin(atUs: number): boolean {
    const stage = this.#stage;
    if (stage === null || stage.isBroken || this.#ride === null || stage.loadedUntilUs(atUs) === null) return false;
    // The ride loads from where it is; a jump back over a gap in what is loaded would starve.
    if (stage.loadedUntilUs(atUs) !== stage.loadedUntilUs(stage.positionUs)) return false;
    this.#options.video.currentTime = stage.toMedia(atUs);
    this.#settle();
    return true;
  }

  #endRide(): void {
    this.#ride?.stop.abort();
    this.#ride = null;
  }

  async #startRide(atUs: number): Promise<void> {
    const ride: Ride = { stop: new AbortController(), switchAtUs: null, isAtEnd: false };
    this.#endRide();
    this.#ride = ride;
    const found = await this.#options.recordings.at(atUs);
    if (this.#isOver(ride)) return;
    if (!found.ok) { this.#fail(found.problem); return; }
    if (found.value === null) return this.#nothingHere(ride, atUs);
    const media = await this.#openMedia(found.value, ride);
    if (this.#isOver(ride)) return;
    if (!media.ok) { this.#fail(media.problem); return; }
    if (!isPlayable(media.value.index.codecs)) { this.#fail({ code: "codec-not-playable", detail: media.value.index.codecs }); return; }
    const tracks = tracksOf(media.value.init);
    if (!(await this.#prepareStage(tracks, atUs))) return;
    if (this.#isOver(ride)) return;
    await this.#load(ride, media.value, tracks, atUs);
  }

  /** Loads from the fragment at `atUs` on, recording after recording. */
  async #load(ride: Ride, start: RecordingMedia, startTracks: readonly Track[], atUs: number): Promise<void> {
    const stage = this.#stage;
    if (stage === null) return;
    let media = start;
    let tracks = startTracks;
    let place = media.fragmentAt((atUs - media.link.startUs) / 1000);
    let isFirst = true;
    stage.begin(media.init, tracks, media.index.codecs, media.link.startUs);
    while (!this.#isOver(ride)) {
      const fragment = media.index.fragments[place];
      if (fragment === undefined) {
        const next = await this.#nextMedia(ride, media.link);
        if (next === null || this.#isOver(ride)) return;
        media = next;
        tracks = tracksOf(media.init);
        place = 0;
        if (!stage.takes(tracks) || !isPlayable(media.index.codecs)) {
          ride.switchAtUs = media.link.startUs;
          return;
        }
        stage.begin(media.init, tracks, media.index.codecs, media.link.startUs);
        continue;
      }
      if (!isFirst && stage.loadedAheadUs() > AHEAD_S * 1_000_000 * Math.max(1, this.#rate)) {
        await wait(TICK_MS, ride.stop.signal);
        continue;
      }
      const bytes = await media.fragment(place, ride.stop.signal);
      if (this.#isOver(ride)) return;
      if (!bytes.ok) {
        if (bytes.problem.code !== "vault-unreachable") { this.#fail(bytes.problem); return; }
        await wait(RETRY_MS, ride.stop.signal);
        continue;
      }
      const isIn = await stage.append(bytes.value);
      if (this.#isOver(ride)) return;
      if (stage.isBroken) { this.#fail({ code: "codec-not-playable", detail: media.index.codecs }); return; }
      if (!isIn) {
        await wait(TICK_MS, ride.stop.signal);
        continue;
      }
      this.#rememberFrames(bytes.value, tracks, media.link.startUs);
      place += 1;
      if (isFirst) {
        isFirst = false;
        this.#options.video.currentTime = stage.toMedia(atUs);
        this.#settle();
      }
      stage.trim(); // after the picture has moved: what is behind it is measured from where it is
    }
  }

  /** The next recording, waiting for one if none was made yet. */
  async #nextMedia(ride: Ride, before: RecordingLink): Promise<RecordingMedia | null> {
    for (;;) {
      const found = await this.#options.recordings.after(before.endUs);
      if (this.#isOver(ride)) return null;
      if (found.ok && found.value !== null && found.value.recording !== before.recording) {
        ride.isAtEnd = false;
        const media = await this.#openMedia(found.value, ride);
        if (this.#isOver(ride)) return null;
        if (media.ok) return media.value;
        if (media.problem.code !== "vault-unreachable") {
          // One that cannot be opened is passed over, as a gap is; the timeline says why.
          before = found.value;
          continue;
        }
      } else if (found.ok) ride.isAtEnd = true;
      await wait(RETRY_MS, ride.stop.signal);
      if (this.#isOver(ride)) return null;
    }
  }

  async #openMedia(link: RecordingLink, ride: Ride): Promise<Outcome<RecordingMedia>> {
    const held = this.#open.get(link.recording);
    if (held !== undefined) {
      this.#open.delete(link.recording);
      this.#open.set(link.recording, held);
      return { ok: true, value: held };
    }
    const opened = await RecordingMedia.open(this.#options.source, link, ride.stop.signal);
    if (!opened.ok) return opened;
    if (this.#isClosed) opened.value.close();
    else this.#open.set(link.recording, opened.value);
    for (const [oldest, media] of this.#open) {
      if (this.#open.size <= OPEN_MAX) break;
      media.close();
      this.#open.delete(oldest);
    }
    return opened;
  }

  async #prepareStage(tracks: readonly Track[], atUs: number): Promise<boolean> {
    const stage = this.#stage;
    if (stage !== null && !stage.isBroken && stage.takes(tracks) && stage.toMedia(atUs) > 0) {
      stage.empty();
      return true;
    }
    stage?.close();
    this.#frames = [];
    this.#stage = await Stage.set(this.#options.video, atUs);
    return this.#stage !== null;
  }

  async #nothingHere(ride: Ride, atUs: number): Promise<void> {
    const next = await this.#options.recordings.after(atUs);
    if (this.#isOver(ride)) return;
    if (!next.ok) { this.#fail(next.problem); return; }
    if (next.value !== null && this.#isPlaying) this.seek(next.value.startUs);
    else {
      this.#options.video.pause();
      this.#tell({ kind: "nothing-here", positionUs: atUs, nextUs: next.value?.startUs ?? null });
    }
  }

  #settle(): void {
    if (this.#isPlaying) this.#roll();
    else this.#tell({ kind: "paused", positionUs: this.#wantedUs });
  }

  #roll(): void {
    const { video } = this.#options;
    if (this.#stage === null || this.#state.kind === "nothing-here" || this.#state.kind === "failed") return;
    video.playbackRate = this.#rate;
    video.play().then(
      () => this.#isPlaying && this.#stage !== null && this.#tell({ kind: "playing", positionUs: this.positionUs() }),
      (error: unknown) => {
        if (!(error instanceof DOMException) || error.name !== "NotAllowedError" || video.muted) return;
        video.muted = true; // sound needs a touch first, the picture does not
        this.#roll();
      },
    );
  }

  /** Crosses gaps, changes stages, notices the end. */
  #tick(): void {
    const stage = this.#stage;
    const ride = this.#ride;
    if (stage === null || ride === null || !this.#isPlaying || this.#options.video.seeking) return;
    const now = stage.positionUs;
    const untilUs = stage.loadedUntilUs(now);
    // Browsers stop a frame or more before the end of what is loaded.
    this.#stillTicks = now === this.#lastTickUs ? this.#stillTicks + 1 : 0;
    this.#lastTickUs = now;
    const isStuck = this.#stillTicks >= STUCK_TICKS && untilUs !== null && untilUs - now < 1_000_000;
    if (untilUs === null || untilUs - now < 40_000 || isStuck) {
      const nextUs = stage.nextLoadedUs(now + 1_000);
      if (nextUs !== null) this.#options.video.currentTime = stage.toMedia(nextUs) + 0.001;
      else if (ride.switchAtUs !== null) { this.seek(ride.switchAtUs); return; }
      else if (ride.isAtEnd) { this.#end(now); return; }
    }
    if (performance.now() - this.#lastTold > TELL_EVERY_MS && this.#state.kind === "playing") this.#tell({ kind: "playing", positionUs: now });
  }

  #end(atUs: number): void {
    this.#isPlaying = false;
    this.#options.video.pause();
    this.#tell({ kind: "ended", positionUs: atUs });
  }

  #rememberFrames(fragment: Uint8Array, tracks: readonly Track[], startUs: number): void {
    const video = tracks.find(({ kind }) => kind === "video");
    if (video === undefined) return;
    const samples = runsOf(fragment).flatMap((run) => (run.trackId === video.id ? run.samples : []));
    const times = samples.map(({ time }) => startUs + Math.round((time * 1_000_000) / video.timescale));
    const keptFromUs = this.positionUs() - 60_000_000;
    this.#frames = [...new Set([...this.#frames.filter((frame) => frame > keptFromUs), ...times])].sort((a, b) => a - b);
  }

  #fail(problem: Problem): void {
    if (problem.code !== "cancelled") this.#tell({ kind: "failed", positionUs: this.#wantedUs, problem });
  }

  #tell(state: PlayerState): void {
    if (this.#isClosed) return;
    this.#lastTold = performance.now();
    this.#state = state;
    this.#options.onState(state);
  }

  #isOver(ride: Ride): boolean {
    return this.#isClosed || this.#ride !== ride;
  }
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
