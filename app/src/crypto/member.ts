/** @file The member secret and everything that comes out of it, `docs/spec/keys.md`: identity, signing key, ways in. */
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { accept, refuse, type Checked } from "./checked";
import { fromBase64Url, random, toBase64Url, utf8, type Bytes } from "./bytes";
import { derive } from "./hash";
import { identityOf, type Identity } from "./identity";
import { bytes, object, oneOf, readShape } from "./shape";
import { signingKey, type SigningKey } from "./signing";

const SECRET_BYTES = 32;

export type Way = "password" | "kit";

/** Who a member is to the formats: opaque ids. */
export interface MemberPlace {
  readonly household: string;
  readonly member: string;
}

/** A member's own keys, in memory. */
export interface MemberKeys {
  readonly secret: Bytes;
  readonly identity: Identity;
  readonly signing: SigningKey;
}

/** A member secret under one way in, as JSON carries it. */
export interface WrappedSecretJson {
  readonly way: Way;
  readonly nonce: string;
  readonly ciphertext: string;
}

const wrappedShape = object({ way: oneOf("password", "kit"), nonce: bytes(12), ciphertext: bytes(SECRET_BYTES + 16) });

export function makeMemberSecret(): Bytes {
  return random(SECRET_BYTES);
}

export async function memberKeys(secret: Bytes): Promise<MemberKeys> {
  return {
    secret,
    identity: await identityOf(derive(secret, "eaves/member/identity/v1")),
    signing: signingKey(derive(secret, "eaves/member/signing/v1")),
  };
}

/** The key that a way in gives: `material` is OPAQUE's export key or the kit's secret. */
export function wayKey(way: Way, material: Uint8Array): Bytes {
  return derive(material, way === "password" ? "eaves/way/password/v1" : "eaves/way/kit/v1");
}

export function wrapSecret(secret: Bytes, place: MemberPlace, way: Way, material: Uint8Array): WrappedSecretJson {
  return { way, ...sealSecret(wayKey(way, material), secret, place, way) };
}

/** Opens a wrapped secret. One that was made for another member, household or way does not open. */
export function unwrapSecret(value: unknown, place: MemberPlace, way: Way, material: Uint8Array): Checked<Bytes> {
  return unwrapWith(wayKey(way, material), value, place, way);
}

/** The same with the key that the way gives. */
export function unwrapWith(key: Uint8Array, value: unknown, place: MemberPlace, way: Way): Checked<Bytes> {
  const read = readShape(wrappedShape, value);
  if (!read.ok) return read;
  if (read.value.way !== way) return refuse("wrong-scope");
  return openSecret(key, read.value, place, way);
}

/** The AEAD of every way in; `way` as it stands in the associated data. */
export function sealSecret(key: Uint8Array, secret: Bytes, place: MemberPlace, way: string): { readonly nonce: string; readonly ciphertext: string } {
  const nonce = random(12);
  const ciphertext = chacha20poly1305(key, nonce, boundTo(place, way)).encrypt(secret);
  return { nonce: toBase64Url(nonce), ciphertext: toBase64Url(ciphertext) };
}

export function openSecret(key: Uint8Array, sealed: { readonly nonce: Uint8Array; readonly ciphertext: Uint8Array }, place: MemberPlace, way: string): Checked<Bytes> {
  try {
    return accept(chacha20poly1305(key, sealed.nonce, boundTo(place, way)).decrypt(sealed.ciphertext) as Bytes);
  } catch {
    return refuse("does-not-open");
  }
}

function boundTo({ household, member }: MemberPlace, way: string): Bytes {
  return utf8(`eaves/wrapped-secret/v1|${household}|${member}|${way}`);
}

const LOGIN_NAME_ITERATIONS = 600_000;

/**
 * The login handle of a typed name. The name itself never leaves the app; somebody who holds the vault's database can
 * try names, 600 000 rounds each, but not read them.
 */
export async function loginHandle(typedName: string): Promise<string> {
  const name = typedName.normalize("NFKC").toLowerCase().trim();
  const key = await crypto.subtle.importKey("raw", utf8(name), "PBKDF2", false, ["deriveBits"]);
  const salt = utf8("eaves/login-name/v1");
  const bits = await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations: LOGIN_NAME_ITERATIONS }, key, 256);
  return toBase64Url(new Uint8Array(bits));
}

/** For libraries that speak base64url: OPAQUE's export key as bytes. */
export function exportKeyBytes(exportKey: string): Checked<Bytes> {
  const read = fromBase64Url(exportKey);
  return read?.length === 64 ? accept(read) : refuse("malformed");
}
