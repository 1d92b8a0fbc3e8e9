/**
 * @file The envelope of signed documents, `docs/spec/envelope.md`: DSSE with Ed25519.
 *
 * The order is the point: first the type, then a signature by a trusted key, and only then is the payload parsed.
 */
import { accept, refuse, type Checked } from "./checked";
import { concat, toBase64Url, utf8, type Bytes } from "./bytes";
import { digestHex } from "./hash";
import { bytesUpTo, list, object, readJson, readShape, text, type Shape } from "./shape";
import { keyId, sign, verify, type SigningKey } from "./signing";

const PAYLOAD_BYTES_MAX = 1 << 20;
const SIGNATURES_LOOKED_AT = 16;

export type DocumentKind = "roster" | "link" | "command" | "probe-answer" | "live-key" | "hub-session" | "home-state" | "watch";

export interface Envelope {
  readonly payloadType: string;
  readonly payload: Bytes;
  readonly signatures: readonly { readonly keyid: string; readonly sig: Bytes }[];
}

/** An envelope as JSON carries it. */
export interface EnvelopeJson {
  readonly payloadType: string;
  readonly payload: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
}

/** What a kind of document looks like once its signature is believed. */
export interface DocumentForm<T> {
  readonly kind: DocumentKind;
  readonly shape: Shape<T>;
}

/** A document that a trusted key signed. `digest` names these exact bytes. */
export interface Verified<T> {
  readonly document: T;
  readonly digest: string;
  readonly signer: Bytes;
}

const envelopeShape = object({
  payloadType: text(128),
  payload: bytesUpTo(2 * PAYLOAD_BYTES_MAX),
  signatures: list(object({ keyid: text(64), sig: bytesUpTo(1024) }), 1024),
});

export function readEnvelope(value: unknown): Checked<Envelope> {
  return readShape(envelopeShape, value);
}

export function payloadType(kind: DocumentKind): string {
  return `application/vnd.eaves.${kind}.v1+json`;
}

/** DSSE's PAE: what is signed. */
export function preAuthenticationEncoding(type: string, payload: Uint8Array): Bytes {
  const typeBytes = utf8(type);
  return concat(utf8(`DSSEv1 ${typeBytes.length} `), typeBytes, utf8(` ${payload.length} `), payload);
}

/** The document, if one of `trusted` signed it. */
export function verifyEnvelope<T>(envelope: Envelope, form: DocumentForm<T>, trusted: readonly Bytes[]): Checked<Verified<T>> {
  const expected = checkOutside(envelope, form);
  if (!expected.ok) return expected;
  const message = preAuthenticationEncoding(envelope.payloadType, envelope.payload);
  const looked = envelope.signatures.slice(0, SIGNATURES_LOOKED_AT);
  const signer = trusted.find((key) => looked.some(({ sig }) => verify(key, message, sig)));
  if (signer === undefined) return refuse("not-signed-by-trusted");
  return parse(envelope, form, signer, payloadDigest(envelope));
}

/**
 * The document of an envelope whose digest a verified document names: then the bytes are vouched for without looking at
 * the signature again. This is how a chain is walked at the cost of one hash per link.
 */
export function vouchedEnvelope<T>(envelope: Envelope, form: DocumentForm<T>, vouched: string, signer: Bytes): Checked<Verified<T>> {
  const expected = checkOutside(envelope, form);
  if (!expected.ok) return expected;
  if (payloadDigest(envelope) !== vouched) return refuse("broken");
  return parse(envelope, form, signer, vouched);
}

/** Reads the payload WITHOUT believing it: only to learn which key to ask for. */
export function peekEnvelope<T>(envelope: Envelope, form: DocumentForm<T>): Checked<T> {
  const expected = checkOutside(envelope, form);
  return expected.ok ? readJson(form.shape, envelope.payload) : expected;
}

export function payloadDigest(envelope: Envelope): string {
  return digestHex(envelope.payload);
}

/** Serialises once and signs those bytes. */
export function signEnvelope(kind: DocumentKind, document: object, key: SigningKey): EnvelopeJson {
  const payload = utf8(JSON.stringify(document));
  const sig = sign(key, preAuthenticationEncoding(payloadType(kind), payload));
  return {
    payloadType: payloadType(kind),
    payload: toBase64Url(payload),
    signatures: [{ keyid: keyId(key.publicKey), sig: toBase64Url(sig) }],
  };
}

function checkOutside<T>(envelope: Envelope, form: DocumentForm<T>): Checked<null> {
  if (envelope.payloadType !== payloadType(form.kind)) return refuse("wrong-type");
  if (envelope.payload.length > PAYLOAD_BYTES_MAX) return refuse("too-large");
  return accept(null);
}

function parse<T>(envelope: Envelope, form: DocumentForm<T>, signer: Bytes, digest: string): Checked<Verified<T>> {
  const document = readJson(form.shape, envelope.payload);
  if (!document.ok) return document;
  return accept({ document: document.value, digest, signer });
}
