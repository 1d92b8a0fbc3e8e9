/**
 * @file The stage of the recording player: one MediaSource in one video element, on a time line of UTC.
 *
 * The element's time is seconds since `originUs`, far enough in the past that whoever seeks back stays above zero.
 */
import { attachSource } from "./mediaSource";
import { AppendQueue, bufferedEnd, mimeOf, nextBufferedStart } from "./sourceBuffer";
import type { Track } from "./movie";

const ORIGIN_BEFORE_US = 30 * 86_400_000_000;
const LENGTH_S = 60 * 86_400;
const KEPT_BEHIND_S = 20;

export class Stage {
  readonly #video: HTMLVideoElement;
  readonly #originUs: number;
  readonly #source: MediaSource;
  #buffer: SourceBuffer | null = null;
  #queue: AppendQueue | null = null;
  #codecs = "";
  #kinds = "";

  private constructor(video: HTMLVideoElement, source: MediaSource, aroundUs: number) {
    this.#video = video;
    this.#originUs = aroundUs - ORIGIN_BEFORE_US;
    this.#source = source;
  }

  /** Sets a new stage; null when the element was given to something else meanwhile. */
  static async set(video: HTMLVideoElement, aroundUs: number): Promise<Stage | null> {
    const stage = new Stage(video, await attachSource(video), aroundUs);
    if (stage.#source.readyState !== "open") return null;
    stage.#source.duration = LENGTH_S;
    return stage;
  }

  /** Whether a recording with these tracks can be shown without setting a new stage. */
  takes(tracks: readonly Track[]): boolean {
    return this.#kinds === "" || this.#kinds === kindsOf(tracks);
  }

  /** Begins a recording: its init segment, and where its decode times start. */
  begin(init: BufferSource, tracks: readonly Track[], codecs: string, startUs: number): void {
    if (this.#queue === null) {
      this.#buffer = this.#source.addSourceBuffer(mimeOf(codecs));
      this.#queue = new AppendQueue(this.#buffer, () => this.trim());
    } else if (codecs !== this.#codecs) this.#queue.changeType(mimeOf(codecs));
    this.#codecs = codecs;
    this.#kinds = kindsOf(tracks);
    void this.#queue.append(init, this.toMedia(startUs));
  }

  async append(fragment: BufferSource): Promise<boolean> {
    return (await this.#queue?.append(fragment)) ?? false;
  }

  get isBroken(): boolean {
    return this.#source.readyState !== "open" || this.#video.error !== null;
  }

  get positionUs(): number {
    return this.toUs(this.#video.currentTime);
  }

  toMedia(us: number): number {
    return (us - this.#originUs) / 1_000_000;
  }

  toUs(mediaS: number): number {
    return Math.round(mediaS * 1_000_000) + this.#originUs;
  }

  /** Where the stretch that is loaded around `us` ends; null when nothing is loaded there. */
  loadedUntilUs(us: number): number | null {
    const end = this.#buffer === null ? null : bufferedEnd(this.#buffer.buffered, this.toMedia(us));
    return end === null ? null : this.toUs(end);
  }

  /** How much is loaded after the picture, gaps not counted. */
  loadedAheadUs(): number {
    const buffered = this.#buffer?.buffered;
    const now = this.#video.currentTime;
    let ahead = 0;
    for (let i = 0; i < (buffered?.length ?? 0); i += 1) {
      const end = buffered?.end(i) ?? 0;
      if (end > now) ahead += end - Math.max(now, buffered?.start(i) ?? 0);
    }
    return ahead * 1_000_000;
  }

  nextLoadedUs(us: number): number | null {
    const start = this.#buffer === null ? null : nextBufferedStart(this.#buffer.buffered, this.toMedia(us));
    return start === null ? null : this.toUs(start);
  }

  /** Forgets everything that is loaded or waits. */
  empty(): void {
    this.#queue?.clear();
    this.#queue?.remove(0, LENGTH_S);
  }

  /** Forgets what was played a while ago. */
  trim(): void {
    const first = this.#buffer?.buffered.length ? this.#buffer.buffered.start(0) : Infinity;
    const until = this.#video.currentTime - KEPT_BEHIND_S;
    if (until - first > KEPT_BEHIND_S) this.#queue?.remove(first, until);
  }

  close(): void {
    this.#queue?.close();
  }
}

function kindsOf(tracks: readonly Track[]): string {
  return tracks.map(({ id, kind }) => `${id}:${kind}`).join(",");
}
