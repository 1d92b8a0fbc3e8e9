/**
 * @file The app's half of OPAQUE (RFC 9807): a password becomes a session and an export key, and never leaves the app.
 *
 * The parameters of the key stretching are constants here. The vault only says which preset an account uses, and one
 * that is not known is refused: a vault that could choose weak parameters could try passwords cheaply.
 * The library is large, so it is loaded when somebody signs in; stretching takes a third of a second, so callers run
 * this in a worker (`opaqueWorker.ts`).
 */
import { accept, refuse, type Checked } from "./checked";

/** The preset that new accounts use: Argon2id, t = 3, m = 65 536 KiB, p = 4. */
export const KSF_PRESET = 1;

const PRESETS = new Map([[KSF_PRESET, { "argon2id-custom": { iterations: 3, memory: 65_536, parallelism: 4 } }]]);

export interface StartedRegistration {
  readonly state: string;
  readonly registrationRequest: string;
}

export interface FinishedRegistration {
  readonly registrationRecord: string;
  readonly exportKey: string;
}

export interface StartedLogin {
  readonly state: string;
  readonly ke1: string;
}

export interface FinishedLogin {
  readonly ke3: string;
  readonly exportKey: string;
}

async function library() {
  const opaque = await import("@serenity-kit/opaque");
  await opaque.ready;
  return opaque.client;
}

export async function startRegistration(password: string): Promise<StartedRegistration> {
  const { clientRegistrationState, registrationRequest } = (await library()).startRegistration({ password });
  return { state: clientRegistrationState, registrationRequest };
}

export async function finishRegistration(password: string, state: string, registrationResponse: string): Promise<Checked<FinishedRegistration>> {
  const client = await library();
  const keyStretching = PRESETS.get(KSF_PRESET);
  if (keyStretching === undefined) return refuse("unknown-preset");
  try {
    const finished = client.finishRegistration({ password, clientRegistrationState: state, registrationResponse, keyStretching });
    return accept({ registrationRecord: finished.registrationRecord, exportKey: finished.exportKey });
  } catch {
    return refuse("malformed"); // the vault's answer is no registration response
  }
}

export async function startLogin(password: string): Promise<StartedLogin> {
  const { clientLoginState, startLoginRequest } = (await library()).startLogin({ password });
  return { state: clientLoginState, ke1: startLoginRequest };
}

/** Refused with `does-not-open` when name or password are wrong: the two look alike, by design. */
export async function finishLogin(password: string, state: string, ke2: string, ksfPreset: number): Promise<Checked<FinishedLogin>> {
  const client = await library();
  const keyStretching = PRESETS.get(ksfPreset);
  if (keyStretching === undefined) return refuse("unknown-preset");
  try {
    const finished = client.finishLogin({ password, clientLoginState: state, loginResponse: ke2, keyStretching });
    return finished === undefined ? refuse("does-not-open") : accept({ ke3: finished.finishLoginRequest, exportKey: finished.exportKey });
  } catch {
    return refuse("malformed");
  }
}
