/** @file The vault is hostile: each way in which it could lie about rosters, keys and recordings, and what the app says. */
import { beforeEach, describe, expect, test, vi } from "vitest";
import { random, toBase64Url } from "../crypto/bytes";
import type { EnvelopeJson } from "../crypto/envelope";
import { identityOf } from "../crypto/identity";
import { memberKeys, makeMemberSecret } from "../crypto/member";
import { signRoster } from "../crypto/rosterWriting";
import { wrapIdentity } from "../crypto/sharedIdentity";
import { signingKey } from "../crypto/signing";
import type { AlarmItem, RecordingId, TimelineItem } from "../domain/home";
import { access, browser, claimedHome, must, NAME, newestRoster, PASSWORD, settled, type TestHome } from "./testing/home";
import type { ShownEntry } from "./testing/testVault";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const MINUTE_US = 60_000_000;
const T0 = Math.floor(Date.now() / 3_600_000) * 3_600_000_000 - 2 * 3_600_000_000 + 60_000_000;

let home: TestHome;
beforeEach(async () => {
  home = await claimedHome();
});

const signIn = async (model = home.model) => {
  await model.signOut();
  return model.signIn({ memberName: NAME, password: PASSWORD });
};
const refusedAs = (refusal: string) => ({ ok: false, problem: { code: "vault-not-believed", detail: `refused: ${refusal}` } });

describe("rosters", () => {
  test("a roster signed by somebody else is refused", async () => {
    const stranger = await memberKeys(makeMemberSecret());
    const forged = signRoster(newestRoster(home.vault), stranger.signing);
    home.vault.rosters[1] = forged;
    expect(await signIn()).toMatchObject(refusedAs("not-signed-by-trusted"));
    expect(access(home.model)).toBe("signed-out");
  });

  test("a first roster signed by a stranger is refused, also in a browser that knows nothing yet", async () => {
    const stranger = await memberKeys(makeMemberSecret());
    const first = { ...newestRoster(home.vault), version: 1, previous: null };
    const ours = first.members[0]!;
    home.vault.rosters = [signRoster({ ...first, members: [{ ...ours, signingKey: stranger.signing.publicKey }] }, stranger.signing)];
    expect(await signIn(browser(home.vault))).toMatchObject(refusedAs("not-signed-by-trusted"));
  });

  test("an older state than this browser has seen is a rollback", async () => {
    home.vault.rosters.pop();
    expect(await signIn()).toMatchObject(refusedAs("rolled-back"));
  });

  test("a skipped version is refused", async () => {
    must(await home.model.addRoom("Attic"));
    home.vault.rosters.splice(1, 1);
    expect(await signIn()).toMatchObject(refusedAs("wrong-version"));
  });

  test("no roster at all is refused", async () => {
    home.vault.rosters = [];
    expect(await signIn()).toMatchObject(refusedAs("wrong-version"));
  });

  test("a reload before a lying vault drops the keys instead of using what it shows", async () => {
    home.vault.rosters.pop();
    const reloaded = browser(home.vault, home.store);
    await settled(reloaded);
    expect(reloaded.snapshot().access).toEqual({ kind: "signed-out", reason: "not-believed", problem: refusedAs("rolled-back").problem });
  });

  test("two browsers that edit at once both succeed, one after the other", async () => {
    const other = browser(home.vault);
    await settled(other);
    must(await signIn(other));
    must(await home.model.addRoom("Attic"));
    must(await other.addRoom("Cellar"));
    expect(newestRoster(home.vault)).toMatchObject({ version: 4 });
    expect(newestRoster(home.vault).rooms).toHaveLength(3);
  });
});

describe("shared identities", () => {
  test("a room key of the vault's own making is refused", async () => {
    const roster = newestRoster(home.vault);
    const room = roster.rooms[0]!;
    const own = await identityOf(random(32));
    const wrap = await wrapIdentity({ scope: room.room, epoch: room.epoch, identity: own }, roster.household, roster.members[0]!);
    home.vault.keyWraps = home.vault.keyWraps.map((one) => (one.scope === room.room ? { ...wrap } : one));
    expect(await signIn()).toMatchObject(refusedAs("wrong-recipient"));
  });

  test("a wrap shown in another place, or as another epoch, is refused", async () => {
    const [household, room] = home.vault.keyWraps;
    home.vault.keyWraps = [{ ...room, scope: household!.scope }];
    expect(await signIn()).toMatchObject(refusedAs("wrong-scope"));
    home.vault.keyWraps = [household!, { ...room, epoch: 9 }];
    expect(await signIn()).toMatchObject(refusedAs("wrong-scope"));
  });

  test("a key that is held back is missed, and nothing is shown without names", async () => {
    const [household, room] = home.vault.keyWraps;
    for (const wraps of [[household!], [room!], []]) {
      home.vault.keyWraps = wraps;
      expect(await signIn()).toMatchObject(refusedAs("no-key"));
    }
  });
});

describe("time", () => {
  const wish = () => home.model.erase({ kind: "camera", deviceId: home.camera }, () => undefined);
  const signedUs = () => (JSON.parse(Buffer.from((home.vault.commands.at(-1) as unknown as EnvelopeJson).payload, "base64url").toString()) as { issuedUs: number }).issuedUs;

  test("a command is never dated by a clock that the vault has moved far", async () => {
    home.vault.keep(home.camera, await home.hub.record(newestRoster(home.vault), home.camera, T0, T0 + MINUTE_US, new Uint8Array(2_000)));
    for (const offMs of [3_600_000, -3_600_000, 86_400_000 * 365]) {
      home.vault.clockMs = Date.now() + offMs;
      must(await wish());
      expect(Math.abs(signedUs() / 1000 - Date.now())).toBeLessThan(60_000);
      Object.assign(home.vault.chains.get(home.camera)![0]!, { state: "kept", command: undefined });
    }
  });

  test("a clock that is off by minutes is followed, so that the hub accepts what is signed", async () => {
    home.vault.keep(home.camera, await home.hub.record(newestRoster(home.vault), home.camera, T0, T0 + MINUTE_US, new Uint8Array(2_000)));
    home.vault.clockMs = Date.now() + 240_000;
    must(await wish());
    expect(signedUs() / 1000 - Date.now()).toBeGreaterThan(180_000);
  });
});

describe("recordings", () => {
  const media = new Uint8Array(200_000).fill(7);
  const span = { fromUs: T0, toUs: T0 + 10 * MINUTE_US };
  let recorded: readonly string[];

  beforeEach(async () => {
    const roster = newestRoster(home.vault);
    const ids: string[] = [];
    for (let minute = 0; minute < 4; minute += 1) {
      const start = T0 + minute * MINUTE_US;
      const recording = await home.hub.record(roster, home.camera, start, start + MINUTE_US, media);
      home.vault.keep(home.camera, recording);
      ids.push(recording.id);
    }
    recorded = ids;
  });

  const chain = (): ShownEntry[] => home.vault.chains.get(home.camera)!;
  const timeline = async (model = home.model): Promise<readonly TimelineItem[]> => must(await model.timeline(home.camera, span)).items;
  const alarms = async (model = home.model) =>
    (await timeline(model)).filter((item): item is AlarmItem => item.kind === "alarm").map(({ alarm }) => alarm);
  const kept = async () => (await timeline()).flatMap((item) => (item.kind === "recording" ? [item.id as string] : []));

  test("an honest chain shows four recordings and no alarm", async () => {
    expect(await alarms()).toEqual([]);
    expect(await kept()).toEqual(recorded);
  });

  test("a recording that was left out in the middle is missed", async () => {
    chain().splice(1, 1);
    expect(await alarms()).toEqual(["missing"]);
    expect(await kept()).toEqual([recorded[0], recorded[2], recorded[3]]);
  });

  test("a recording that was left out at either end of an answer is missed", async () => {
    home.vault.lie(`/devices/${home.camera}/links`, (honest) => ({ ...honest, links: (honest.links as unknown[]).slice(1) }));
    const [first] = (await timeline()).filter(({ kind }) => kind === "alarm");
    expect(first).toMatchObject({ alarm: "missing", startUs: T0 });
    home.vault.lie(`/devices/${home.camera}/links`, (honest) => ({ ...honest, links: (honest.links as unknown[]).slice(0, -1) }));
    expect(await alarms(await anew())).toContain("missing");
  });

  test("a link with one changed byte is not shown", async () => {
    const entry = chain()[2]!;
    const payload = Buffer.from(entry.link.payload, "base64url");
    payload[payload.indexOf('"class":"') + 9] = "k".charCodeAt(0);
    entry.link = { ...entry.link, payload: payload.toString("base64url") };
    expect(await alarms()).toContain("changed");
    expect(await kept()).toEqual([recorded[0], recorded[1], recorded[3]]);
  });

  test("a recording sealed and signed by a stranger is refused", async () => {
    const roster = newestRoster(home.vault);
    const stranger = signingKey(random(32));
    const content = { kind: "gap", cause: "camera-stalled" };
    home.vault.show(home.camera, home.hub.link(roster, home.camera, content, T0 + 4 * MINUTE_US, T0 + 5 * MINUTE_US, {}, stranger));
    expect(await alarms()).toContain("stranger");
    expect(await kept()).toEqual(recorded);
  });

  test("a link of another camera or room is refused", async () => {
    const roster = newestRoster(home.vault);
    const content = { kind: "gap", cause: "camera-stalled" };
    for (const over of [{ device: "a".repeat(32) }, { room: "b".repeat(32) }, { household: "c".repeat(32) }, { epoch: 7 }]) {
      home.vault.show(home.camera, home.hub.link(roster, home.camera, content, T0 + 4 * MINUTE_US, T0 + 5 * MINUTE_US, over));
      expect(await alarms(await anew())).toContain("misplaced");
      chain().pop();
    }
  });

  test("swapped and repeated links are noticed", async () => {
    const honest = [...chain()];
    home.vault.chains.set(home.camera, [honest[0]!, honest[2]!, honest[1]!, honest[3]!]);
    expect(await alarms()).not.toEqual([]);
    home.vault.chains.set(home.camera, [honest[0]!, honest[1]!, honest[1]!, honest[2]!, honest[3]!]);
    expect(await alarms(await anew())).toContain("missing");
  });

  test("yesterday's chain is a rollback for a browser that has seen today's", async () => {
    await timeline();
    await vi.waitFor(async () => expect(await home.store.get("marks", markKey())).toMatchObject({ index: 3 }));
    chain().pop();
    expect(await alarms(await anew())).toContain("rolled-back");
  });

  test("an end that the vault only talks about does not hide a rollback", async () => {
    await timeline();
    await vi.waitFor(async () => expect(await home.store.get("marks", markKey())).toMatchObject({ index: 3 }));
    chain().splice(2, 2);
    let asked = 0;
    home.vault.lie(`/devices/${home.camera}/links`, (honest) => ({ ...honest, head: { ...(honest.head as object), nextIndex: (asked += 1) < 4 ? 1_000 : 2 } }));
    expect(await alarms(await anew())).toContain("rolled-back");
  });

  test("an end that shrinks while somebody looks is a rollback", async () => {
    await timeline();
    const { model } = home;
    home.vault.lie(`/devices/${home.camera}/links`, (honest) => ({ ...honest, links: (honest.links as unknown[]).slice(0, 2), head: { nextIndex: 2, digest: null } }));
    const later = must(await model.timeline(home.camera, { fromUs: span.fromUs - 60 * MINUTE_US, toUs: span.fromUs - MINUTE_US }));
    expect(later.items).toContainEqual(expect.objectContaining({ kind: "alarm", alarm: "rolled-back" }));
  });

  test("a chain that is said to begin later than it does is missing its beginning", async () => {
    home.vault.lie(`/devices/${home.camera}/links`, () => ({ links: chain().slice(2), head: { nextIndex: 4, digest: null }, more: false }));
    must(await home.model.timelineBounds(home.camera));
    expect(await alarms()).toContain("missing");
  });

  test("a vault that moves its clock cannot make a recording look expired", async () => {
    home.vault.clockMs = Date.now() + 30 * 86_400_000;
    Object.assign(chain()[1]!, { state: "expired" });
    expect(await alarms()).toEqual(["missing"]);
  });

  test("another history up to the same length is a rollback too", async () => {
    await timeline();
    await vi.waitFor(async () => expect(await home.store.get("marks", markKey())).toMatchObject({ index: 3 }));
    await home.store.put("marks", markKey(), { index: 3, digest: "d".repeat(64) });
    expect(await alarms(await anew())).toContain("rolled-back");
  });

  test("a pause that nobody announced is an alarm, an announced one is a gap with its cause", async () => {
    const roster = newestRoster(home.vault);
    home.vault.show(home.camera, home.hub.gap(roster, home.camera, T0 + 4 * MINUTE_US, T0 + 5 * MINUTE_US, "disk-full"));
    home.vault.keep(home.camera, await home.hub.record(roster, home.camera, T0 + 5 * MINUTE_US + 3_000_000, T0 + 6 * MINUTE_US, media));
    const items = await timeline();
    expect(items.map(({ kind }) => kind)).toEqual(["recording", "recording", "recording", "recording", "gap", "alarm", "recording"]);
    expect(items[4]).toMatchObject({ cause: "disk-full" });
  });

  test("a recording shown as erased without a command, or by a command that does not name it, is missed", async () => {
    await timeline();
    must(await home.model.erase({ kind: "recording", deviceId: home.camera, recordingId: recorded[0] as RecordingId }, () => undefined));
    expect((await timeline())[0]).toMatchObject({ kind: "gap", cause: "erased" });
    expect(await alarms()).toEqual([]);
    const { command } = chain()[0]!;
    Object.assign(chain()[1]!, { state: "erased", command: command! });
    expect(await alarms(await anew())).toContain("missing");
    Object.assign(chain()[1]!, { state: "expired" });
    expect(await alarms(await anew())).toContain("missing");
  });

  test("erasing names exactly the verified recordings, and reaches what it said", async () => {
    const reach = must(await home.model.eraseReach({ kind: "camera", deviceId: home.camera }));
    expect(reach).toMatchObject({ recordingCount: 4, durationMs: 240_000 });
    const told: string[] = [];
    const result = must(await home.model.erase({ kind: "camera", deviceId: home.camera }, ({ phase }) => told.push(phase)));
    expect(result).toMatchObject({ recordingCount: 4, late: [] });
    expect(told[0]).toBe("keys");
    const signed = home.vault.commands.at(-1) as unknown as EnvelopeJson;
    const wish = JSON.parse(Buffer.from(signed.payload, "base64url").toString()) as { targets: { recording: string }[] };
    expect(wish.targets.map(({ recording }) => recording)).toEqual(recorded);
    expect((await timeline()).map((item) => item.kind)).toEqual(["gap"]);
  });

  test("a still picture opens; one with changed bytes, or of another recording, does not", async () => {
    vi.stubGlobal("URL", Object.assign(URL, { createObjectURL: () => "blob:test", revokeObjectURL: () => undefined }));
    await timeline();
    const [first, second, third] = recorded as readonly RecordingId[];
    expect(await home.model.posterUrl(home.camera, first!)).toBe("blob:test");
    const broken = home.vault.recordings.get(second!)!;
    home.vault.recordings.set(second!, { ...broken, poster: { ...broken.poster, body: flipped(broken.poster.body) } });
    home.vault.recordings.set(third!, { ...home.vault.recordings.get(third!)!, poster: home.vault.recordings.get(first!)!.poster });
    const model = await anew();
    await timeline(model);
    expect(await model.posterUrl(home.camera, second!)).toBeNull();
    expect(await model.posterUrl(home.camera, third!)).toBeNull();
  });

  /** The same browser after a reload: nothing cached but what it remembers on purpose. */
  async function anew() {
    const model = browser(home.vault, home.store);
    await settled(model);
    home = { ...home, model };
    return model;
  }

  function markKey(): string {
    return `chain|${newestRoster(home.vault).household}|${home.camera}`;
  }
});

function flipped(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const out = bytes.slice();
  out[out.length - 1]! ^= 1;
  return out;
}

test("what goes to the vault as a command is signed and sealed: no address, no password", async () => {
  vi.stubGlobal("MediaSource", Object.assign(() => undefined, { isTypeSupported: () => true }));
  const found = home.model.probeCamera(
    { address: "rtsp://admin:hunter2@10.0.0.9/stream", userName: "", password: "" },
    () => undefined,
    new AbortController().signal,
  );
  expect(await found).toMatchObject({ ok: false, problem: { detail: "no answer" } });
  const carried = home.vault.requests.join("\n") + Buffer.from(JSON.stringify(home.vault.commands.at(-1))).toString();
  for (const secret of ["hunter2", "10.0.0.9", "admin"]) expect(carried).not.toContain(secret);
  expect(toBase64Url(random(1))).toHaveLength(2);
});
