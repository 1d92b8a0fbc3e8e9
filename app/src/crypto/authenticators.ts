/** @file The browser's authenticators, or a test's. What is done with them is in `passkey.ts`, which is large and comes later. */

export interface Authenticators {
  create(options: CredentialCreationOptions): Promise<Credential | null>;
  get(options: CredentialRequestOptions): Promise<Credential | null>;
}

/** null: this browser knows no passkeys. */
export function browserAuthenticators(): Authenticators | null {
  const isThere = typeof PublicKeyCredential !== "undefined" && typeof navigator !== "undefined" && "credentials" in navigator;
  return isThere ? navigator.credentials : null;
}
