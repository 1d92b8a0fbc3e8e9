/** @file Where the timeline stands: a small store that the strip, the caption and the stage watch, sixty times a second. */
import { SECOND_US } from "../../domain/clock.ts";
import { clampCentre, type View } from "../../domain/timeline.ts";
import type { Span, TimeUs } from "../../domain/home.ts";

const SPOKEN_EVERY_US = 10 * SECOND_US;

export class Cursor {
  #view: View;
  #limits: Span;
  #spokenUs: TimeUs;
  #isHeld = false;
  #direction: -1 | 0 | 1 = 0;
  readonly #listeners = new Set<() => void>();

  constructor(view: View, limits: Span) {
    this.#view = view;
    this.#limits = limits;
    this.#spokenUs = view.centreUs;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly view = (): View => this.#view;
  readonly centreUs = (): TimeUs => this.#view.centreUs;
  readonly limits = (): Span => this.#limits;
  /** What a screen reader is told: at once where one goes by hand, now and then while the clock or playback goes on. */
  readonly spokenUs = (): TimeUs => this.#spokenUs;
  /** A finger is on it: neither playback nor the clock moves it. */
  readonly isHeld = (): boolean => this.#isHeld;
  /** Which way it last moved by hand. */
  readonly direction = (): -1 | 0 | 1 => this.#direction;

  setLimits(limits: Span): void {
    this.#limits = limits;
  }

  setView(view: View): void {
    this.#move(view, 0);
  }

  #move(view: View, quietUs: number): void {
    const next = clampCentre(view, this.#limits);
    if (next.centreUs === this.#view.centreUs && next.usPerPx === this.#view.usPerPx) return;
    if (this.#isHeld) this.#direction = next.centreUs > this.#view.centreUs ? 1 : next.centreUs < this.#view.centreUs ? -1 : 0;
    this.#view = next;
    if (Math.abs(next.centreUs - this.#spokenUs) >= quietUs) this.#spokenUs = next.centreUs;
    this.#tell();
  }

  /** Playback or the clock went on; ignored while held. */
  follow(atUs: TimeUs): void {
    if (!this.#isHeld) this.#move({ ...this.#view, centreUs: atUs }, SPOKEN_EVERY_US);
  }

  hold(isHeld: boolean): void {
    if (this.#isHeld === isHeld) return;
    this.#isHeld = isHeld;
    if (!isHeld) this.#direction = 0;
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
