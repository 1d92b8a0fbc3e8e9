/**
 * @file Inviting somebody, `docs/spec/invite.md`: what the secret of a link proves to inviter and newcomer.
 *
 * The vault sees the token, never the other two keys, so it can neither read the letters, nor put another newcomer in
 * somebody's place, nor make a newcomer believe another household.
 */
import { accept, refuse, type Checked } from "./checked";
import { concat, equal, fromHex, random, toBase64Url, utf8, type Bytes } from "./bytes";
import { fromCrockford, inGroups, toCrockford } from "./crockford";
import { derive, digest, labelledMac } from "./hash";
import { openLetter, openOwn, sealLetter, sealOwn, type LetterJson, type Self } from "./letter";
import type { AcceptedRoster, RosterMark } from "./roster";
import { bytes, bytesUpTo, flag, id, list, object, oneOf, readShape, recipientText, sha256Hex, text, timeUs, whole, type Shaped } from "./shape";

/** How long an invitation is good for. */
export const INVITE_US_MAX = 3 * 86_400_000_000;

const SECRET_BYTES = 20;
const DIGITS = 36;
const BITS = DIGITS * 5;
const ROOMS_MAX = 256;
const NAME_MAX = 256;

const roleShape = oneOf("owner", "adult", "guest");
const pinShape = object({ version: whole(1), digest: sha256Hex });

const welcomeShape = object({
  household: id,
  invite: id,
  inviter: id,
  inviterName: text(NAME_MAX),
  householdName: text(NAME_MAX),
  expiresUs: timeUs,
  roster: pinShape,
  role: roleShape,
  rooms: list(object({ room: id, name: text(NAME_MAX) }), ROOMS_MAX),
  past: flag,
});
export type Welcome = Shaped<typeof welcomeShape>;

const newcomerShape = object({ household: id, invite: id, member: id, recipient: recipientText, signingKey: bytes(32), name: text(NAME_MAX) });
export type Newcomer = Shaped<typeof newcomerShape>;

const answerShape = object({ member: id, letter: (value: unknown) => value, mac: bytesUpTo(64) });

const keptShape = object({ secret: bytes(SECRET_BYTES), expiresUs: timeUs, role: roleShape, rooms: list(id, ROOMS_MAX), past: flag });
/** What the inviter's devices remember of an invitation. */
export type KeptInvite = Shaped<typeof keptShape>;

export interface InvitePlace {
  readonly household: string;
  readonly invite: string;
}

export interface AnswerJson {
  readonly member: string;
  readonly letter: LetterJson;
  readonly mac: string;
}

export function makeInviteSecret(): Bytes {
  return random(SECRET_BYTES);
}

/** What stands in the link. */
export function inviteText(secret: Uint8Array): string {
  return inGroups(toCrockford(withCheck(secret), BITS)).join("-");
}

export function readInviteText(typed: string): Checked<Bytes> {
  const bits = fromCrockford(typed, DIGITS);
  if (bits === null) return refuse("malformed");
  const secret = bits.slice(0, SECRET_BYTES);
  return equal(bits, withCheck(secret)) ? accept(secret) : refuse("mistyped");
}

/** What the vault is shown, and of which it knows the digest. */
export function inviteToken(secret: Uint8Array): Bytes {
  return derive(secret, "eaves/invite/vault/v1");
}

export function inviteSealKey(secret: Uint8Array): Bytes {
  return derive(secret, "eaves/invite/seal/v1");
}

export function sealWelcome(secret: Uint8Array, welcome: Welcome): LetterJson {
  return sealLetter(inviteSealKey(secret), letterPlace("welcome", welcome), welcome);
}

export function openWelcome(secret: Uint8Array, place: InvitePlace, value: unknown, nowUs: number): Checked<Welcome> {
  const opened = openLetter(inviteSealKey(secret), letterPlace("welcome", place), value, welcomeShape);
  if (!opened.ok) return opened;
  if (!isAt(place, opened.value)) return refuse("wrong-scope");
  return nowUs > opened.value.expiresUs ? refuse("out-of-time") : opened;
}

export function sealAnswer(secret: Uint8Array, newcomer: Newcomer): AnswerJson {
  const content = { ...newcomer, signingKey: toBase64Url(newcomer.signingKey) };
  const letter = sealLetter(inviteSealKey(secret), letterPlace("answer", newcomer), content);
  return { member: newcomer.member, letter, mac: toBase64Url(answerMac(secret, newcomer)) };
}

/** Judges who asks to come in. `chain` is every roster so far: somebody whom it has ever named is not a newcomer. */
export function openAnswer(
  secret: Uint8Array,
  place: InvitePlace & { readonly expiresUs: number },
  value: unknown,
  chain: readonly AcceptedRoster[],
  nowUs: number,
): Checked<Newcomer> {
  if (nowUs > place.expiresUs) return refuse("out-of-time");
  const answer = readShape(answerShape, value);
  if (!answer.ok) return answer;
  const opened = openLetter(inviteSealKey(secret), letterPlace("answer", place), answer.value.letter, newcomerShape);
  if (!opened.ok) return opened;
  const newcomer = opened.value;
  if (!isAt(place, newcomer) || newcomer.member !== answer.value.member) return refuse("wrong-scope");
  if (!equal(answerMac(secret, newcomer), answer.value.mac)) return refuse("wrong-mac");
  const known = chain.flatMap(({ roster }) => roster.members);
  const isKnown = known.some(
    (one) => one.member === newcomer.member || one.recipient === newcomer.recipient || equal(one.signingKey, newcomer.signingKey),
  );
  return isKnown ? refuse("replayed") : opened;
}

/** What the inviter keeps at the vault, for all of their devices and for nobody else. */
export function sealKeptInvite(self: Self, invite: string, kept: KeptInvite): LetterJson {
  return sealOwn(self, `invite|${invite}`, { ...kept, secret: toBase64Url(kept.secret) });
}

export function openKeptInvite(self: Self, invite: string, value: unknown): Checked<KeptInvite> {
  return openOwn(self, `invite|${invite}`, value, keptShape);
}

/** The roster that a newcomer pins: from then on a chain without it is refused, on each of their devices. */
export function sealAnchor(self: Self, { version, digest: rosterDigest }: RosterMark): LetterJson {
  return sealOwn(self, "anchor", { version, digest: rosterDigest });
}

export function openAnchor(self: Self, value: unknown): Checked<RosterMark> {
  return openOwn(self, "anchor", value, pinShape);
}

function answerMac(secret: Uint8Array, { household, invite, member, signingKey, recipient }: Newcomer): Bytes {
  const ids = [household, invite, member].map((one) => fromHex(one) ?? new Uint8Array(0));
  return labelledMac(derive(secret, "eaves/invite/mac/v1"), "eaves/invite/answer/v1", ...ids, signingKey, utf8(recipient));
}

function letterPlace(letter: "welcome" | "answer", { household, invite }: InvitePlace): string {
  return `eaves/invite/${letter}/v1|${household}|${invite}`;
}

function isAt(place: InvitePlace, { household, invite }: InvitePlace): boolean {
  return place.household === household && place.invite === invite;
}

/** The secret and the first 20 bits of its check, in 23 bytes. */
function withCheck(secret: Uint8Array): Bytes {
  const check = digest(concat(utf8("eaves/invite/v1"), secret));
  return concat(secret, check.subarray(0, 2), Uint8Array.of((check[2] ?? 0) & 0xf0));
}
