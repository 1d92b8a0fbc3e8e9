/**
 * @file Still pictures of recordings as `blob:` addresses, opened ahead of the finger and kept in a bounded cache.
 *
 * Scrubbing asks faster than the network answers, so the newest wish is served first and old ones that nobody waits for
 * any more are dropped. Addresses are revoked when they fall out of the cache.
 */
import type { RecordingLink } from "../crypto/link";
import { fetchHeaders, openSmallPart, type Source } from "./recordingMedia";

const KEPT_MAX = 400;
const AT_ONCE = 4;
const WAITING_MAX = 24;

interface Wish {
  readonly link: RecordingLink;
  readonly answer: (url: string | null) => void;
}

export class Posters {
  readonly #source: Source;
  /** In order of last use. */
  readonly #kept = new Map<string, string>();
  readonly #asked = new Map<string, Promise<string | null>>();
  readonly #wishes: Wish[] = [];
  #running = 0;
  /** Counts up when everything was dropped: what is still under way then is dropped too. */
  #generation = 0;

  constructor(source: Source) {
    this.#source = source;
  }

  /** Whether there is room for what nobody asked for yet. */
  get isIdle(): boolean {
    return this.#wishes.length < AT_ONCE;
  }

  now(recording: string): string | null {
    const url = this.#kept.get(recording);
    if (url === undefined) return null;
    this.#kept.delete(recording);
    this.#kept.set(recording, url);
    return url;
  }

  get(link: RecordingLink): Promise<string | null> {
    const now = this.now(link.recording);
    if (now !== null) return Promise.resolve(now);
    const before = this.#asked.get(link.recording);
    if (before !== undefined) return before;
    const asked = new Promise<string | null>((answer) => this.#wishes.push({ link, answer }));
    this.#asked.set(link.recording, asked);
    void asked.then(() => this.#asked.delete(link.recording));
    while (this.#wishes.length > WAITING_MAX) this.#wishes.shift()?.answer(null);
    this.#next();
    return asked;
  }

  /** Forgets one recording, because it was erased. */
  drop(recording: string): void {
    const url = this.#kept.get(recording);
    if (url === undefined) return;
    this.#kept.delete(recording);
    URL.revokeObjectURL(url);
  }

  clear(): void {
    this.#generation += 1;
    for (const url of this.#kept.values()) URL.revokeObjectURL(url);
    this.#kept.clear();
    for (const wish of this.#wishes.splice(0)) wish.answer(null);
  }

  #next(): void {
    while (this.#running < AT_ONCE) {
      const wish = this.#wishes.pop();
      if (wish === undefined) return;
      this.#running += 1;
      void this.#open(wish.link).then((url) => {
        this.#running -= 1;
        wish.answer(url);
        this.#next();
      });
    }
  }

  async #open(link: RecordingLink): Promise<string | null> {
    const generation = this.#generation;
    const headers = await fetchHeaders(this.#source, link);
    if (!headers.ok) return null;
    const opened = await openSmallPart(this.#source, link, "poster", headers.value);
    if (!opened.ok || generation !== this.#generation) return null;
    const url = URL.createObjectURL(new Blob([opened.value], { type: "image/jpeg" }));
    this.#kept.set(link.recording, url);
    for (const [oldest] of this.#kept) {
      if (this.#kept.size <= KEPT_MAX) break;
      this.drop(oldest);
    }
    return url;
  }
}
