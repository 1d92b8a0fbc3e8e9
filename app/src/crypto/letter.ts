/** @file Letters, `docs/spec/invite.md`: JSON sealed under a key that two people share, padded so that length tells little. */
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { accept, refuse, type Checked } from "./checked";
import { concat, random, toBase64Url, utf8, type Bytes } from "./bytes";
import { derive } from "./hash";
import type { MemberKeys, MemberPlace } from "./member";
import { bytes, bytesUpTo, object, readJson, readShape, type Shape } from "./shape";

const PAD_TO = 256;
const LETTER_BYTES_MAX = 16 << 10;
const TAG_BYTES = 16;

/** A letter as JSON carries it. */
export interface LetterJson {
  readonly nonce: string;
  readonly ciphertext: string;
}

const letterShape = object({ nonce: bytes(12), ciphertext: bytesUpTo(LETTER_BYTES_MAX + TAG_BYTES) });

export function sealLetter(key: Uint8Array, boundTo: string, content: object): LetterJson {
  const text = utf8(JSON.stringify(content));
  const padded = concat(text, new Uint8Array((PAD_TO - (text.length % PAD_TO)) % PAD_TO).fill(0x20));
  if (padded.length > LETTER_BYTES_MAX) throw new Error("a letter that no reader would take");
  const nonce = random(12);
  const ciphertext = chacha20poly1305(key, nonce, utf8(boundTo)).encrypt(padded);
  return { nonce: toBase64Url(nonce), ciphertext: toBase64Url(ciphertext) };
}

/** Opens a letter that was found where `boundTo` says. */
export function openLetter<T>(key: Uint8Array, boundTo: string, value: unknown, shape: Shape<T>): Checked<T> {
  const read = readShape(letterShape, value);
  if (!read.ok) return read;
  let text: Uint8Array;
  try {
    text = chacha20poly1305(key, read.value.nonce, utf8(boundTo)).decrypt(read.value.ciphertext);
  } catch {
    return refuse("does-not-open");
  }
  const content = readJson(shape, text);
  return content.ok ? accept(content.value) : content;
}

/** Whose letters to themselves. */
export type Self = MemberPlace & { readonly secret: MemberKeys["secret"] };

/** Writes something for oneself: nobody else can make one that opens. */
export function sealOwn(self: Self, purpose: string, content: object): LetterJson {
  return sealLetter(ownKey(self), ownPlace(self, purpose), content);
}

export function openOwn<T>(self: Self, purpose: string, value: unknown, shape: Shape<T>): Checked<T> {
  return openLetter(ownKey(self), ownPlace(self, purpose), value, shape);
}

function ownKey({ secret }: Self): Bytes {
  return derive(secret, "eaves/member/own/v1");
}

function ownPlace({ household, member }: Self, purpose: string): string {
  return `eaves/own/v1|${household}|${member}|${purpose}`;
}
