/** @file The code that an authenticator app shows (RFC 6238: SHA-1, six digits, thirty seconds), from a secret in base 32. */

import { createHmac } from "node:crypto";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const STEP_MS = 30_000;

export function totp(secret: string, atMs = Date.now()): string {
  const bits = Array.from(secret.replaceAll(/\s/g, ""), (sign) => ALPHABET.indexOf(sign).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(atMs / STEP_MS)));
  const mac = createHmac("sha1", key).update(counter).digest();
  const at = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(at) & 0x7fff_ffff) % 1_000_000).padStart(6, "0");
}

/** The code of the next thirty seconds: each code is taken once, and the next one is taken already. */
export function nextTotp(secret: string): string {
  return totp(secret, Date.now() + STEP_MS);
}
