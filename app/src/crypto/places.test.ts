/**
 * @file Cut and paste: whatever the vault keeps sealed is tried in every other place where something sealed is read, and
 * every label with which keys are derived is used for one purpose.
 */
import { beforeAll, expect, test } from "vitest";
import { concat, random, randomId, toBase64Url, type Bytes } from "./bytes";
import { splitHeader } from "./ageHeader";
import { identityOf, sealTo, type Identity } from "./identity";
import { digestHex } from "./hash";
import type { PartKind, RecordingLink } from "./link";
import { unwrapSecret, wrapSecret, type Way } from "./member";
import { openName, sealName } from "./sealedName";
import { openWholePart } from "./sealedPart";
import { openWrap, wrapIdentity } from "./sharedIdentity";

const household = randomId();
const [me, other, room, secondRoom] = [randomId(), randomId(), randomId(), randomId()];
const exportKey = random(64);
const kit = random(20);

/** A place where something sealed is read: what lies there, and whether something else would be read there. */
interface Place {
  readonly name: string;
  readonly sealed: Bytes;
  readonly opens: (sealed: Bytes) => Promise<boolean>;
}

let places: readonly Place[];

beforeAll(async () => {
  const own = await identityOf(random(32));
  const [ofHousehold, ofRoom, ofSecond] = await Promise.all([identityOf(random(32)), identityOf(random(32)), identityOf(random(32))]);
  const secrets = [me, other].flatMap((member) => (["password", "kit"] as const).map((way) => secretPlace(member, way)));
  const wraps = await Promise.all([
    wrapPlace("household key", household, 1, ofHousehold, own),
    wrapPlace("room key", room, 1, ofRoom, own),
    wrapPlace("room key of another epoch", room, 2, await identityOf(random(32)), own),
    wrapPlace("key of another room", secondRoom, 1, ofSecond, own),
  ]);
  const name = { name: "name", sealed: await sealName(ofHousehold.recipient, "Nursery"), opens: async (sealed: Bytes) => (await openName(ofHousehold, sealed)).ok };
  const parts = await Promise.all([partPlace("media", room, ofRoom), partPlace("poster", room, ofRoom), partPlace("media", room, ofRoom), partPlace("media", secondRoom, ofSecond)]);
  places = [...secrets, ...wraps, name, ...parts.map((part, i) => ({ ...part, name: `${part.name} ${i}` }))];
});

function secretPlace(member: string, way: Way): Place {
  const material = way === "password" ? exportKey : kit;
  const wrapped = wrapSecret(random(32), { household, member }, way, material);
  return {
    name: `secret of ${member === me ? "a member" : "another member"} by ${way}`,
    sealed: concat(bytesOf(wrapped.nonce), bytesOf(wrapped.ciphertext)),
    opens: (sealed) => {
      // What is around the sealed bytes is the vault's to write.
      const read = { way, nonce: toBase64Url(sealed.slice(0, 12)), ciphertext: toBase64Url(sealed.slice(12)) };
      return Promise.resolve(unwrapSecret(read, { household, member }, way, material).ok);
    },
  };
}

async function wrapPlace(name: string, scope: string, epoch: number, identity: Identity, own: Identity): Promise<Place> {
  const wrap = await wrapIdentity({ scope, epoch, identity }, household, { member: me, recipient: own.recipient });
  return {
    name,
    sealed: bytesOf(wrap.wrapped),
    opens: async (sealed) => (await openWrap({ scope, epoch, member: me, wrapped: sealed }, { household, member: me, identity: own }, (recipient) => recipient === identity.recipient)).ok,
  };
}

async function partPlace(kind: PartKind, of: string, identity: Identity): Promise<Place> {
  const sealed = await sealTo(identity.recipient, random(500));
  const split = splitHeader(sealed);
  if (!split.ok) throw new Error("a file that was just sealed has a header");
  const { header, body } = split.value;
  const link = { room: of, cut: false, parts: [{ part: kind, header: digestHex(header), body: digestHex(body), bodyBytes: body.length }] } as unknown as RecordingLink;
  return {
    name: `${kind} of ${of === room ? "a room" : "another room"}`,
    sealed,
    opens: async (other) => {
      const pieces = splitHeader(other);
      return pieces.ok && (await openWholePart(identity, link, kind, pieces.value.header, pieces.value.body)).ok;
    },
  };
}

function bytesOf(text: string): Bytes {
  return Uint8Array.from(Buffer.from(text, "base64url"));
}

test("every sealed thing opens in its own place and in no other", async () => {
  for (const { name, sealed, opens } of places) {
    expect(await opens(sealed), `${name} in its own place`).toBe(true);
    for (const elsewhere of places) if (elsewhere.name !== name) expect(await elsewhere.opens(sealed), `${name} found as ${elsewhere.name}`).toBe(false);
  }
});

test("with any byte of it changed it opens nowhere", async () => {
  for (const { name, sealed, opens } of places) {
    const step = Math.max(1, Math.floor(sealed.length / 40));
    for (let at = 0; at < sealed.length; at += step) {
      const flipped = concat(sealed.subarray(0, at), Uint8Array.of(sealed[at]! ^ 1), sealed.subarray(at + 1));
      expect(await opens(flipped), `${name} with byte ${at} changed`).toBe(false);
    }
  }
});

test("every label with which something is derived or bound stands for one purpose", () => {
  const sources = import.meta.glob<string>("./*.ts", { query: "?raw", import: "default", eager: true });
  const labels = Object.entries(sources)
    .filter(([file]) => !file.includes(".test."))
    .flatMap(([, source]) => [...source.matchAll(/["'`](eaves\/[^"'`$|]+)/g)].map(([, label]) => label));
  expect(labels.length).toBeGreaterThan(10);
  expect([...labels].sort()).toEqual([...new Set(labels)].sort());
});
