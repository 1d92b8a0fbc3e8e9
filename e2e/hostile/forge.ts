/**
 * @file The vault's forger: writes rosters, links, commands and keys with keys of its own, with the very code that an
 * honest app writes them with. It knows everything that the wire carries, and nothing else.
 */

import { pathToFileURL } from "node:url";
import { join } from "node:path";
import { repository } from "../harness/paths.ts";
import type { Json } from "./relay.ts";

export interface Envelope {
  readonly payloadType: string;
  readonly payload: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
}

interface SigningKey {
  readonly publicKey: Uint8Array;
}

interface Identity {
  readonly seed: Uint8Array;
  readonly recipient: string;
}

/** The app's own writing code. It is loaded by its place, since it is another package. */
interface Writing {
  signingKey(seed: Uint8Array): SigningKey;
  signEnvelope(kind: string, document: object, key: SigningKey): Envelope;
  identityOf(seed: Uint8Array): Promise<Identity>;
  sealTo(recipient: string, plaintext: Uint8Array): Promise<Uint8Array>;
  wrapIdentity(shared: { scope: string; epoch: number; identity: Identity }, household: string, to: { member: string; recipient: string }): Promise<Json>;
  digestHex(bytes: Uint8Array): string;
}

const from = async (file: string): Promise<unknown> => import(pathToFileURL(join(repository, "app/src/crypto", file)).href);
const written = await Promise.all(["signing.ts", "envelope.ts", "identity.ts", "sharedIdentity.ts", "hash.ts"].map(from));
const writing = Object.assign({}, ...written) as Writing;

const random = (bytes: number): Uint8Array => crypto.getRandomValues(new Uint8Array(bytes));
export const randomId = (): string => Buffer.from(random(16)).toString("hex");

/** The key with which the vault signs in other people's names. */
export const stranger = writing.signingKey(random(32));
export const strangerKey = Buffer.from(stranger.publicKey).toString("base64url");
/** An identity of the vault's own: it would like to see things sealed to it. */
export const ownIdentity = await writing.identityOf(random(32));

export function forge(kind: "roster" | "link" | "command" | "live-key" | "probe-answer", document: Json): Envelope {
  return writing.signEnvelope(kind, document, stranger);
}

/** Wraps the vault's own identity to a member, as if it were the one of `scope`. */
export function wrapOwn(scope: string, epoch: number, household: string, to: { member: string; recipient: string }): Promise<Json> {
  return writing.wrapIdentity({ scope, epoch, identity: ownIdentity }, household, to);
}

export async function sealedTo(recipient: string, document: unknown): Promise<string> {
  return Buffer.from(await writing.sealTo(recipient, Buffer.from(JSON.stringify(document)))).toString("base64url");
}

/** What a signed document says; anybody can read that. */
export function read<T = Json>(envelope: unknown): T {
  return JSON.parse(Buffer.from((envelope as Envelope).payload, "base64url").toString()) as T;
}

export function digest(envelope: Envelope): string {
  return writing.digestHex(Buffer.from(envelope.payload, "base64url"));
}

/** The same signatures over another payload. */
export function altered(envelope: Envelope, change: (document: Json) => Json): Envelope {
  return { ...envelope, payload: Buffer.from(JSON.stringify(change(read(envelope)))).toString("base64url") };
}
