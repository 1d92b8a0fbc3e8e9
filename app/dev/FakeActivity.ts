/** @file Development only: the log of a made-up home, honest or not. */
import type { ActivityModel, EntryFacts, EntryKind, EntryView, EntryWho, LogView } from "../src/domain/activity.ts";
import { DAY_US, HOUR_US, MINUTE_US } from "../src/domain/clock.ts";
import type { Outcome } from "../src/domain/home.ts";

const YOU: EntryWho = { by: "you" };
const FRED: EntryWho = { by: "member", name: "Fred" };

function entries(nowUs: number): readonly EntryView[] {
  const all: readonly (readonly [number, EntryWho, EntryKind, EntryFacts])[] = [
    [2 * MINUTE_US, YOU, "recording-opened", { camera: "Front door", fromUs: nowUs - 3 * HOUR_US, toUs: nowUs - 2 * HOUR_US, isStill: false }],
    [4 * MINUTE_US, { by: "stranger" }, "sign-in-refused", { way: "password", why: "second-step", member: "Wilma", isMe: true }],
    [HOUR_US, FRED, "live-ended", { camera: "Front door", room: "Porch", seconds: 240 }],
    [HOUR_US + 4 * MINUTE_US, FRED, "live-opened", { camera: "Front door", room: "Porch" }],
    [3 * HOUR_US, YOU, "signed-in", { way: "password", isKnown: false }],
    [5 * HOUR_US, FRED, "rule-changed", { room: "Porch", className: "event", days: 30 }],
    [DAY_US, YOU, "way-in-changed", { way: "passkey", change: "added", member: "Wilma", isMe: true }],
    [DAY_US + HOUR_US, { by: "vault" }, "retention-swept", { room: "Porch", className: "continuous", count: 1_440 }],
    [2 * DAY_US, YOU, "erasure-asked", { count: 12 }],
    [6 * DAY_US, YOU, "member-changed", { member: "Fred", change: "added" }],
    [7 * DAY_US, YOU, "device-changed", { camera: "Front door", room: "Porch", change: "added" }],
    [7 * DAY_US, YOU, "member-changed", { member: "Wilma", isMe: true, change: "added" }],
  ];
  return all.map(([ago, who, kind, facts], index) => ({ sequence: all.length - 1 - index, atUs: nowUs - ago, who, kind, facts }));
}

export class FakeActivity implements ActivityModel {
  #isLying: boolean;
  constructor(isLying: boolean) {
    this.#isLying = isLying;
  }
  log(): Promise<Outcome<LogView>> {
    const nowUs = Date.now() * 1000;
    const all = entries(nowUs);
    return Promise.resolve({
      ok: true,
      value: {
        entries: all,
        hasMore: true,
        alarms: this.#isLying ? [{ kind: "rolled-back", count: 1 }, { kind: "another-log", count: 1 }] : [],
        total: 212,
        knownSinceUs: nowUs - 7 * DAY_US,
        witnesses: [{ atUs: nowUs - 9 * MINUTE_US }],
        key: "eaves.invalid/log/00+00000000+AA==",
      },
    });
  }
  acceptOtherLog(): Promise<Outcome<void>> {
    this.#isLying = false;
    return Promise.resolve({ ok: true, value: undefined });
  }
  receipt(sequence: number): Promise<Outcome<string>> {
    return Promise.resolve({ ok: true, value: `proof of entry ${String(sequence)}` });
  }
}
