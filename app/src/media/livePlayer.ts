/**
 * @file The live player: opened frames into one video element, as close to now as the browser allows.
 *
 * Frames of a live key arrive in order. After a loss nothing is shown until the next keyframe. The picture is kept a
 * little behind the newest frame; when it falls behind it hurries, and when it is far behind it jumps.
 */
import type { LiveFrame } from "../crypto/opener";
import { attachSource } from "./mediaSource";
import { AppendQueue, bufferedEnd, isPlayable, mimeOf } from "./sourceBuffer";
import { runsOf, tracksOf, type Track } from "./movie";

/** Where the picture is kept behind the end of the newest frame: in frames, but never less than these seconds. */
const BEHIND_FRAMES = 1.6;
const BEHIND_S_MIN = 0.12;
/** So much further behind it hurries, and so much further it jumps. */
const HURRY_S = 0.09;
const JUMP_S = 0.5;
const HURRY_RATE = 1.15;
const KEPT_S = 8;
const CAPTURES_MAX = 600;

export interface LivePicture {
  /** When the picture that is on the screen now was taken. */
  readonly takenUs: number;
}

export interface LivePlayerListener {
  onPicture(picture: LivePicture): void;
  /** This browser cannot play what the camera sends. */
  onUnplayable(codecs: string): void;
  /** The browser refused a frame: the player starts over at the next init segment. */
  onBroken(): void;
}

export class LivePlayer {
  readonly #video: HTMLVideoElement;
  readonly #listener: LivePlayerListener;
  readonly #captures: { readonly timeS: number; readonly takenUs: number }[] = [];
  #source: MediaSource | null = null;
  /** Counts the sources: one that opens after a later one was asked for is dropped. */
  #starts = 0;
  #buffer: SourceBuffer | null = null;
  #queue: AppendQueue | null = null;
  #tracks: readonly Track[] = [];
  #codecs = "";
  #offsetS: number | null = null;
  #needsKeyframe = true;
  #frameS = 0.1;
  #frameCallback = 0;
  #isClosed = false;

  constructor(video: HTMLVideoElement, listener: LivePlayerListener) {
    this.#video = video;
    this.#listener = listener;
    video.muted = true; // browsers start only silent pictures by themselves
    video.playsInline = true;
    this.#watchPictures();
  }

  /** Frames were lost on the way: what follows is shown from the next keyframe on. */
  lost(): void {
    this.#needsKeyframe = true;
  }

  async push(frame: LiveFrame): Promise<void> {
    if (this.#isClosed) return;
    if (frame.isInit) return this.#init(frame);
    const queue = this.#queue;
    if (queue === null) return;
    if (frame.isKeyframe && !frame.isSound) this.#needsKeyframe = false;
    else if (this.#needsKeyframe && !frame.isSound) return;
    const timeS = this.#place(frame);
    if (timeS === null) return;
    if (!frame.isSound) this.#remember(timeS, frame.capturedUs);
    const isIn = await queue.append(frame.mp4, this.#offsetS);
    if (this.#isBroken()) this.#listener.onBroken();
    else if (!isIn) this.#needsKeyframe = true;
    else this.#follow();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#video.cancelVideoFrameCallback(this.#frameCallback);
    this.#drop();
    this.#video.removeAttribute("src");
    this.#video.load();
  }

  async #init(frame: LiveFrame): Promise<void> {
    const tracks = tracksOf(frame.mp4);
    const codecs = frame.codecs;
    if (!isPlayable(codecs)) {
      this.#listener.onUnplayable(codecs);
      return;
    }
    const isSameKind = tracks.length === this.#tracks.length && tracks.every(({ kind, id }, i) => kind === this.#tracks[i]?.kind && id === this.#tracks[i].id);
    const canGoOn = this.#queue !== null && isSameKind && !this.#isBroken();
    if (!canGoOn && !(await this.#start(codecs))) return;
    if (canGoOn && codecs !== this.#codecs) this.#queue?.changeType(mimeOf(codecs));
    this.#tracks = tracks;
    this.#codecs = codecs;
    this.#needsKeyframe = true;
    this.#offsetS = null; // decode times start anew: the next keyframe says where it belongs
    await this.#queue?.append(frame.mp4);
  }

  /** A media source of our own for each kind of stream. */
  async #start(codecs: string): Promise<boolean> {
    this.#drop();
    const start = (this.#starts += 1);
    const source = await attachSource(this.#video);
    if (this.#isClosed || start !== this.#starts || source.readyState !== "open") return false;
    this.#source = source;
    this.#buffer = source.addSourceBuffer(mimeOf(codecs));
    this.#queue = new AppendQueue(this.#buffer, () => this.#trim(1));
    return true;
  }

  /** Where the frame goes on the element's time line. The first keyframe after an init segment follows what is there. */
  #place(frame: LiveFrame): number | null {
    const [run] = runsOf(frame.mp4);
    const track = this.#tracks.find(({ id }) => id === run?.trackId);
    if (run === undefined || track === undefined) return null;
    const ownS = run.decodeTime / track.timescale;
    const [sample] = run.samples;
    // A slow camera needs more room: with less than a frame the picture would stop at each.
    if (!frame.isSound && sample !== undefined) this.#frameS = 0.9 * this.#frameS + (0.1 * sample.duration) / track.timescale;
    if (this.#offsetS === null) {
      if (!frame.isKeyframe || frame.isSound) return null;
      this.#offsetS = (this.#edge() ?? 0) - ownS;
    }
    return ownS + this.#offsetS;
  }

  #remember(timeS: number, takenUs: number): void {
    this.#captures.push({ timeS, takenUs });
    if (this.#captures.length > CAPTURES_MAX) this.#captures.splice(0, CAPTURES_MAX / 2);
  }

  #edge(): number | null {
    const buffered = this.#buffer?.buffered;
    return buffered === undefined || buffered.length === 0 ? null : buffered.end(buffered.length - 1);
  }

  #follow(): void {
    const edge = this.#edge();
    if (edge === null) return;
    const video = this.#video;
    const behind = edge - video.currentTime;
    const isOutside = this.#buffer === null || bufferedEnd(this.#buffer.buffered, video.currentTime) === null;
    const wanted = Math.max(BEHIND_S_MIN, BEHIND_FRAMES * this.#frameS);
    if (isOutside || behind > wanted + JUMP_S) {
      const start = this.#buffer?.buffered.start(this.#buffer.buffered.length - 1) ?? 0;
      video.currentTime = Math.max(start, edge - wanted);
      video.playbackRate = 1;
    } else if (behind < wanted) video.playbackRate = 1;
    else if (behind > wanted + HURRY_S) video.playbackRate = HURRY_RATE;
    // Refused when the page was never touched and sound is on, or while it is hidden: the next frame tries again.
    if (video.paused) video.play().catch(() => undefined);
    if (video.currentTime > 2 * KEPT_S) this.#trim(KEPT_S);
  }

  #trim(keptS: number): void {
    const start = this.#buffer?.buffered.length ? this.#buffer.buffered.start(0) : 0;
    const end = this.#video.currentTime - keptS;
    if (end - start > keptS) this.#queue?.remove(start, end);
  }

  #watchPictures(): void {
    this.#frameCallback = this.#video.requestVideoFrameCallback((_now, { mediaTime }) => {
      const shown = this.#captures.findLast(({ timeS }) => timeS <= mediaTime + 0.001);
      if (shown !== undefined) this.#listener.onPicture({ takenUs: shown.takenUs });
      if (!this.#isClosed) this.#watchPictures();
    });
  }

  #isBroken(): boolean {
    return this.#video.error !== null || this.#source?.readyState !== "open";
  }

  #drop(): void {
    this.#queue?.close();
    this.#captures.length = 0;
    this.#source = null;
    this.#buffer = null;
    this.#queue = null;
    this.#tracks = [];
    this.#offsetS = null;
    this.#needsKeyframe = true;
  }
}
