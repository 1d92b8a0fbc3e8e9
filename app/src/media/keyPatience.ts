/**
 * @file What a live key that is refused means. Pure.
 *
 * While somebody is let in or put out, the roster here and the hub's differ for a moment, and so do their epochs: then
 * one comes back a little later and asks again. What stays strange is an alarm.
 */
import type { Refusal } from "../crypto/checked";

/** So long the two may differ. */
export const EPOCH_MS_MAX = 30_000;

export type Verdict = "wait" | "come-back" | "fail";

export class KeyPatience {
  #strangeSinceMs: number | null = null;

  accepted(): void {
    this.#strangeSinceMs = null;
  }

  refused(refusal: Refusal, nowMs: number): Verdict {
    if (refusal === "old-key") return "wait"; // a new one is on its way
    if (refusal !== "wrong-room" && refusal !== "no-key") return "fail";
    this.#strangeSinceMs ??= nowMs;
    return nowMs - this.#strangeSinceMs < EPOCH_MS_MAX ? "come-back" : "fail";
  }
}
