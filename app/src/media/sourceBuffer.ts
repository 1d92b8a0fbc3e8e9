/** @file A SourceBuffer that takes one thing after another: appends and removals queue, and a full buffer makes room. */
import { mediaSourceKind } from "./mediaSource";


type Task =
  | { readonly kind: "append"; readonly bytes: BufferSource; readonly offsetS: number | null; readonly done: (isIn: boolean) => void }
  | { readonly kind: "remove"; readonly fromS: number; readonly toS: number }
  | { readonly kind: "type"; readonly mime: string };

export class AppendQueue {
  readonly #buffer: SourceBuffer;
  readonly #tasks: Task[] = [];
  /** Called when the browser's memory for the buffer is full; should remove what was played. */
  readonly #onFull: () => void;
  #isClosed = false;

  constructor(buffer: SourceBuffer, onFull: () => void) {
    this.#buffer = buffer;
    this.#onFull = onFull;
    buffer.addEventListener("updateend", () => this.#next());
  }

  get length(): number {
    return this.#tasks.length;
  }

  /** Resolves to whether the bytes went in. `offsetS` moves what follows on the media's time line; null leaves it. */
  append(bytes: BufferSource, offsetS: number | null = null): Promise<boolean> {
    return new Promise((done) => this.#add({ kind: "append", bytes, offsetS, done }));
  }

  remove(fromS: number, toS: number): void {
    if (toS > fromS) this.#add({ kind: "remove", fromS, toS });
  }

  changeType(mime: string): void {
    this.#add({ kind: "type", mime });
  }

  /** Forgets what waits. */
  clear(): void {
    for (const task of this.#tasks.splice(0)) if (task.kind === "append") task.done(false);
  }

  close(): void {
    this.#isClosed = true;
    this.clear();
  }

  #add(task: Task): void {
    if (this.#isClosed) {
      if (task.kind === "append") task.done(false);
      return;
    }
    this.#tasks.push(task);
    this.#next();
  }

  #next(): void {
    while (!this.#isClosed && !this.#buffer.updating) {
      const task = this.#tasks.shift();
      if (task === undefined) return;
      try {
        this.#start(task);
      } catch (error) {
        if (task.kind !== "append") continue;
        if (error instanceof DOMException && error.name === "QuotaExceededError") this.#onFull();
        task.done(false);
      }
    }
  }

  #start(task: Task): void {
    if (task.kind === "remove") this.#buffer.remove(Math.max(0, task.fromS), task.toS);
    else if (task.kind === "type") this.#buffer.changeType(task.mime);
    else {
      if (task.offsetS !== null) this.#buffer.timestampOffset = task.offsetS;
      this.#buffer.appendBuffer(task.bytes);
      this.#buffer.addEventListener("updateend", () => task.done(true), { once: true });
    }
  }
}

export function mimeOf(codecs: string): string {
  return `video/mp4; codecs="${codecs}"`;
}

/** Whether this browser plays these codecs. Debian's Chromium, for one, plays no H.265. */
export function isPlayable(codecs: string): boolean {
  return mediaSourceKind()?.isTypeSupported(mimeOf(codecs)) ?? false;
}

/** The end of what is buffered around `atS`, or null when nothing is. */
export function bufferedEnd(buffered: TimeRanges, atS: number, slackS = 0.1): number | null {
  for (let i = 0; i < buffered.length; i += 1) {
    if (buffered.start(i) <= atS + slackS && atS < buffered.end(i)) return buffered.end(i);
  }
  return null;
}

/** The start of the first buffered stretch after `atS`, or null. */
export function nextBufferedStart(buffered: TimeRanges, atS: number): number | null {
  for (let i = 0; i < buffered.length; i += 1) if (buffered.start(i) > atS) return buffered.start(i);
  return null;
}
