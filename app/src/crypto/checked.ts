/**
 * @file How a reader answers: with what it read, or with the reason why it refuses.
 *
 * Everything that comes from the vault, a relay or a keyboard may be wrong on purpose. Refusing is an expected outcome,
 * so it is a value; an exception in this folder is a bug.
 */

/** Why something is refused. The texts for people are elsewhere; these codes are permanent. */
export type Refusal =
  // any document
  | "malformed" // not in the form its specification gives
  | "too-large"
  | "wrong-type"
  | "not-signed-by-trusted"
  | "wrong-household"
  | "inconsistent" // contradicts itself
  // rosters
  | "wrong-version" // rolled back, repeated or skipped
  | "forked" // does not follow the one before
  | "stale-keys" // leaves a key with somebody who was put out, or takes an old one back
  | "not-our-roster" // does not name this member with the keys that this member has
  // links
  | "wrong-device"
  | "wrong-room" // another room, or an epoch that the room did not have
  | "wrong-hub" // signed by, or naming, no hub of the roster it claims to obey
  | "wrong-index"
  | "broken" // does not name the link before it
  | "rolled-back" // shows less than was seen before
  | "not-erased-by-anybody" // shown as erased without a command that names it
  | "not-expired-yet"
  // sealed files
  | "foreign-stanza" // not sealed to exactly one mlkem768x25519 recipient
  | "no-key" // sealed to an identity that is not held here
  | "header-changed"
  | "body-changed"
  | "truncated"
  // shared identities, wrapped secrets, ways in
  | "wrong-scope" // found where it does not belong
  | "wrong-recipient" // an identity whose recipient is not the one that the signed roster names
  | "does-not-open"
  | "unknown-preset"
  | "mistyped" // the check digits are wrong
  | "wrong-mac" // somebody without the claim code, or the secret of an invitation, made this
  // commands
  | "not-allowed"
  | "out-of-time"
  // the log
  | "wrong-origin" // of another log
  | "bad-signature" // under the name of a trusted key
  | "cosignature-missing" // fewer witnesses than are asked for
  | "not-included" // the entry is not in the log at that place
  | "not-consistent" // the newer log does not continue the older one
  | "altered" // the opening belongs to another entry, or was changed
  // live
  | "unknown-key"
  | "old-key"
  | "replayed";

/** What was read, or why it is refused. */
export type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal };

export function accept<T>(value: T): Checked<T> {
  return { ok: true, value };
}

export function refuse(refusal: Refusal): { readonly ok: false; readonly refusal: Refusal } {
  return { ok: false, refusal };
}
