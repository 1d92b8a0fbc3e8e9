/** @file Byte strings: their text forms, joining and comparing. Every reader here refuses all but the one right form. */
import { base64urlnopad, hex } from "@scure/base";
import { concatBytes } from "@noble/hashes/utils.js";

/** Bytes over a buffer of their own, as the browser's interfaces want them. */
export type Bytes = Uint8Array<ArrayBuffer>;

const BASE64URL = /^[A-Za-z0-9_-]*$/;
const HEX = /^[0-9a-f]*$/;

export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text);
}

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads UTF-8; null when it is not. */
export function fromUtf8(bytes: Uint8Array): string | null {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return null;
  }
}

export function toBase64Url(bytes: Uint8Array): string {
  return base64urlnopad.encode(bytes);
}

/** The browser's own decoder where it has one: a day of the timeline is two megabytes of it. */
const decodeBase64Url = (text: string): Uint8Array => {
  const native = (Uint8Array as { readonly fromBase64?: (text: string, options: object) => Uint8Array }).fromBase64;
  if (native === undefined) return base64urlnopad.decode(text);
  // With its padding put back, "strict" refuses stray bits.
  return native.call(Uint8Array, text.padEnd(Math.ceil(text.length / 4) * 4, "="), { alphabet: "base64url", lastChunkHandling: "strict" });
};

/** Reads base64url without padding, blanks or stray bits; null when it is anything else. */
export function fromBase64Url(text: string): Bytes | null {
  if (!BASE64URL.test(text)) return null;
  try {
    return decodeBase64Url(text) as Bytes;
  } catch {
    return null;
  }
}

export function toHex(bytes: Uint8Array): string {
  return hex.encode(bytes);
}

/** Reads lower-case hexadecimal digits; null when it is anything else. */
export function fromHex(text: string): Bytes | null {
  return text.length % 2 === 0 && HEX.test(text) ? (hex.decode(text) as Bytes) : null;
}

export function concat(...parts: readonly Uint8Array[]): Bytes {
  return concatBytes(...parts);
}

/** Compares without telling by its duration where the first difference is. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i += 1) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

/** `length` bytes from the browser's generator. */
export function random(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length));
}

/** A new opaque id: sixteen random bytes in hexadecimal. */
export function randomId(): string {
  return toHex(random(16));
}
