/** @file Development only: live view and playback of made-up cameras, drawn into a canvas stream. */
import type { LiveState, LiveWatch, PlaybackRate, Player, PlayerState, TimelineItem, TimeUs } from "../src/domain/home.ts";
import { itemAt } from "../src/domain/timeline.ts";
import { drawPicture, newCanvas, type View } from "./picture.ts";

class CanvasVideo {
  readonly #context = newCanvas(960, 540);
  readonly #video: HTMLVideoElement;
  readonly #view: View;

  constructor(video: HTMLVideoElement, view: View) {
    this.#video = video;
    this.#view = view;
    video.srcObject = this.#context.canvas.captureStream(15);
    video.play().catch(() => undefined);
  }

  draw(atUs: TimeUs): void {
    drawPicture(this.#context, this.#view, atUs / 1000);
  }

  close(): void {
    this.#video.srcObject = null;
  }
}

export function fakeLive(video: HTMLVideoElement, view: View, onState: (state: LiveState) => void): LiveWatch {
  onState({ kind: "opening" });
  const stream = new CanvasVideo(video, view);
  const timer = setInterval(() => {
    const nowUs = Date.now() * 1000;
    stream.draw(nowUs);
    onState({ kind: "playing", pictureAtUs: nowUs });
  }, 66);
  return {
    stop() {
      clearInterval(timer);
      stream.close();
    },
  };
}

export class FakePlayer implements Player {
  #positionUs = 0;
  #rate: PlaybackRate = 1;
  #isPlaying = false;
  #isClosed = false;
  #last = performance.now();
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #stream: CanvasVideo;
  readonly #items: () => readonly TimelineItem[];
  readonly #onState: (state: PlayerState) => void;

  constructor(video: HTMLVideoElement, view: View, items: () => readonly TimelineItem[], onState: (state: PlayerState) => void) {
    this.#stream = new CanvasVideo(video, view);
    this.#items = items;
    this.#onState = onState;
    this.#timer = setInterval(() => this.#tick(), 40);
  }

  #tick(): void {
    const now = performance.now();
    if (this.#isPlaying) this.#positionUs += (now - this.#last) * 1000 * this.#rate;
    this.#last = now;
    this.#tell();
  }

  #tell(): void {
    if (this.#isClosed || this.#positionUs === 0) return;
    const nowUs = Date.now() * 1000;
    const positionUs = this.#positionUs;
    const item = itemAt(this.#items(), positionUs, nowUs);
    if (positionUs > nowUs - 1e6) this.#onState({ kind: "ended", positionUs });
    else if (item?.kind === "alarm") this.#onState({ kind: "failed", positionUs, problem: { code: item.alarm === "stranger" ? "recording-not-ours" : "recording-changed" } });
    else if (item?.kind !== "recording") {
      const next = this.#items().find((candidate) => candidate.kind === "recording" && candidate.startUs > positionUs);
      if (this.#isPlaying && next !== undefined) this.#positionUs = next.startUs;
      else this.#onState({ kind: "nothing-here", positionUs, nextUs: next?.startUs ?? null });
    } else {
      this.#stream.draw(positionUs);
      this.#onState({ kind: this.#isPlaying ? "playing" : "paused", positionUs });
    }
  }

  seek(atUs: TimeUs): void {
    this.#positionUs = atUs;
    this.#onState({ kind: "loading", positionUs: atUs });
  }
  play(): void {
    this.#isPlaying = true;
  }
  pause(): void {
    this.#isPlaying = false;
  }
  setRate(rate: PlaybackRate): void {
    this.#rate = rate;
  }
  step(direction: 1 | -1): void {
    this.#isPlaying = false;
    this.#positionUs += direction * 66_667;
    this.#tell();
  }
  positionUs(): TimeUs {
    return this.#positionUs;
  }
  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#stream.close();
  }
}
