/** @file SHA-256, HMAC and the labelled key derivation of `docs/spec/keys.md`. */
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concat, toHex, utf8, type Bytes } from "./bytes";

export function digest(bytes: Uint8Array): Bytes {
  return sha256(bytes);
}

/** A digest as documents write it: 64 lower-case hexadecimal digits. */
export function digestHex(bytes: Uint8Array): string {
  return toHex(sha256(bytes));
}

/** `HKDF(ikm, info)` of the specifications: SHA-256, empty salt, 32 bytes. One label, one purpose. */
export function derive(ikm: Uint8Array, label: string): Bytes {
  return hkdf(sha256, ikm, undefined, utf8(label), 32);
}

/** HKDF-SHA256 with a salt, as age derives its payload key. */
export function deriveSalted(ikm: Uint8Array, salt: Uint8Array, label: string): Bytes {
  return hkdf(sha256, ikm, salt, utf8(label), 32);
}

/** `HMAC-SHA256(key, label ‖ 0x00 ‖ parts…)`. */
export function labelledMac(key: Uint8Array, label: string, ...parts: readonly Uint8Array[]): Bytes {
  return hmac(sha256, key, concat(utf8(label), new Uint8Array(1), ...parts));
}
