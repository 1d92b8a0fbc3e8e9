/**
 * @file age identities and recipients of the one type in use, `mlkem768x25519` (X-Wing): how a seed becomes one, and
 * the few things that are sealed whole (names, key wraps, settings, requests). Recordings are opened by `sealedPart.ts`.
 */
import { bech32 } from "@scure/base";
import { Decrypter, Encrypter, identityToRecipient } from "age-encryption";
import { accept, refuse, type Checked } from "./checked";
import { concat, type Bytes } from "./bytes";
import { parseHeader, splitHeader } from "./ageHeader";
import { BODY_OVERHEAD_MAX, openWholeBody } from "./ageStream";

/** What opens: an age identity, with the recipient that seals to it. */
export interface Identity {
  readonly recipient: string;
  /** The 32-byte X-Wing seed. */
  readonly seed: Bytes;
}

/** The largest file that is opened whole. */
const WHOLE_BYTES_MAX = 16 << 20;

/** The identity of a 32-byte seed. */
export async function identityOf(seed: Bytes): Promise<Identity> {
  return { recipient: await identityToRecipient(secretText(seed)), seed };
}

/** Seals `plaintext` to one recipient, as an ordinary age file. */
export async function sealTo(recipient: string, plaintext: Uint8Array): Promise<Bytes> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  return (await encrypter.encrypt(plaintext)) as Bytes;
}

/** Opens a whole age file that `sealTo`, or a hub, made. */
export async function openWhole(identity: Identity, file: Uint8Array): Promise<Checked<Bytes>> {
  if (file.length > WHOLE_BYTES_MAX + BODY_OVERHEAD_MAX) return refuse("too-large");
  const split = splitHeader(file);
  if (!split.ok) return split;
  const fileKey = await openHeader(identity, split.value.header);
  return fileKey.ok ? openWholeBody(fileKey.value, split.value.body) : fileKey;
}

/** The file key behind a header, if it is sealed to this identity and to nobody else. */
export async function openHeader(identity: Identity, header: Uint8Array): Promise<Checked<Bytes>> {
  const form = parseHeader(header);
  if (!form.ok) return form;
  const decrypter = new Decrypter();
  decrypter.addIdentity(secretText(identity.seed));
  let fileKey: Uint8Array;
  try {
    fileKey = await decrypter.decryptHeader(concat(header));
  } catch (error) {
    // The library tells a failed MAC from a stanza for somebody else by its message only.
    return refuse(error instanceof Error && /hmac/i.test(error.message) ? "header-changed" : "no-key");
  }
  return fileKey.length === 16 ? accept(concat(fileKey)) : refuse("malformed");
}

/** age's text form of an identity. */
export function secretText(seed: Uint8Array): string {
  return bech32.encodeFromBytes("AGE-SECRET-KEY-PQ-", seed).toUpperCase();
}
