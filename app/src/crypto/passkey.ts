/**
 * @file Passkeys, `docs/spec/keys.md`: making one, signing in with one, and the key that some of them give.
 *
 * The only place that talks to the browser's authenticators. What goes to the vault is built here field by field, so that
 * a result of the PRF extension, which opens the member secret, cannot be among it: it stays in a `PasskeyKey`.
 * User verification is asked for whatever the vault's options say, and an assertion without it gives no key.
 */
import { browserAuthenticators, type Authenticators } from "./authenticators";
import { refuse, type Checked } from "./checked";
import { toBase64Url, toHex, utf8, type Bytes } from "./bytes";
import { derive } from "./hash";
import { openSecret, sealSecret, type MemberPlace } from "./member";
import { bytes, bytesUpTo, list, object, oneOf, openObject, optional, readShape, text, whole } from "./shape";

/** What the vault's options carry too; this app asks for nothing else. */
const PRF_SALT = "eaves/prf/member-secret/v1";
const TOUCH_MS = 120_000;
const ID_BYTES_MAX = 1024;
/** In authenticator data: SHA-256 of the relying party's id, then the flags. */
const FLAGS_AT = 32;
const USER_VERIFIED = 0x04;

/** Why nothing came of it. */
export type NotUsed =
  | "not-used" // cancelled, timed out, or there is none here: browsers do not tell which
  | "there-already"
  | "needs-a-name"
  | "not-verified"
  | "malformed";
export type Used<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: NotUsed };

/** A member secret under a passkey, as JSON carries it. */
export interface PasskeyWrapJson {
  readonly way: "passkey";
  readonly credential: string;
  readonly nonce: string;
  readonly ciphertext: string;
}

const wrapShape = object({ way: oneOf("passkey"), credential: bytesUpTo(ID_BYTES_MAX), nonce: bytes(12), ciphertext: bytes(48) });

export type { Authenticators } from "./authenticators";

/** What a passkey gives to open with. Nothing of it can be read, sent or printed; it wraps and unwraps. */
export class PasskeyKey {
  readonly #key: Bytes;
  readonly #credential: Bytes;

  constructor(result: Uint8Array, credential: Bytes) {
    this.#key = derive(result, "eaves/way/passkey/v1");
    this.#credential = credential;
  }

  wrap(secret: Bytes, place: MemberPlace): PasskeyWrapJson {
    const sealed = sealSecret(this.#key, secret, place, this.#way);
    return { way: "passkey", credential: toBase64Url(this.#credential), ...sealed };
  }

  /** Opens a wrap of this passkey; one of another passkey, member or household does not open. */
  unwrap(value: unknown, place: MemberPlace): Checked<Bytes> {
    const read = readShape(wrapShape, value);
    if (!read.ok) return read;
    if (toHex(read.value.credential) !== toHex(this.#credential)) return refuse("wrong-scope");
    return openSecret(this.#key, read.value, place, this.#way);
  }

  get #way(): string {
    return `passkey:${toHex(this.#credential)}`;
  }
}

export interface MadeCredential {
  /** In hexadecimal, as in paths. */
  readonly id: string;
  /** For the vault. */
  readonly json: object;
  readonly key: PasskeyKey | null;
  /** It may give a key at the next touch. */
  readonly mayGiveKey: boolean;
}

export interface UsedCredential {
  readonly id: string;
  readonly json: object;
  readonly key: PasskeyKey | null;
}

const descriptorShape = openObject({ type: oneOf("public-key"), id: bytesUpTo(ID_BYTES_MAX) });
const creationShape = openObject({
  challenge: bytesUpTo(256),
  rp: openObject({ id: optional(text(256)), name: text(256) }),
  user: openObject({ id: bytesUpTo(64) }),
  pubKeyCredParams: list(openObject({ type: oneOf("public-key"), alg: whole(-70_000, 0) }), 32),
  excludeCredentials: optional(list(descriptorShape, 64)),
});
const requestShape = openObject({ challenge: bytesUpTo(256), rpId: optional(text(256)), allowCredentials: optional(list(descriptorShape, 64)) });

/** Whether this device itself can hold one and verify the person: a finger, a face, a code. */
export async function canHoldPasskey(): Promise<boolean> {
  if (browserAuthenticators() === null) return false;
  return PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable().catch(() => false);
}

/** Whether the browser offers passkeys beside a name field by itself. */
export async function isOfferedByBrowser(): Promise<boolean> {
  if (browserAuthenticators() === null || typeof PublicKeyCredential.isConditionalMediationAvailable !== "function") return false;
  return PublicKeyCredential.isConditionalMediationAvailable().catch(() => false);
}

/** Makes a passkey from the vault's options, under the name that the authenticator shall show. */
export async function makePasskey(options: unknown, name: string, on: Authenticators): Promise<Used<MadeCredential>> {
  const read = readShape(creationShape, options);
  if (!read.ok) return { ok: false, why: "malformed" };
  const { challenge, rp, user, pubKeyCredParams, excludeCredentials } = read.value;
  const made = await touched(() =>
    on.create({
      publicKey: {
        challenge,
        rp: rp.id === null ? { name: rp.name } : { id: rp.id, name: rp.name },
        user: { id: user.id, name, displayName: name },
        pubKeyCredParams: [...pubKeyCredParams],
        excludeCredentials: [...(excludeCredentials ?? [])],
        authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
        attestation: "none",
        timeout: TOUCH_MS,
        extensions: { prf: { eval: { first: utf8(PRF_SALT) } } },
      },
    }),
  );
  if (!made.ok) return made;
  const { credential, id, key, mayGiveKey } = made.value;
  const response = credential.response as AuthenticatorAttestationResponse;
  const transports = typeof response.getTransports === "function" ? response.getTransports() : [];
  const json = {
    ...frame(credential),
    response: { clientDataJSON: encoded(response.clientDataJSON), attestationObject: encoded(response.attestationObject), transports },
  };
  return { ok: true, value: { id, json, key, mayGiveKey: mayGiveKey && key === null } };
}

export interface Ask {
  /** Waits beside the name field. */
  readonly quietly?: boolean;
  readonly signal?: AbortSignal;
  /** Only this one, in hexadecimal. */
  readonly only?: string;
}

/** Proves possession of a passkey to the vault. */
export async function provePasskey(options: unknown, ask: Ask, on: Authenticators): Promise<Used<UsedCredential>> {
  const read = readShape(requestShape, options);
  if (!read.ok) return { ok: false, why: "malformed" };
  const { challenge, rpId, allowCredentials } = read.value;
  const allowed = (allowCredentials ?? []).filter(({ id }) => ask.only === undefined || toHex(id) === ask.only);
  const used = await touched(() =>
    on.get({
      publicKey: {
        challenge,
        ...(rpId === null ? {} : { rpId }),
        ...(allowed.length === 0 ? {} : { allowCredentials: allowed }),
        userVerification: "required",
        timeout: TOUCH_MS,
        extensions: { prf: { eval: { first: utf8(PRF_SALT) } } },
      },
      ...(ask.quietly === true ? { mediation: "conditional" } : {}),
      ...(ask.signal === undefined ? {} : { signal: ask.signal }),
    }),
  );
  if (!used.ok) return used;
  const { credential, id, key } = used.value;
  const response = credential.response as AuthenticatorAssertionResponse;
  const flags = new Uint8Array(response.authenticatorData)[FLAGS_AT] ?? 0;
  if ((flags & USER_VERIFIED) === 0) return { ok: false, why: "not-verified" };
  const json = {
    ...frame(credential),
    response: {
      clientDataJSON: encoded(response.clientDataJSON),
      authenticatorData: encoded(response.authenticatorData),
      signature: encoded(response.signature),
      ...(response.userHandle === null ? {} : { userHandle: encoded(response.userHandle) }),
    },
  };
  return { ok: true, value: { id, json, key } };
}

interface Touched {
  readonly credential: PublicKeyCredential;
  readonly id: string;
  readonly key: PasskeyKey | null;
  readonly mayGiveKey: boolean;
}

async function touched(ask: () => Promise<Credential | null>): Promise<Used<Touched>> {
  let credential: PublicKeyCredential | null;
  try {
    credential = (await ask()) as PublicKeyCredential | null;
  } catch (error) {
    const name = error instanceof Error || error instanceof DOMException ? error.name : "";
    return { ok: false, why: name === "InvalidStateError" ? "there-already" : name === "SecurityError" ? "needs-a-name" : "not-used" };
  }
  if (credential === null) return { ok: false, why: "not-used" };
  const id = new Uint8Array(credential.rawId);
  const { prf } = credential.getClientExtensionResults();
  const result = prf?.results?.first === undefined ? null : octets(prf.results.first);
  const key = result?.length === 32 ? new PasskeyKey(result, id) : null;
  return { ok: true, value: { credential, id: toHex(id), key, mayGiveKey: prf?.enabled === true } };
}

/** What stands around the response. Extension results are left out: none of them is anybody else's business. */
function frame(credential: PublicKeyCredential) {
  const { authenticatorAttachment } = credential;
  return {
    id: encoded(credential.rawId),
    rawId: encoded(credential.rawId),
    type: "public-key",
    ...(authenticatorAttachment === null ? {} : { authenticatorAttachment }),
    clientExtensionResults: {},
  };
}

function encoded(buffer: ArrayBuffer): string {
  return toBase64Url(new Uint8Array(buffer));
}

function octets(source: BufferSource): Uint8Array {
  return ArrayBuffer.isView(source) ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength) : new Uint8Array(source);
}

