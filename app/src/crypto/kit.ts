/** @file The recovery kit, `docs/spec/keys.md`: twenty random bytes that a person keeps on paper. */
import { accept, refuse, type Checked } from "./checked";
import { concat, equal, random, utf8, type Bytes } from "./bytes";
import { fromCrockford, inGroups, toCrockford } from "./crockford";
import { derive, digest } from "./hash";
import { sign, signingKey, type SigningKey } from "./signing";

const SECRET_BYTES = 20;
const DIGITS = 36;
const BITS = DIGITS * 5;

export function makeKit(): Bytes {
  return random(SECRET_BYTES);
}

/** The nine groups of four that are printed. */
export function kitGroups(secret: Uint8Array): readonly string[] {
  return inGroups(toCrockford(withCheck(secret), BITS));
}

/** Reads a typed kit. A slip of the pen fails the check digits. */
export function readKit(typed: string): Checked<Bytes> {
  const bits = fromCrockford(typed, DIGITS);
  if (bits === null) return refuse("malformed");
  const secret = bits.slice(0, SECRET_BYTES);
  return equal(bits, withCheck(secret)) ? accept(secret) : refuse("mistyped");
}

/** The key whose public half the vault knows. */
export function kitSigningKey(secret: Uint8Array): SigningKey {
  return signingKey(derive(secret, "eaves/kit/signing/v1"));
}

/** Proves possession of the kit to the vault. */
export function signKitChallenge(secret: Uint8Array, challenge: Uint8Array): Bytes {
  return sign(kitSigningKey(secret), concat(utf8("eaves/kit-login/v1"), new Uint8Array(1), challenge));
}

/** The secret and the first 20 bits of its check, in 23 bytes. */
function withCheck(secret: Uint8Array): Bytes {
  const check = digest(concat(utf8("eaves/kit/v1"), secret));
  return concat(secret, check.subarray(0, 2), Uint8Array.of((check[2] ?? 0) & 0xf0));
}
