/**
 * @file The filter of stolen passwords, `docs/spec/password-filter.md`: a Bloom filter over SHA-1, the hash in which such
 * lists are published. Asked here, in the browser: a question to the vault would tell it something of the password.
 */
import { sha1 } from "@noble/hashes/legacy.js";
import { utf8, type Bytes } from "./bytes";

const MAGIC = "eavespw1";
const HEAD_BYTES = 16;
const HASHES_MAX = 32;

export interface StolenPasswords {
  has(password: string): boolean;
}

/** Null: that is no such filter. */
export function readStolenPasswords(file: Uint8Array): StolenPasswords | null {
  if (file.length <= HEAD_BYTES || new TextDecoder("latin1").decode(file.subarray(0, MAGIC.length)) !== MAGIC) return null;
  const head = new DataView(file.buffer, file.byteOffset, HEAD_BYTES);
  const [bitCount, hashCount] = [head.getUint32(8), head.getUint32(12)];
  const bits = file.subarray(HEAD_BYTES);
  if (bitCount === 0 || bits.length !== Math.ceil(bitCount / 8) || hashCount === 0 || hashCount > HASHES_MAX) return null;
  const holds = (digest: Bytes): boolean => places(digest, bitCount, hashCount).every((at) => (((bits[Math.floor(at / 8)] ?? 0) >> (at & 7)) & 1) === 1);
  return {
    // Somebody who tries a list tries its small letters too.
    has: (password) => [...new Set([password, password.toLowerCase(), password.normalize("NFKC")])].some((one) => holds(sha1(utf8(one)))),
  };
}

/** Where a digest has its bits. */
export function places(digest: Uint8Array, bitCount: number, hashCount: number): readonly number[] {
  const words = new DataView(digest.buffer, digest.byteOffset, digest.byteLength);
  const [first, step] = [words.getUint32(0), words.getUint32(4)];
  return Array.from({ length: hashCount }, (_, at) => (first + at * step) % bitCount);
}
