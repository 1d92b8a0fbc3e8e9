/** @file Work that a vault asks of a browser it does not know while somebody sprays passwords, `docs/spec/proof-of-work.md`. */
import { sha256 } from "@noble/hashes/sha2.js";
import { concat, fromBase64Url, type Bytes } from "./bytes";

/** No vault asks for more; a lying one does not get this browser to compute for ever. */
const BITS_MAX = 24;
const CHALLENGE_BYTES = 56;
/** So many hashes between two pauses, in which the page can answer. */
const STRETCH = 20_000;

/** The header that shows the work, or null when more is asked than a browser should do. */
export async function solveWork(challenge: string, bits: number): Promise<string | null> {
  const bytes = fromBase64Url(challenge);
  if (bytes?.length !== CHALLENGE_BYTES || !Number.isInteger(bits) || bits < 0 || bits > BITS_MAX) return null;
  for (let nonce = 0n; ; nonce += 1n) {
    if (hasZeroBits(hashOf(bytes, nonce), bits)) return `${challenge}.${String(nonce)}`;
    if (nonce % BigInt(STRETCH) === 0n) await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

/** Whether a header shows enough work. */
export function isWork(header: string, bits: number): boolean {
  const [challenge = "", nonce = ""] = header.split(".");
  const bytes = fromBase64Url(challenge);
  return bytes?.length === CHALLENGE_BYTES && /^\d{1,20}$/.test(nonce) && hasZeroBits(hashOf(bytes, BigInt(nonce)), bits);
}

function hashOf(challenge: Bytes, nonce: bigint): Uint8Array {
  const last = new Uint8Array(8);
  new DataView(last.buffer).setBigUint64(0, nonce);
  return sha256(concat(challenge, last));
}

function hasZeroBits(hash: Uint8Array, bits: number): boolean {
  const whole = bits >> 3;
  if (hash.subarray(0, whole).some((byte) => byte !== 0)) return false;
  return bits % 8 === 0 || (hash[whole] ?? 0) >> (8 - (bits % 8)) === 0;
}
