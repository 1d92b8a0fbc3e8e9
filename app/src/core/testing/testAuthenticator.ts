/** @file Tests only: an authenticator in memory, behind the browser's interface, in every way that PRF is given or not. */
import { ed25519 } from "@noble/curves/ed25519.js";
import { concat, random, toHex, utf8, type Bytes } from "../../crypto/bytes";
import { digest } from "../../crypto/hash";
import type { Authenticators } from "../../crypto/passkey";

/** When it gives a result of the PRF extension. */
export type Prf = "at-once" | "later" | "never";

interface Held {
  readonly id: Bytes;
  readonly user: Bytes;
  readonly secret: Bytes;
  readonly prfKey: Bytes;
}

const ORIGIN = "https://home.invalid";
const VERIFIED = 0x05;
const PRESENT = 0x01;

export class TestAuthenticator implements Authenticators {
  readonly prf: Prf;
  /** Whether it verifies the person: a finger, a face, a code. */
  verifies = true;
  /** The page that asks; the browser puts it under what is signed. */
  origin = ORIGIN;
  readonly held: Held[] = [];
  /** Every result that it gave out, to be searched for where it must not be. */
  readonly results: string[] = [];

  constructor(prf: Prf = "at-once") {
    this.prf = prf;
  }

  create(options: CredentialCreationOptions): Promise<Credential | null> {
    const { challenge, user, excludeCredentials, extensions } = options.publicKey!;
    const excluded = (excludeCredentials ?? []).map(({ id }) => toHex(octets(id)));
    if (this.held.some(({ id }) => excluded.includes(toHex(id)))) return Promise.reject(new DOMException("", "InvalidStateError"));
    const held = { id: random(20), user: octets(user.id), secret: ed25519.utils.randomSecretKey() as Bytes, prfKey: random(32) };
    this.held.push(held);
    const response = {
      clientDataJSON: buffer(clientData("webauthn.create", challenge, this.origin)),
      attestationObject: buffer(ed25519.getPublicKey(held.secret)),
      getTransports: () => ["internal"],
    };
    return Promise.resolve(this.#credential(held, response, { ...(this.prf === "never" ? {} : { enabled: true }), ...(this.prf === "at-once" ? this.#evaluate(held, extensions) : {}) }));
  }

  get(options: CredentialRequestOptions): Promise<Credential | null> {
    const { challenge, allowCredentials, extensions } = options.publicKey!;
    const allowed = allowCredentials?.map(({ id }) => toHex(octets(id)));
    const held = this.held.find(({ id }) => allowed === undefined || allowed.includes(toHex(id)));
    if (held === undefined) return Promise.reject(new DOMException("", "NotAllowedError"));
    const clientDataJSON = clientData("webauthn.get", challenge, this.origin);
    const authenticatorData = concat(random(32), Uint8Array.of(this.verifies ? VERIFIED : PRESENT), new Uint8Array(4));
    const signature = ed25519.sign(concat(authenticatorData, digest(clientDataJSON)), held.secret) as Bytes;
    const response = { clientDataJSON: buffer(clientDataJSON), authenticatorData: buffer(authenticatorData), signature: buffer(signature), userHandle: buffer(held.user) };
    return Promise.resolve(this.#credential(held, response, this.prf === "never" ? {} : this.#evaluate(held, extensions)));
  }

  #evaluate({ prfKey }: Held, extensions: AuthenticationExtensionsClientInputs | undefined): object {
    const salt = octets(extensions!.prf!.eval!.first);
    const first = digest(concat(prfKey, salt));
    this.results.push(toHex(first));
    return { results: { first: buffer(first) } };
  }

  #credential({ id }: Held, response: object, prf: object): Credential {
    const credential = { id: "", rawId: buffer(id), type: "public-key", authenticatorAttachment: "platform", response, getClientExtensionResults: () => ({ prf }) };
    return credential;
  }
}

function clientData(type: string, challenge: BufferSource, origin: string): Bytes {
  return utf8(JSON.stringify({ type, challenge: toHex(octets(challenge)), origin }));
}

function octets(source: BufferSource): Bytes {
  return new Uint8Array(ArrayBuffer.isView(source) ? source.buffer.slice(source.byteOffset, source.byteOffset + source.byteLength) : source);
}

function buffer(bytes: Bytes): ArrayBuffer {
  return bytes.slice().buffer;
}
