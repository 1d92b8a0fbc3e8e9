/** @file Sealed files: what opens, and that nothing else does. */
import { Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import fc from "fast-check";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { parseHeader, splitHeader } from "./ageHeader";
import { bodyLayout, CHUNK_BYTES, openWholeBody, SEALED_CHUNK_BYTES } from "./ageStream";
import { concat, random, utf8, type Bytes } from "./bytes";
import { digestHex } from "./hash";
import { identityOf, openHeader, openWhole, sealTo, type Identity } from "./identity";
import type { RecordingLink } from "./link";
import { openChunks, openPart, openWholePart } from "./sealedPart";
import { openName, sealName } from "./sealedName";

vi.setConfig({ testTimeout: 60_000 }); // slow machines are no failure

let identity: Identity;
let stranger: Identity;
beforeAll(async () => {
  identity = await identityOf(random(32));
  stranger = await identityOf(random(32));
});

async function sealed(plaintext: Uint8Array) {
  const split = splitHeader(await sealTo(identity.recipient, plaintext));
  if (!split.ok) throw new Error(split.refusal);
  return split.value;
}

function linkOf(header: Bytes, body: Bytes, cut = false): RecordingLink {
  const parts = [{ part: "media" as const, header: digestHex(header), body: digestHex(body), bodyBytes: body.length }];
  return { kind: "recording", cut, parts } as unknown as RecordingLink;
}

const pattern = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 31) & 255);

describe("whole files", () => {
  test.each([0, 1, 63, 64, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])("%i bytes open again", async (length) => {
    expect(await openWhole(identity, await sealTo(identity.recipient, pattern(length)))).toEqual({ ok: true, value: pattern(length) });
  });

  test("somebody else's file does not open", async () => {
    expect(await openWhole(stranger, await sealTo(identity.recipient, pattern(9)))).toEqual({ ok: false, refusal: "no-key" });
  });

  test("an X25519 file, a second recipient and a second stanza are refused before a key is tried", async () => {
    const classic = new Encrypter();
    classic.addRecipient(await identityToRecipient(await generateX25519Identity()));
    expect(await openWhole(identity, (await classic.encrypt(pattern(9))) as Bytes)).toEqual({ ok: false, refusal: "foreign-stanza" });
    const both = new Encrypter();
    both.addRecipient(identity.recipient);
    both.addRecipient(stranger.recipient);
    expect(await openWhole(identity, (await both.encrypt(pattern(9))) as Bytes)).toEqual({ ok: false, refusal: "foreign-stanza" });
  });

  test("every changed byte of a header is noticed", async () => {
    const { header } = await sealed(pattern(5));
    for (let at = 0; at < header.length; at += 97) {
      const changed = header.slice();
      changed[at]! ^= 4;
      expect((await openHeader(identity, changed)).ok).toBe(false);
    }
    expect((await openHeader(identity, header)).ok).toBe(true);
    expect(parseHeader(concat(header, utf8("\n"))).ok).toBe(false);
    expect(parseHeader(header.subarray(0, -1)).ok).toBe(false);
  });
});

describe("bodies", () => {
  test("cut, reordered, repeated or dropped chunks never open, and never give less than the whole", async () => {
    const { header, body } = await sealed(pattern(4 * CHUNK_BYTES + 100));
    const fileKey = await openHeader(identity, header);
    if (!fileKey.ok) throw new Error(fileKey.refusal);
    const nonce = body.subarray(0, 16);
    const chunks = [0, 1, 2, 3, 4].map((i) => body.subarray(16 + i * SEALED_CHUNK_BYTES, 16 + (i + 1) * SEALED_CHUNK_BYTES));
    fc.assert(
      fc.property(fc.array(fc.nat(4), { maxLength: 6 }), (order) => {
        const isWhole = order.join() === "0,1,2,3,4";
        const opened = openWholeBody(fileKey.value, concat(nonce, ...order.map((i) => chunks[i]!)));
        expect(opened.ok).toBe(isWhole);
      }),
      { examples: [[[0, 1, 2, 3, 4]], [[0, 1, 2, 3]], [[0, 2, 1, 3, 4]], [[]]], numRuns: 40 },
    );
  });

  test("a cut body gives its whole chunks, drops an incomplete rest, and refuses a changed chunk", async () => {
    const { header, body } = await sealed(pattern(3 * CHUNK_BYTES));
    const fileKey = await openHeader(identity, header);
    if (!fileKey.ok) throw new Error(fileKey.refusal);
    for (const rest of [0, 5, 16, 40_000]) {
      const cut = body.slice(0, 16 + 2 * SEALED_CHUNK_BYTES + rest);
      expect(openWholeBody(fileKey.value, cut, true)).toEqual({ ok: true, value: pattern(2 * CHUNK_BYTES) });
      expect(openWholeBody(fileKey.value, cut, false).ok).toBe(false);
    }
    const changed = body.slice(0, 16 + 2 * SEALED_CHUNK_BYTES);
    changed[100]! ^= 1;
    expect(openWholeBody(fileKey.value, changed, true)).toEqual({ ok: false, refusal: "body-changed" });
    expect(openWholeBody(fileKey.value, body.slice(0, 16), true)).toEqual({ ok: true, value: new Uint8Array(0) });
  });

  test("lengths that no sealer makes are refused", () => {
    for (const bytes of [0, 15, 16, 31]) expect(bodyLayout(bytes, false).ok).toBe(false);
    expect(bodyLayout(16 + SEALED_CHUNK_BYTES + 16, false)).toEqual({ ok: false, refusal: "malformed" });
    expect(bodyLayout(16 + 16, false)).toMatchObject({ ok: true, value: { chunkCount: 1, plainBytes: 0 } });
  });
});

describe("parts that a link vouches for", () => {
  test("any range opens to the same bytes as the whole", async () => {
    const plain = pattern(3 * CHUNK_BYTES + 777);
    const { header, body } = await sealed(plain);
    const part = await openPart(identity, linkOf(header, body), "media", header, body.slice(0, 16));
    if (!part.ok) throw new Error(part.refusal);
    for (const [first, last] of [[0, 0], [1, 2], [2, 3], [3, 3], [0, 3]] as const) {
      const from = 16 + first * SEALED_CHUNK_BYTES;
      const sealedRange = body.slice(from, 16 + (last + 1) * SEALED_CHUNK_BYTES);
      expect(openChunks(part.value, first, sealedRange)).toEqual({ ok: true, value: plain.slice(first * CHUNK_BYTES, (last + 1) * CHUNK_BYTES) });
      expect(openChunks(part.value, first + 1, sealedRange).ok).toBe(false);
      expect(openChunks(part.value, first, sealedRange.slice(0, -1)).ok).toBe(false);
    }
  });

  test("another header, another body, another length are refused", async () => {
    const one = await sealed(pattern(50));
    const other = await sealed(pattern(50));
    const link = linkOf(one.header, one.body);
    expect(await openWholePart(identity, link, "media", one.header, one.body)).toEqual({ ok: true, value: pattern(50) });
    expect(await openWholePart(identity, link, "media", other.header, one.body)).toEqual({ ok: false, refusal: "header-changed" });
    expect(await openWholePart(identity, link, "media", one.header, other.body)).toEqual({ ok: false, refusal: "body-changed" });
    expect(await openWholePart(identity, link, "media", one.header, one.body.slice(1))).toEqual({ ok: false, refusal: "truncated" });
    expect(await openWholePart(identity, link, "card", one.header, one.body)).toEqual({ ok: false, refusal: "malformed" });
  });
});

describe("names", () => {
  test("read back, and their length shows in steps of 64 only", async () => {
    const lengths = new Set<number>();
    for (const name of ["", "a", "Porch", "Grüße aus dem Wohnzimmer 🛋️", "x".repeat(64)]) {
      const file = await sealName(identity.recipient, name);
      lengths.add(file.length);
      expect(await openName(identity, file)).toEqual({ ok: true, value: name });
    }
    expect(lengths.size).toBe(1);
  });
  test("what is not padded that way is refused", async () => {
    for (const bad of [utf8("Porch"), concat(utf8("a"), new Uint8Array(62), utf8("b")), new Uint8Array(64).fill(255)]) {
      expect((await openName(identity, await sealTo(identity.recipient, bad))).ok).toBe(false);
    }
  });
});
