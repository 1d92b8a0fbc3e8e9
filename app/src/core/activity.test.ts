/** @file The log in the browser: what an honest vault shows, and each way in which its keeper could lie. */
import { beforeEach, describe, expect, test, vi } from "vitest";
import { random, toHex, utf8 } from "../crypto/bytes";
import type { LogAlarmKind, LogView } from "../domain/activity";
import { browser, claimedHome, must, NAME, newestRoster, PASSWORD, settled, type TestHome } from "./testing/home";
import { TestLog } from "./testing/testLog";
import type { Json } from "./testing/testVault";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const nowUs = () => Date.now() * 1000;
const HOUR_US = 3_600_000_000;
let home: TestHome;
let log: TestLog;
let me: string;

beforeEach(async () => {
  home = await claimedHome();
  const roster = newestRoster(home.vault);
  me = roster.members[0]!.member;
  log = new TestLog(roster.household);
  home.vault.log = log;
  for (let n = 5; n > 0; n -= 1) write(n);
});

/** Something happened this many hours ago. */
function write(hoursAgo: number, what: Json = { kind: "session-ended", why: "elsewhere" }): void {
  log.write({ who: { by: "member", member: me }, ...what }, nowUs() - hoursAgo * HOUR_US);
}
const view = async (model = home.model, count = 100): Promise<LogView> => must(await model.activity.log(count));
const alarms = async (model = home.model): Promise<readonly LogAlarmKind[]> => (await view(model)).alarms.map(({ kind }) => kind);
const otherBrowser = async () => {
  const model = browser(home.vault);
  await settled(model);
  must(await model.signIn({ memberName: NAME, password: PASSWORD }));
  return model;
};

describe("an honest vault", () => {
  test("every entry is shown, newest first, with the names that this person knows", async () => {
    write(0, { kind: "live-ended", device: home.camera, room: newestRoster(home.vault).rooms[0]!.room, seconds: 30 });
    const seen = await view();
    expect(seen).toMatchObject({ alarms: [], total: 6, hasMore: false, knownSinceUs: null });
    expect(seen.entries.map(({ sequence }) => sequence)).toEqual([5, 4, 3, 2, 1, 0]);
    expect(seen.entries[0]).toMatchObject({ who: { by: "you" }, kind: "live-ended", facts: { camera: "Porch", room: "Outside", seconds: 30 } });
  });

  test("a browser that comes back reads on, and older entries come when they are asked for", async () => {
    await view();
    write(0);
    const reloaded = browser(home.vault, home.store);
    await settled(reloaded);
    const few = await view(reloaded, 2);
    expect(few).toMatchObject({ alarms: [], hasMore: true, total: 6 });
    expect(few.entries.map(({ sequence }) => sequence)).toEqual([5, 4]);
    expect(few.knownSinceUs).not.toBeNull();
    expect((await view(reloaded)).entries).toHaveLength(6);
  });

  test("many entries come in pages under one checkpoint", async () => {
    for (let n = 0; n < 600; n += 1) write(0);
    const seen = await view(home.model, 2_000);
    expect(seen).toMatchObject({ alarms: [], total: 605 });
    expect(seen.entries).toHaveLength(605);
  });

  test("kinds that this app does not know are no lie", async () => {
    write(0, { kind: "from-a-later-version", of: 1 });
    expect((await view()).entries[0]).toMatchObject({ kind: "unknown" });
    expect(await alarms()).toEqual([]);
  });

  test("a hub's word for the newest state is shown", async () => {
    const hub = newestRoster(home.vault).hubs[0]!;
    log.witnessedBy(hub.hub, home.hub.key, nowUs());
    expect((await view()).witnesses).toHaveLength(1);
  });
});

describe("a vault that lies", () => {
  test("it drops an entry", async () => {
    home.vault.lie("/log", (page) => ({ ...page, entries: (page.entries as unknown[]).filter((_, index) => index !== 2) }));
    expect(await alarms()).toContain("missing");
    // And it stays an alarm, also when the browser comes back.
    const reloaded = browser(home.vault, home.store);
    await settled(reloaded);
    expect(await alarms(reloaded)).not.toEqual([]);
    home.vault.honest();
    expect(await alarms(reloaded)).toContain("held-back");
  });

  test("it rolls back, and the browser remembers that there was more", async () => {
    await view();
    log.forget(3);
    expect(await alarms()).toEqual(["rolled-back"]);
    const reloaded = browser(home.vault, home.store);
    await settled(reloaded);
    expect(await alarms(reloaded)).toEqual(["rolled-back"]);
  });

  test("it tells two histories", async () => {
    await view();
    log.forget(3);
    write(2);
    write(1);
    write(0);
    expect(await alarms()).toEqual(["two-histories"]);
    expect((await view(await otherBrowser())).alarms).toEqual([]); // who has seen nothing cannot know
  });

  test("it backdates an entry that was not there at the last visit", async () => {
    await view();
    log.write({ who: { by: "member", member: me }, kind: "session-ended", why: "elsewhere" }, nowUs() - HOUR_US / 2);
    expect(await alarms()).toContain("backdated");
  });

  test("it holds an entry back and shows it later", async () => {
    home.vault.lie("/log", (page) => ({ ...page, entries: (page.entries as unknown[]).slice(0, 4) }));
    await view();
    home.vault.honest();
    expect(await alarms()).toContain("held-back");
  });

  test("it changes what somebody did", async () => {
    const one = log.entries[1]!;
    one.details = { nonce: one.details!.nonce, text: utf8(JSON.stringify({ who: { by: "stranger" }, kind: "session-ended", why: "elsewhere" })) };
    expect(await alarms()).toContain("altered");
  });

  test("it forgets what happened before its time", async () => {
    log.entries[1]!.details = null;
    expect(await alarms()).toContain("erased-too-early");
  });

  test("it shows another log, until the person says why", async () => {
    await view();
    const other = new TestLog(log.household);
    home.vault.log = other;
    other.write({ who: { by: "operator" }, kind: "log-begun", entries: 5, backupUs: nowUs() - HOUR_US }, nowUs());
    expect(await alarms()).toEqual(["another-log"]);
    must(await home.model.activity.acceptOtherLog());
    expect(await view()).toMatchObject({ alarms: [], total: 1 });
  });

  test("it signs nothing, or with another key", async () => {
    await view();
    const other = new TestLog(log.household);
    other.entries = log.entries;
    home.vault.lie("/log", (page) => ({ ...page, checkpoint: other.checkpoint() }));
    expect(await alarms()).toEqual(["not-signed"]);
  });

  test("it makes up a hub's word", async () => {
    const hub = newestRoster(home.vault).hubs[0]!;
    const stranger = { seed: random(32), publicKey: home.hub.key.publicKey };
    log.witnessedBy(hub.hub, stranger, nowUs());
    expect(await alarms()).toEqual(["not-signed"]);
  });

  test("what was read from before the visit must be joined to the chain", async () => {
    await view();
    const reloaded = browser(home.vault, home.store);
    await settled(reloaded);
    home.vault.lie("/log", (page) => ({ ...page, entries: (page.entries as Json[]).map((one, index) => (index === 1 ? { ...one, proof: [toHex(random(32))] } : one)) }));
    expect(await alarms(reloaded)).toContain("not-included");
  });
});
