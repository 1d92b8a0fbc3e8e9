/** @file Virtual authenticators in Chromium, by the WebAuthn domain of its protocol: passkeys without a finger. */

import { createHash, createPrivateKey, sign } from "node:crypto";
import type { CDPSession, Page } from "playwright-core";

export interface AuthenticatorOptions {
  /** "at-once": PRF at creation and use. "later": at use only. "never": none. */
  readonly prf: "at-once" | "later" | "never";
}

interface Credential {
  readonly credentialId: string;
  readonly privateKey: string;
  readonly userHandle?: string;
  readonly signCount: number;
}

export interface Forgery {
  readonly challenge: string;
  /** The page that asked, as the browser would put it under what is signed. */
  readonly origin: string;
  readonly isVerified: boolean;
}

const PRESENT = 0x01;
const VERIFIED = 0x04;
const again = (base64: string) => Buffer.from(base64, "base64").toString("base64url");

export class Authenticator {
  readonly #session: CDPSession;
  readonly #id: string;

  private constructor(session: CDPSession, id: string) {
    this.#session = session;
    this.#id = id;
  }

  /** Plugged into this page only. Nobody touches it until `touch`. */
  static async plug(page: Page, { prf }: AuthenticatorOptions): Promise<Authenticator> {
    const session = await page.context().newCDPSession(page);
    await session.send("WebAuthn.enable");
    const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        ctap2Version: "ctap2_1",
        // A security key answers PRF at creation only with an extension that this one is not given.
        transport: prf === "at-once" ? "internal" : "usb",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: false,
        hasPrf: prf === "at-once",
        hasHmacSecret: prf === "later",
      },
    });
    return new Authenticator(session, authenticatorId);
  }

  /** Somebody holds a finger on it from now on, or does not. */
  async touch(isTouched: boolean): Promise<void> {
    await this.#session.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId: this.#id, enabled: isTouched });
  }

  /** An assertion by the key that it holds, as no honest authenticator and browser would make it. */
  async forge({ challenge, origin, isVerified }: Forgery): Promise<object> {
    const { credentials } = await this.#session.send("WebAuthn.getCredentials", { authenticatorId: this.#id });
    const held = credentials[0] as Credential | undefined;
    if (held === undefined) throw new Error("it holds no passkey");
    const clientData = Buffer.from(JSON.stringify({ type: "webauthn.get", challenge, origin, crossOrigin: false }));
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(held.signCount + 100);
    const flags = Buffer.from([isVerified ? PRESENT | VERIFIED : PRESENT]);
    const data = Buffer.concat([createHash("sha256").update("localhost").digest(), flags, counter]);
    const key = createPrivateKey({ key: Buffer.from(held.privateKey, "base64"), format: "der", type: "pkcs8" });
    const signature = sign("sha256", Buffer.concat([data, createHash("sha256").update(clientData).digest()]), key);
    const response = {
      clientDataJSON: clientData.toString("base64url"),
      authenticatorData: data.toString("base64url"),
      signature: signature.toString("base64url"),
      ...(held.userHandle === undefined ? {} : { userHandle: again(held.userHandle) }),
    };
    return { id: again(held.credentialId), rawId: again(held.credentialId), type: "public-key", clientExtensionResults: {}, response };
  }

  async unplug(): Promise<void> {
    await this.#session.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: this.#id });
  }
}
