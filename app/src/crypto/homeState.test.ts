/** @file What a hub says about itself is believed only from its own key, and never an older state than was seen. */
import { expect, test, vi } from "vitest";
import { random } from "./bytes";
import { readEnvelope, signEnvelope } from "./envelope";
import { acceptHomeState } from "./homeState";
import { identityOf } from "./identity";
import type { Roster } from "./roster";
import { signingKey, type SigningKey } from "./signing";

vi.setConfig({ testTimeout: 60_000 }); // slow machines are no failure

const hub = signingKey(random(32));
const other = signingKey(random(32));
const id = (digit: string) => digit.repeat(32);

async function roster(): Promise<Roster> {
  const { recipient } = await identityOf(random(32));
  const label = random(16);
  const hubs = [
    { hub: id("2"), signingKey: hub.publicKey, recipient },
    { hub: id("5"), signingKey: other.publicKey, recipient },
  ];
  return { household: id("1"), version: 1, previous: null, issuedUs: 0, epoch: 1, recipient, label, members: [], hubs, rooms: [], devices: [] };
}

const state = (change: object = {}) => ({
  household: id("1"), hub: id("2"), version: 7, issuedUs: 9, roster: 1,
  armed: { on: false, sinceUs: 1, by: null },
  privacy: [{ scope: { of: "room", room: id("4") }, by: id("7"), sinceUs: 3 }],
  waiting: [{ what: { loosening: "privacy", command: id("9"), scope: { of: "household" } }, by: id("7"), announcedUs: 3, effectiveUs: 4 }],
  held: [{ room: id("4"), lifetimes: { continuousDays: 3, eventDays: 14 }, records: "always" }],
  watching: [{ member: id("7"), device: id("3"), sinceUs: 5 }],
  ...change,
});

async function judge(document: object, by: SigningKey = hub, seen: ReadonlyMap<string, number> = new Map()) {
  const envelope = readEnvelope(signEnvelope("home-state", document, by));
  if (!envelope.ok) throw new Error(envelope.refusal);
  return acceptHomeState(envelope.value, await roster(), seen);
}

test("a hub's own state is believed", async () => {
  const judged = await judge(state());
  expect(judged.ok && judged.value.watching[0]?.member).toBe(id("7"));
});

test("a state that another key signed, also another hub's of the same home, is not", async () => {
  expect(await judge(state(), signingKey(random(32)))).toMatchObject({ ok: false });
  expect(await judge(state(), other)).toEqual({ ok: false, refusal: "wrong-hub" });
});

test("an older state than was seen, and another household's, are refused", async () => {
  expect(await judge(state({ version: 6 }), hub, new Map([[id("2"), 7]]))).toEqual({ ok: false, refusal: "rolled-back" });
  expect((await judge(state(), hub, new Map([[id("2"), 7]]))).ok).toBe(true);
  expect(await judge(state({ household: id("8") }))).toEqual({ ok: false, refusal: "wrong-household" });
});

test("a state in another form is refused", async () => {
  expect(await judge(state({ watching: [{ member: id("7") }] }))).toMatchObject({ ok: false });
});
