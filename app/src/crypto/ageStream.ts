/**
 * @file age's STREAM: the body of a sealed file, opened chunk by chunk from anywhere in it.
 *
 * A body is a 16-byte nonce and chunks of 64 KiB, each with its own tag. The nonce of a chunk holds its number and
 * whether it is the last one, so a chunk that was moved, dropped, repeated or cut off does not open.
 * Specification: `docs/spec/sealed-part.md`.
 */
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { accept, refuse, type Checked } from "./checked";
import type { Bytes } from "./bytes";
import { deriveSalted } from "./hash";

export const NONCE_BYTES = 16;
export const CHUNK_BYTES = 65_536;
export const TAG_BYTES = 16;
export const SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES;
/** More than the nonce and tags of any body that is opened whole. */
export const BODY_OVERHEAD_MAX = 64 << 10;

/** How a body of `bodyBytes` is divided. */
export interface BodyLayout {
  readonly chunkCount: number;
  readonly plainBytes: number;
  /** Whether the last chunk may be missing, because the hub signed that the recording was cut. */
  readonly isCut: boolean;
}

/** The key of the chunks. */
export interface PayloadKey {
  readonly key: Bytes;
}

export function payloadKey(fileKey: Uint8Array, payloadNonce: Uint8Array): PayloadKey {
  return { key: deriveSalted(fileKey, payloadNonce, "payload") };
}

/**
 * The layout of a body. A whole body ends with its last chunk, which is never empty unless it is the only one. A cut
 * body may lack it: an incomplete rest is dropped.
 */
export function bodyLayout(bodyBytes: number, isCut: boolean): Checked<BodyLayout> {
  const sealed = bodyBytes - NONCE_BYTES;
  if (sealed < 0) return refuse("truncated");
  const wholeChunks = Math.floor(sealed / SEALED_CHUNK_BYTES);
  const rest = sealed - wholeChunks * SEALED_CHUNK_BYTES;
  if (isCut && rest < TAG_BYTES) return accept({ chunkCount: wholeChunks, plainBytes: wholeChunks * CHUNK_BYTES, isCut });
  if (rest === 0 && wholeChunks > 0) return accept({ chunkCount: wholeChunks, plainBytes: wholeChunks * CHUNK_BYTES, isCut });
  if (rest < TAG_BYTES) return refuse("truncated");
  if (rest === TAG_BYTES && wholeChunks > 0 && !isCut) return refuse("malformed");
  return accept({ chunkCount: wholeChunks + 1, plainBytes: wholeChunks * CHUNK_BYTES + rest - TAG_BYTES, isCut });
}

/** Where chunk `index` lies in the body. */
export function chunkRange(index: number, bodyBytes: number): { readonly from: number; readonly to: number } {
  const from = NONCE_BYTES + index * SEALED_CHUNK_BYTES;
  return { from, to: Math.min(from + SEALED_CHUNK_BYTES, bodyBytes) };
}

/**
 * Opens chunk `index`. In a cut body the final piece is tried as the last chunk; if it is an incomplete rest it is
 * dropped (an empty result), while a complete chunk that does not open is refused in any case.
 */
export function openChunk(payload: PayloadKey, layout: BodyLayout, index: number, sealed: Uint8Array): Checked<Bytes> {
  const isFinal = index === layout.chunkCount - 1;
  if (index < 0 || index >= layout.chunkCount) return refuse("truncated");
  if (!isFinal) return openAs(payload, index, false, sealed);
  const last = openAs(payload, index, true, sealed);
  if (last.ok || !layout.isCut) return last;
  if (sealed.length === SEALED_CHUNK_BYTES) return openAs(payload, index, false, sealed);
  return accept(new Uint8Array(0));
}

/** Opens a whole body at once. */
export function openWholeBody(fileKey: Uint8Array, body: Uint8Array, isCut = false): Checked<Bytes> {
  const layout = bodyLayout(body.length, isCut);
  if (!layout.ok) return layout;
  const payload = payloadKey(fileKey, body.subarray(0, NONCE_BYTES));
  const out = new Uint8Array(layout.value.plainBytes);
  let length = 0;
  for (let index = 0; index < layout.value.chunkCount; index += 1) {
    const { from, to } = chunkRange(index, body.length);
    const chunk = openChunk(payload, layout.value, index, body.subarray(from, to));
    if (!chunk.ok) return chunk;
    out.set(chunk.value, length);
    length += chunk.value.length;
  }
  return accept(length === out.length ? out : out.slice(0, length));
}

function openAs(payload: PayloadKey, index: number, isLast: boolean, sealed: Uint8Array): Checked<Bytes> {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setUint32(7, index); // 11 bytes big-endian; 2³² chunks are 256 TiB
  nonce[11] = isLast ? 1 : 0;
  try {
    return accept(chacha20poly1305(payload.key, nonce).decrypt(sealed) as Bytes);
  } catch {
    return refuse("body-changed");
  }
}
