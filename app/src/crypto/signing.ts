/**
 * @file Ed25519 (RFC 8032), as strict as `verify_strict` of the writing side.
 *
 * Two implementations that disagree about one signature would let a chain be accepted by one and refused by the other.
 * So beside the library's own strictness (canonical numbers and points, no weak key) we refuse every point with a part
 * of small order: over the prime-order subgroup the two ways to write the equation agree.
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { toHex, type Bytes } from "./bytes";
import { digest } from "./hash";

/** A seed that signs, with its public half. */
export interface SigningKey {
  readonly seed: Bytes;
  readonly publicKey: Bytes;
}

export function signingKey(seed: Bytes): SigningKey {
  return { seed, publicKey: ed25519.getPublicKey(seed) };
}

export function sign(key: SigningKey, message: Uint8Array): Bytes {
  return ed25519.sign(message, key.seed);
}

export function verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    return (
      isWholeOrder(publicKey) &&
      isWholeOrder(signature.subarray(0, 32)) &&
      ed25519.verify(signature, message, publicKey, { zip215: false })
    );
  } catch {
    return false; // the library throws for what cannot be a point
  }
}

/** The hint that an envelope carries about its signer. Never believed. */
export function keyId(publicKey: Uint8Array): string {
  return toHex(digest(publicKey).subarray(0, 8));
}

function isWholeOrder(encoded: Uint8Array): boolean {
  const point = ed25519.Point.fromBytes(encoded, false);
  return !point.isSmallOrder() && point.isTorsionFree();
}
