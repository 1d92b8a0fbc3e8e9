/** @file Signed documents: the order of checks, strict signatures, strict forms. */
import { ed25519 } from "@noble/curves/ed25519.js";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { concat, fromHex, random, toBase64Url, utf8, type Bytes } from "./bytes";
import { commandForm } from "./command";
import { preAuthenticationEncoding, readEnvelope, signEnvelope, verifyEnvelope, type Envelope } from "./envelope";
import { identityOf } from "./identity";
import { isSensible, linkForm } from "./link";
import { LiveReader, openFrame, parseFrameHeader, openLiveKey } from "./live";
import { sealTo } from "./identity";
import { acceptChain, acceptFirst, acceptNext, isConsistent, type Roster } from "./roster";
import { signNext, signRoster } from "./rosterWriting";
import { sign, signingKey, verify } from "./signing";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";

vi.setConfig({ testTimeout: 60_000 }); // slow machines are no failure

const key = signingKey(random(32));
const other = signingKey(random(32));
const id = (digit: string) => digit.repeat(32);

const gap = {
  household: id("1"), hub: id("2"), device: id("3"), room: id("4"), epoch: 1, roster: 1, index: 0, previous: null,
  startUs: 5, endUs: 9, kind: "gap", cause: "disk-full",
};

function envelopeOf(kind: "link" | "roster" | "command" | "live-key", document: object, by = key): Envelope {
  const read = readEnvelope(signEnvelope(kind, document, by));
  if (!read.ok) throw new Error(read.refusal);
  return read.value;
}

describe("envelopes", () => {
  test("the encoding that is signed is DSSE's", () => {
    expect(preAuthenticationEncoding("http://example.com/HelloWorld", utf8("hello world"))).toEqual(
      utf8("DSSEv1 29 http://example.com/HelloWorld 11 hello world"),
    );
  });

  test("a document of another type, by another key, or malformed is refused in that order", () => {
    expect(verifyEnvelope(envelopeOf("command", gap), linkForm, [key.publicKey])).toEqual({ ok: false, refusal: "wrong-type" });
    expect(verifyEnvelope(envelopeOf("link", { nonsense: 1 }, other), linkForm, [key.publicKey])).toEqual({ ok: false, refusal: "not-signed-by-trusted" });
    expect(verifyEnvelope(envelopeOf("link", { nonsense: 1 }), linkForm, [key.publicKey])).toEqual({ ok: false, refusal: "malformed" });
    expect(verifyEnvelope(envelopeOf("link", gap), linkForm, [other.publicKey, key.publicKey])).toMatchObject({ ok: true });
    expect(verifyEnvelope(envelopeOf("link", gap), linkForm, [])).toEqual({ ok: false, refusal: "not-signed-by-trusted" });
  });

  test("the key id is a hint only, and the seventeenth signature is not looked at", () => {
    const honest = envelopeOf("link", gap);
    const lying = { ...honest, signatures: honest.signatures.map(({ sig }) => ({ keyid: "0".repeat(16), sig })) };
    expect(verifyEnvelope(lying, linkForm, [key.publicKey]).ok).toBe(true);
    const noise = Array.from({ length: 16 }, () => ({ keyid: "", sig: random(64) }));
    const late = { ...honest, signatures: [...noise, ...honest.signatures] };
    expect(verifyEnvelope(late, linkForm, [key.publicKey]).ok).toBe(false);
  });

  test("more than 1 MiB is refused", () => {
    const large = { ...envelopeOf("link", gap), payload: new Uint8Array((1 << 20) + 1) };
    expect(verifyEnvelope(large, linkForm, [key.publicKey])).toEqual({ ok: false, refusal: "too-large" });
  });

  test("unknown fields, wrong types and numbers out of range are refused", () => {
    const bad = [{ ...gap, extra: 1 }, { ...gap, index: -1 }, { ...gap, index: 1.5 }, { ...gap, startUs: "5" }, { ...gap, cause: "boredom" },
      { ...gap, household: id("A") }, { ...gap, kind: "film" }, { ...gap, previous: undefined }, { ...gap, index: 2 ** 53 }];
    for (const document of bad) expect(verifyEnvelope(envelopeOf("link", document), linkForm, [key.publicKey])).toEqual({ ok: false, refusal: "malformed" });
  });

  test("no bytes at all make a reader throw", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(linkForm, commandForm), (payload, form) => {
      const envelope = { payloadType: `application/vnd.eaves.${form.kind}.v1+json`, payload: payload, signatures: [] };
      expect(verifyEnvelope<unknown>(envelope, form as never, [key.publicKey]).ok).toBe(false);
    }));
    fc.assert(fc.property(fc.jsonValue(), (value) => typeof readEnvelope(value).ok === "boolean"));
  });
});

describe("signatures", () => {
  test("a number that is not reduced, and keys and points of small order, are refused", () => {
    const message = utf8("a message");
    const signature = sign(key, message);
    expect(verify(key.publicKey, message, signature)).toBe(true);
    const s = signature.slice(32).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n) + ed25519.Point.Fn.ORDER;
    const unreduced = concat(signature.subarray(0, 32), Uint8Array.from({ length: 32 }, (_, i) => Number((s >> BigInt(8 * i)) & 255n)));
    expect(verify(key.publicKey, message, unreduced)).toBe(false);
    // With a key of small order one signature fits every message.
    const identityPoint = fromHex(`01${"00".repeat(31)}`)!;
    expect(verify(identityPoint, message, concat(identityPoint, new Uint8Array(32)))).toBe(false);
    for (const size of [0, 31, 33]) expect(verify(random(size), message, signature)).toBe(false);
    expect(verify(key.publicKey, message, signature.subarray(1))).toBe(false);
  });
});

describe("links", () => {
  const part = { part: "media" as const, header: id("a").repeat(2), body: id("b").repeat(2), bodyBytes: 40 };
  const recording = { ...gap, kind: "recording" as const, recording: id("5"), run: id("6"), class: "event" as const, keepUntilUs: 99, cut: false, parts: [part] };

  test("one that contradicts itself makes no sense", () => {
    expect(isSensible(recording)).toBe(true);
    const poster = { ...part, part: "poster" as const };
    const card = { ...part, part: "card" as const };
    const bad = [{ endUs: 4 }, { endUs: 5 + 70_000_001 }, { keepUntilUs: 9 }, { parts: [] }, { parts: [poster] }, { parts: [part, poster, card] }, { parts: [part, part] }, { index: 1 }];
    for (const over of bad) expect(isSensible({ ...recording, ...over })).toBe(false);
    expect(isSensible({ ...recording, parts: [part, card, poster] })).toBe(true);
  });
});

async function roster(): Promise<Roster> {
  const { recipient } = await identityOf(random(32));
  const label = random(16);
  return {
    household: id("1"), version: 1, previous: null, issuedUs: 0, epoch: 1, recipient, label,
    members: [{ member: id("7"), role: "owner", recipient, signingKey: key.publicKey, label }],
    hubs: [{ hub: id("2"), signingKey: other.publicKey, recipient }],
    rooms: [{ room: id("4"), epoch: 1, recipient, audience: [id("7")], label, lifetimes: { continuousDays: 3, eventDays: 14 }, records: null }],
    devices: [{ device: id("3"), kind: "camera", room: id("4"), hub: id("2"), label, settings: label }],
  };
}
const signedRoster = (document: Roster, by = key) => {
  const read = readEnvelope(signRoster(document, by));
  if (!read.ok) throw new Error(read.refusal);
  return read.value;
};

describe("rosters", () => {
  test("a chain is accepted from its first on, and every break of it refused", async () => {
    const first = await roster();
    const start = acceptFirst(signedRoster(first), key.publicKey);
    if (!start.ok) throw new Error(start.refusal);
    const next = readEnvelope(signNext(start.value, { rooms: first.rooms }, 1, key));
    if (!next.ok) throw new Error(next.refusal);
    expect(acceptChain([signedRoster(first), next.value], key.publicKey)).toMatchObject({ ok: true });
    expect(acceptChain([next.value], key.publicKey)).toEqual({ ok: false, refusal: "wrong-version" });
    const from = (over: Partial<Roster>, by = key) => acceptNext(start.value, signedRoster({ ...first, version: 2, previous: start.value.digest, ...over }, by));
    expect(from({})).toMatchObject({ ok: true });
    expect(from({}, other)).toEqual({ ok: false, refusal: "not-signed-by-trusted" });
    expect(from({ household: id("9") })).toEqual({ ok: false, refusal: "wrong-household" });
    expect(from({ version: 3 })).toEqual({ ok: false, refusal: "wrong-version" });
    expect(from({ version: 1 })).toEqual({ ok: false, refusal: "wrong-version" });
    expect(from({ previous: id("d").repeat(2) })).toEqual({ ok: false, refusal: "forked" });
    expect(acceptFirst(signedRoster({ ...first, version: 2 }), key.publicKey)).toEqual({ ok: false, refusal: "wrong-version" });
    expect(acceptFirst(signedRoster({ ...first, previous: id("d").repeat(2) }), key.publicKey)).toEqual({ ok: false, refusal: "forked" });
  });

  test("a signature by somebody who is no owner in it does not start a chain", async () => {
    const first = await roster();
    const adult = { ...first.members[0]!, member: id("8"), role: "adult" as const, signingKey: other.publicKey };
    expect(acceptFirst(signedRoster({ ...first, members: [...first.members, adult] }, other), other.publicKey)).toEqual({ ok: false, refusal: "not-signed-by-trusted" });
  });

  test("a roster that contradicts itself is inconsistent, and lifetimes have no for ever", async () => {
    const first = await roster();
    const [room] = first.rooms;
    const [device] = first.devices;
    const bad: Partial<Roster>[] = [
      { members: [...first.members, ...first.members] }, { rooms: [...first.rooms, ...first.rooms] }, { devices: [device!, device!] },
      { hubs: [] }, { rooms: [] }, { members: [] }, { rooms: [{ ...room!, audience: [id("f")] }] },
      { members: [{ ...first.members[0]!, role: "guest" }] },
    ];
    for (const over of bad) expect(isConsistent({ ...first, ...over })).toBe(false);
    for (const eventDays of [0, 3651, 1.5]) {
      const forged = signedRoster({ ...first, rooms: [{ ...room!, lifetimes: { continuousDays: 3, eventDays } }] });
      expect(acceptFirst(forged, key.publicKey)).toEqual({ ok: false, refusal: "malformed" });
    }
  });
});

describe("live", () => {
  const device = id("3");
  const liveKey = random(32);
  const keyId = random(8);
  const NOW = 1_000_000_000_000;

  function frame(counter: bigint, flags = 2, over: { device?: string; key?: Bytes; keyId?: Bytes } = {}): Bytes {
    const header = new Uint8Array(34);
    header[0] = 1;
    header.set(fromHex(over.device ?? device)!, 1);
    header.set(over.keyId ?? keyId, 17);
    new DataView(header.buffer).setBigUint64(25, counter);
    header[33] = flags;
    const nonce = new Uint8Array(12);
    new DataView(nonce.buffer).setBigUint64(4, counter);
    const plain = new Uint8Array(11);
    new DataView(plain.buffer).setBigInt64(0, BigInt(NOW));
    return concat(header, chacha20poly1305(over.key ?? liveKey, nonce, header).encrypt(plain));
  }
  const reader = () => {
    const made = new LiveReader(device);
    made.add(Buffer.from(keyId).toString("hex"), { key: liveKey, issuedUs: NOW, codecs: "avc1.4d401f" });
    return made;
  };

  test("frames open once, in order, and lost ones are no harm", () => {
    const live = reader();
    expect(live.open(frame(0n, 1), NOW)).toMatchObject({ ok: true, value: { isInit: true, capturedUs: NOW } });
    expect(live.open(frame(1n), NOW)).toMatchObject({ ok: true });
    expect(live.open(frame(5n), NOW)).toMatchObject({ ok: true });
    for (const again of [0n, 1n, 4n, 5n]) expect(live.open(frame(again), NOW)).toEqual({ ok: false, refusal: "replayed" });
  });

  test("a forged frame is refused and does not make us refuse the true ones", () => {
    const live = reader();
    expect(live.open(frame(99n, 2, { key: random(32) }), NOW)).toEqual({ ok: false, refusal: "body-changed" });
    expect(live.open(frame(0n), NOW)).toMatchObject({ ok: true });
  });

  test("another camera, an unknown key, unknown flags, an old key, a changed header are refused", () => {
    const live = reader();
    expect(live.open(frame(0n, 2, { device: id("8") }), NOW)).toEqual({ ok: false, refusal: "wrong-device" });
    expect(live.open(frame(0n, 2, { keyId: random(8) }), NOW)).toEqual({ ok: false, refusal: "unknown-key" });
    expect(live.open(frame(0n, 8), NOW)).toEqual({ ok: false, refusal: "malformed" });
    expect(live.open(frame(0n), NOW + 120_000_001)).toEqual({ ok: false, refusal: "old-key" });
    const changed = frame(0n);
    changed[33] = 3;
    expect(live.open(changed, NOW)).toEqual({ ok: false, refusal: "body-changed" });
    expect(parseFrameHeader(new Uint8Array(33)).ok).toBe(false);
    const header = parseFrameHeader(frame(0n));
    expect(header.ok && openFrame(liveKey, header.value, frame(0n)).ok).toBe(true);
  });

  test("a live key is taken only from the hub of the camera, for its room, and while it is young", async () => {
    const room = await identityOf(random(32));
    const plain = await roster();
    const household = { ...plain, rooms: [{ ...plain.rooms[0]!, recipient: room.recipient }] };
    const document = {
      household: id("1"), hub: id("2"), device, room: id("4"), epoch: 1, key: toBase64Url(keyId), issuedUs: NOW,
      sealedKey: toBase64Url(await sealTo(room.recipient, liveKey)), codecs: "avc1.4d401f",
    };
    const open = (over: object, by = other, now = NOW, identity: typeof room | null = room) =>
      openLiveKey(envelopeOf("live-key", { ...document, ...over }, by), device, household, () => identity, now);
    expect(await open({})).toMatchObject({ ok: true, value: { held: { key: liveKey } } });
    expect(await open({}, key)).toEqual({ ok: false, refusal: "not-signed-by-trusted" });
    expect(await open({ device: id("8") })).toEqual({ ok: false, refusal: "wrong-device" });
    expect(await open({ room: id("8") })).toEqual({ ok: false, refusal: "wrong-room" });
    expect(await open({ epoch: 2 })).toEqual({ ok: false, refusal: "wrong-room" });
    expect(await open({ household: id("8") })).toEqual({ ok: false, refusal: "wrong-household" });
    expect(await open({}, other, NOW + 121_000_000)).toEqual({ ok: false, refusal: "old-key" });
    expect(await open({}, other, NOW, null)).toEqual({ ok: false, refusal: "no-key" });
    const short = { sealedKey: toBase64Url(await sealTo(room.recipient, random(31))) };
    expect(await open(short)).toEqual({ ok: false, refusal: "malformed" });
  });
});
