/** @file The rules of a room and what waits: signed by owners, kept by the hub, stopped by anybody grown up; and nothing on the vault's word. */
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { HouseholdView, RoomId } from "../domain/home";
import type { PendingId, RoomRule } from "../domain/rules";
import { randomId } from "../crypto/bytes";
import { readEnvelope, signEnvelope, type EnvelopeJson } from "../crypto/envelope";
import { digestHex } from "../crypto/hash";
import { memberKeys, makeMemberSecret } from "../crypto/member";
import { changeRule, rulesModel } from "./rules";
import type { Session } from "./session";
import { claimedHome, must, newestRoster, NAME, until, type TestHome } from "./testing/home";
import { payloadOf } from "./testing/testHub";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const HOUR_US = 3_600_000_000;
const DAY_US = 24 * HOUR_US;
const START: RoomRule = { continuousDays: 3, eventDays: 14, records: "always" };

let home: TestHome;
let version = 0;
beforeEach(async () => {
  home = await claimedHome();
});

const view = (): HouseholdView => {
  const { access } = home.model.snapshot();
  if (access.kind !== "in") throw new Error(access.kind);
  return access.household;
};
const room = () => view().rooms[0]!;
const rosterDigest = () => digestHex(payloadOf(home.vault.rosters.at(-1)!));
const commandsOf = () => home.vault.commands.map((envelope) => JSON.parse(new TextDecoder().decode(payloadOf(envelope as unknown as EnvelopeJson))) as { action: string; [field: string]: unknown });

/** The hub signs what it keeps to. */
async function hubSays(over: object, key = home.hub.key): Promise<void> {
  version += 1;
  const roster = newestRoster(home.vault);
  const state = { household: roster.household, hub: home.hub.id, version, issuedUs: 1, roster: roster.version, armed: { on: false, sinceUs: 1, by: null }, privacy: [], waiting: [], held: [], watching: [], ...over };
  home.vault.tell({ event: "home", state: signEnvelope("home-state", state, key) });
  await new Promise((resolve) => setTimeout(resolve, 50));
}
const held = (rule: RoomRule) => [{ room: room().id, lifetimes: { continuousDays: rule.continuousDays, eventDays: rule.eventDays }, records: rule.records }];
const waits = (effectiveUs: number) => [{ what: { loosening: "rules", room: room().id, roster: rosterDigest() }, by: null, announcedUs: 1, effectiveUs }];

describe("shortening", () => {
  test("says what it reaches of what is stored, and holds at once", async () => {
    const roster = newestRoster(home.vault);
    const nowUs = Math.floor(Date.now() / 1000) * 1_000_000;
    const media = new Uint8Array(200);
    for (const ageUs of [2.5 * DAY_US, DAY_US + HOUR_US, HOUR_US]) {
      home.vault.keep(home.camera, await home.hub.record(roster, home.camera, nowUs - ageUs, nowUs - ageUs + 60_000_000, media));
    }
    const to = { ...START, continuousDays: 1 };
    const reached = must(await home.model.rules.reach(room().id, to));
    expect(reached).toMatchObject({ recordingCount: 2, durationMs: 120_000, span: { fromUs: nowUs - 2.5 * DAY_US } });
    expect(reached.sizeBytes).toBeGreaterThan(0);
    expect(must(await home.model.rules.reach(room().id, { ...START, eventDays: 1 })).recordingCount).toBe(0);
    expect(newestRoster(home.vault).rooms[0]?.lifetimes.continuousDays).toBe(3); // asking changes nothing
    must(await home.model.rules.setRule(room().id, room().rules, to));
    expect(room().rules).toEqual({ now: to, signed: to, isWaiting: false });
    expect(newestRoster(home.vault).rooms[0]).toMatchObject({ lifetimes: { continuousDays: 1, eventDays: 14 } });
  });
});

describe("lengthening", () => {
  const to = { ...START, continuousDays: 7 };

  test("is signed at once, is not said to hold before the hub says so, and names who asked", async () => {
    await hubSays({});
    must(await home.model.rules.setRule(room().id, room().rules, to));
    expect(room().rules).toEqual({ now: START, signed: to, isWaiting: true });
    await hubSays({ held: held(START), waiting: waits(99) });
    expect(room().rules).toEqual({ now: START, signed: to, isWaiting: true });
    expect(view().pending).toMatchObject([{ byName: NAME, isMine: true, effectiveUs: 99, roomId: room().id, what: { kind: "rules" } }]);
    await hubSays({}); // a day later
    expect(room().rules).toEqual({ now: to, signed: to, isWaiting: false });
    expect(view().pending).toEqual([]);
  });

  test("is stopped by a command that names exactly what waits, and asked for again goes back first", async () => {
    await hubSays({});
    must(await home.model.rules.setRule(room().id, room().rules, to));
    await hubSays({ held: held(START), waiting: waits(99) });
    must(await home.model.rules.stop(view().pending[0]!.id));
    expect(commandsOf().at(-1)).toMatchObject({ action: "stop", what: { loosening: "rules", room: room().id, roster: rosterDigest() } });
    await hubSays({ held: held(START) });
    expect(room().rules).toEqual({ now: START, signed: to, isWaiting: false });
    const before = home.vault.rosters.length;
    must(await home.model.rules.setRule(room().id, room().rules, to));
    const days = home.vault.rosters.slice(before).map((envelope) => (JSON.parse(new TextDecoder().decode(payloadOf(envelope))) as { rooms: { lifetimes: { continuousDays: number } }[] }).rooms[0]!.lifetimes.continuousDays);
    expect(days).toEqual([3, 7]);
  });

  test("that was stopped does not come back with another change", async () => {
    must(await home.model.rules.setRule(room().id, room().rules, to));
    await hubSays({ held: held(START) });
    must(await home.model.rules.setRule(room().id, room().rules, { ...START, eventDays: 10 }));
    expect(newestRoster(home.vault).rooms[0]?.lifetimes).toEqual({ continuousDays: 3, eventDays: 10 });
  });

  test("that the vault makes up is not shown", async () => {
    const stranger = await memberKeys(makeMemberSecret());
    await hubSays({ waiting: waits(99), armed: { on: true, sinceUs: 1, by: null } }, stranger.signing);
    expect(view()).toMatchObject({ pending: [], armed: null });
  });
});

describe("who may, and when", () => {
  test("nobody but an owner signs rules, and nothing is sent", async () => {
    for (const role of ["adult", "guest"]) {
      const rules = rulesModel({ inside: { household: { me: { role } } } } as unknown as Session);
      expect(await rules.setRule(room().id, room().rules, { ...START, continuousDays: 1 })).toEqual({ ok: false, problem: { code: "not-allowed" } });
    }
    expect(await rulesModel({ inside: null } as unknown as Session).arm(true)).toMatchObject({ problem: { code: "signed-out" } });
  });

  test("rules that somebody else changed meanwhile are not written over", async () => {
    const seen = room().rules;
    must(await home.model.rules.setRule(room().id, seen, { ...START, eventDays: 5 }));
    const versions = home.vault.rosters.length;
    expect(await home.model.rules.setRule(room().id, seen, { ...START, continuousDays: 1 })).toMatchObject({ problem: { code: "conflict" } });
    expect(home.vault.rosters).toHaveLength(versions);
    expect(await changeRule(room().id, START, START)(newestRoster(home.vault))).toMatchObject({ problem: { code: "conflict" } });
    expect(await home.model.rules.setRule(randomId() as RoomId, seen, START)).toMatchObject({ problem: { code: "not-found" } });
  });

  test("no lifetime of no days, of half a day or for ever is signed", async () => {
    for (const continuousDays of [0, 1.5, 3651, Infinity, Number.NaN]) expect(await home.model.rules.setRule(room().id, room().rules, { ...START, continuousDays })).toMatchObject({ ok: false });
  });

  test("a hub that is away and a wish that does not wait any more are told as such", async () => {
    home.vault.lie("/commands", (honest) => ({ ...honest, outcome: { outcome: "refused", reason: "hub-away" } }));
    expect(await home.model.rules.arm(true)).toMatchObject({ problem: { code: "hub-unreachable" } });
    home.vault.lie("/commands", (honest) => ({ ...honest, outcome: { outcome: "refused", reason: "not-waiting" } }));
    await hubSays({ waiting: waits(99) });
    expect(await home.model.rules.stop(view().pending[0]!.id)).toMatchObject({ problem: { code: "not-waiting" } });
    expect(await home.model.rules.stop("gone" as PendingId)).toMatchObject({ problem: { code: "not-waiting" } });
  });
});

test("a room is turned off and on as a whole, and the home armed, by signed commands, and the hub says who did it", async () => {
  const me = view().memberId;
  must(await home.model.rules.turnRoom(room().id, false));
  expect(commandsOf().at(-1)).toMatchObject({ action: "privacy", scope: { of: "room", room: room().id }, on: true });
  await hubSays({ privacy: [{ scope: { of: "room", room: room().id }, by: me, sinceUs: 5 }], armed: { on: true, sinceUs: 7, by: me } });
  expect(room().turnedOff).toEqual({ by: [NAME], isMine: true, sinceUs: 5, goesOnAtUs: null });
  expect(view().cameras[0]?.turnedOff).toMatchObject({ by: [NAME] });
  expect(view().armed).toEqual({ on: true, sinceUs: 7, byName: NAME, isMine: true });
  must(await home.model.rules.turnRoom(room().id, true));
  expect(commandsOf().at(-1)).toMatchObject({ action: "privacy", scope: { of: "room", room: room().id }, on: false });
  must(await home.model.rules.arm(false));
  expect(commandsOf().at(-1)).toMatchObject({ action: "arm", on: false });
  await until(home.model, () => true);
  expect(readEnvelope(home.vault.commands.at(-1)).ok).toBe(true);
});
