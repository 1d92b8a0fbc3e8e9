/**
 * @file Claiming a hub, `docs/spec/claim.md`: what the code on the hub's console proves to both sides.
 *
 * The vault sees the token, never the MAC key, so it can neither swap the hub's keys nor the owner's roster.
 */
import { accept, refuse, type Checked } from "./checked";
import { equal, fromHex, utf8, type Bytes } from "./bytes";
import { fromCrockford } from "./crockford";
import { derive, labelledMac } from "./hash";
import { bytes, bytesUpTo, id, object, readShape, recipientText, type Shaped } from "./shape";

const CODE_DIGITS = 16;

const introductionShape = object({ hub: id, signingKey: bytes(32), recipient: recipientText, mac: bytesUpTo(64) });
export type HubIntroduction = Shaped<typeof introductionShape>;

export interface ClaimCode {
  /** Shown to the vault. */
  readonly token: Bytes;
  readonly macKey: Bytes;
}

/** Reads a typed code. */
export function readClaimCode(typed: string): Checked<ClaimCode> {
  const code = fromCrockford(typed, CODE_DIGITS);
  if (code === null) return refuse("mistyped");
  return accept({ token: derive(code, "eaves/claim/vault/v1"), macKey: derive(code, "eaves/claim/mac/v1") });
}

/** Accepts a hub's introduction only with the MAC of somebody who knows the code: the hub that printed it. */
export function readIntroduction(code: ClaimCode, value: unknown): Checked<HubIntroduction> {
  const read = readShape(introductionShape, value);
  if (!read.ok) return read;
  const { hub, signingKey, recipient, mac } = read.value;
  const hubBytes = fromHex(hub);
  if (hubBytes === null) return refuse("malformed");
  const expected = labelledMac(code.macKey, "eaves/claim/hub/v1", hubBytes, signingKey, utf8(recipient));
  return equal(expected, mac) ? accept(read.value) : refuse("wrong-mac");
}

/** Proves to the hub that whoever signed the first roster knows the code. */
export function rosterMac(code: ClaimCode, rosterDigest: string): Bytes {
  return labelledMac(code.macKey, "eaves/claim/owner/v1", fromHex(rosterDigest) ?? new Uint8Array(0));
}
