/**
 * @file Live pictures, `docs/spec/live.md`: keys that the hub signs, and frames that each open by themselves.
 *
 * The relay is hostile. It may drop frames; it must not be able to invent, repeat, reorder or redirect one.
 */
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { accept, refuse, type Checked } from "./checked";
import { toHex, type Bytes } from "./bytes";
import { verifyEnvelope, type DocumentForm, type Envelope } from "./envelope";
import { openWhole, type Identity } from "./identity";
import type { Roster } from "./roster";
import { bytes, bytesUpTo, id, object, text, timeUs, whole, type Shaped } from "./shape";

const HEADER_BYTES = 34;
const VERSION = 1;
const FLAG_INIT = 1;
const FLAG_KEYFRAME = 2;
const FLAG_SOUND = 4;
const KEY_US_MAX = 120_000_000;
const CAPTURE_TIME_BYTES = 8;
const SEALED_KEY_BYTES_MAX = 16 << 10;
/** Keys that are still good for frames under way when a new one has come. */
const KEYS_HELD = 4;

const liveKeyShape = object({
  household: id,
  hub: id,
  device: id,
  room: id,
  epoch: whole(0, 0xffff_ffff),
  key: bytes(8),
  issuedUs: timeUs,
  sealedKey: bytesUpTo(SEALED_KEY_BYTES_MAX),
  codecs: text(256),
});
export type LiveKey = Shaped<typeof liveKeyShape>;
export const liveKeyForm: DocumentForm<LiveKey> = { kind: "live-key", shape: liveKeyShape };

export interface FrameHeader {
  readonly device: string;
  readonly key: string;
  readonly counter: bigint;
  readonly isInit: boolean;
  readonly isKeyframe: boolean;
  readonly isSound: boolean;
}

/** An opened frame: fragmented MP4, and when the camera's picture reached the hub. */
export interface Frame extends FrameHeader {
  readonly capturedUs: number;
  readonly mp4: Bytes;
}

export interface HeldKey {
  readonly key: Bytes;
  readonly issuedUs: number;
  readonly codecs: string;
}

export function parseFrameHeader(frame: Uint8Array): Checked<FrameHeader> {
  if (frame.length < HEADER_BYTES) return refuse("truncated");
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const flags = view.getUint8(33);
  if (view.getUint8(0) !== VERSION || (flags & ~(FLAG_INIT | FLAG_KEYFRAME | FLAG_SOUND)) !== 0) return refuse("malformed");
  return accept({
    device: toHex(frame.subarray(1, 17)),
    key: toHex(frame.subarray(17, 25)),
    counter: view.getBigUint64(25),
    isInit: (flags & FLAG_INIT) !== 0,
    isKeyframe: (flags & FLAG_KEYFRAME) !== 0,
    isSound: (flags & FLAG_SOUND) !== 0,
  });
}

/** Opens one frame under one key, without regard to what came before. */
export function openFrame(key: Uint8Array, header: FrameHeader, frame: Uint8Array): Checked<Frame> {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setBigUint64(4, header.counter);
  let opened: Uint8Array;
  try {
    opened = chacha20poly1305(key, nonce, frame.subarray(0, HEADER_BYTES)).decrypt(frame.subarray(HEADER_BYTES));
  } catch {
    return refuse("body-changed");
  }
  if (opened.length < CAPTURE_TIME_BYTES) return refuse("malformed");
  const capturedUs = Number(new DataView(opened.buffer, opened.byteOffset).getBigInt64(0));
  return accept({ ...header, capturedUs, mp4: opened.slice(CAPTURE_TIME_BYTES) });
}

/** The rooms' identities, by room and epoch. */
export type IdentityLookup = (scope: string, epoch: number) => Identity | null;

/** Verifies a live key for `device` against the roster that holds now, and opens it. */
export async function openLiveKey(
  envelope: Envelope,
  device: string,
  roster: Roster,
  identities: IdentityLookup,
  nowUs: number,
): Promise<Checked<{ readonly id: string; readonly held: HeldKey }>> {
  const known = roster.devices.find((one) => one.device === device);
  const hub = roster.hubs.find((one) => one.hub === known?.hub);
  const room = roster.rooms.find((one) => one.room === known?.room);
  if (known === undefined || hub === undefined || room === undefined) return refuse("wrong-device");
  const verified = verifyEnvelope(envelope, liveKeyForm, [hub.signingKey]);
  if (!verified.ok) return verified;
  const document = verified.value.document;
  if (document.household !== roster.household) return refuse("wrong-household");
  if (document.hub !== hub.hub) return refuse("wrong-hub");
  if (document.device !== device) return refuse("wrong-device");
  if (document.room !== room.room || document.epoch !== room.epoch) return refuse("wrong-room");
  if (Math.abs(nowUs - document.issuedUs) > KEY_US_MAX) return refuse("old-key");
  const identity = identities(document.room, document.epoch);
  if (identity === null) return refuse("no-key");
  const key = await openWhole(identity, document.sealedKey);
  if (!key.ok) return key;
  if (key.value.length !== 32) return refuse("malformed");
  return accept({ id: toHex(document.key), held: { key: key.value, issuedUs: document.issuedUs, codecs: document.codecs } });
}

/** The reading end of one camera's live frames: remembers keys and counters. */
export class LiveReader {
  readonly #device: string;
  readonly #keys = new Map<string, { readonly held: HeldKey; last: bigint | null }>();
  /** Keys that had their time: a key is never used again, not even when it is handed in a second time. */
  readonly #seen = new Set<string>();

  constructor(device: string) {
    this.#device = device;
  }

  add(keyId: string, held: HeldKey): void {
    if (this.#seen.has(keyId)) return;
    this.#seen.add(keyId);
    this.#keys.set(keyId, { held, last: null });
    for (const old of this.#keys.keys()) {
      if (this.#keys.size <= KEYS_HELD) break;
      this.#keys.delete(old);
    }
  }

  open(frame: Uint8Array, nowUs: number): Checked<Frame & { readonly codecs: string }> {
    const header = parseFrameHeader(frame);
    if (!header.ok) return header;
    if (header.value.device !== this.#device) return refuse("wrong-device");
    const entry = this.#keys.get(header.value.key);
    if (entry === undefined) return refuse("unknown-key");
    if (nowUs - entry.held.issuedUs > KEY_US_MAX) return refuse("old-key");
    if (entry.last !== null && header.value.counter <= entry.last) return refuse("replayed");
    const opened = openFrame(entry.held.key, header.value, frame);
    if (!opened.ok) return opened;
    // Only a frame that opened moves the counter: a forged one cannot make us refuse the true ones.
    entry.last = header.value.counter;
    return accept({ ...opened.value, codecs: entry.held.codecs });
  }
}
