/**
 * @file The roster, `docs/spec/roster.md`: who, where, with which keys, under which rules; and the chain of its versions.
 *
 * Everything the app believes about keys comes out of here. The vault only carries rosters: each version is signed by an
 * owner of the one before, and the first one by an owner whose key this app knows without the vault.
 */
import { accept, refuse, type Checked } from "./checked";
import type { Bytes } from "./bytes";
import { peekEnvelope, verifyEnvelope, type DocumentForm, type Envelope } from "./envelope";
import { areKeysRenewed } from "./rosterKeys";
import { bytes, bytesUpTo, days, id, list, nullable, object, oneOf, optional, recipientText, sha256Hex, timeUs, whole, type Shaped } from "./shape";

const SEALED_BYTES_MAX = 16 << 10;

const memberShape = object({
  member: id,
  role: oneOf("owner", "adult", "guest"),
  recipient: recipientText,
  signingKey: bytes(32),
  label: bytesUpTo(SEALED_BYTES_MAX),
});

const hubShape = object({ hub: id, signingKey: bytes(32), recipient: recipientText });

const roomShape = object({
  room: id,
  epoch: whole(0, 0xffff_ffff),
  recipient: recipientText,
  audience: list(id),
  label: bytesUpTo(SEALED_BYTES_MAX),
  lifetimes: object({ continuousDays: days, eventDays: days }),
  /** "always" when it is not there. */
  records: optional(oneOf("always", "when-armed")),
});

const deviceShape = object({
  device: id,
  kind: oneOf("camera"),
  room: id,
  hub: id,
  label: bytesUpTo(SEALED_BYTES_MAX),
  settings: bytesUpTo(SEALED_BYTES_MAX),
});

const rosterShape = object({
  household: id,
  version: whole(1),
  previous: nullable(sha256Hex),
  issuedUs: timeUs,
  epoch: whole(0, 0xffff_ffff),
  recipient: recipientText,
  label: bytesUpTo(SEALED_BYTES_MAX),
  members: list(memberShape),
  hubs: list(hubShape),
  rooms: list(roomShape),
  devices: list(deviceShape),
});

export type Roster = Shaped<typeof rosterShape>;
export type RosterMember = Shaped<typeof memberShape>;
export type RosterHub = Shaped<typeof hubShape>;
export type RosterRoom = Shaped<typeof roomShape>;
export type RosterDevice = Shaped<typeof deviceShape>;

export const rosterForm: DocumentForm<Roster> = { kind: "roster", shape: rosterShape };

/** A roster that was verified, and the digest by which the next one names it. */
export interface AcceptedRoster {
  readonly roster: Roster;
  readonly digest: string;
  /** The owner who signed it. */
  readonly by: string;
}

/**
 * Accepts a first roster. `pinned` is a key that is known without the vault: the member's own, or one that was pinned
 * earlier. It must be an owner's.
 */
export function acceptFirst(envelope: Envelope, pinned: Bytes): Checked<AcceptedRoster> {
  const claimed = peekEnvelope(envelope, rosterForm);
  if (!claimed.ok) return claimed;
  const verified = verifyEnvelope(envelope, rosterForm, [pinned]);
  if (!verified.ok) return verified;
  const { document: roster, digest, signer } = verified.value;
  const by = ownerWith(roster, signer);
  if (by === null) return refuse("not-signed-by-trusted");
  if (roster.version !== 1) return refuse("wrong-version");
  if (roster.previous !== null) return refuse("forked");
  return isConsistent(roster) ? accept({ roster, digest, by }) : refuse("inconsistent");
}

/** Accepts `envelope` as the roster after `before`. */
export function acceptNext(before: AcceptedRoster, envelope: Envelope): Checked<AcceptedRoster> {
  const verified = verifyEnvelope(envelope, rosterForm, ownerKeys(before.roster));
  if (!verified.ok) return verified;
  const { document: roster, digest, signer } = verified.value;
  const by = ownerWith(before.roster, signer);
  if (by === null) return refuse("not-signed-by-trusted");
  if (roster.household !== before.roster.household) return refuse("wrong-household");
  if (roster.version !== before.roster.version + 1) return refuse("wrong-version");
  if (roster.previous !== before.digest) return refuse("forked");
  if (!isConsistent(roster)) return refuse("inconsistent");
  return areKeysRenewed(before.roster, roster) ? accept({ roster, digest, by }) : refuse("stale-keys");
}

/** Accepts a whole chain from its first version on. The last element is what holds now. */
export function acceptChain(envelopes: readonly Envelope[], pinned: Bytes): Checked<readonly AcceptedRoster[]> {
  const [first] = envelopes;
  return first === undefined ? refuse("wrong-version") : followFrom(acceptFirst(first, pinned), envelopes.slice(1));
}

/**
 * Accepts a whole chain that contains a version which is known without the vault. Each version is named by the digest of
 * the next one, so the pinned one vouches for everything before it, and signatures do for everything after.
 */
export function acceptChainWith(envelopes: readonly Envelope[], pin: RosterMark): Checked<readonly AcceptedRoster[]> {
  const [first] = envelopes;
  if (first === undefined) return refuse("wrong-version");
  const claimed = peekEnvelope(first, rosterForm);
  if (!claimed.ok) return claimed;
  const tried = ownerKeys(claimed.value).map((key) => acceptFirst(first, key));
  const chain = followFrom(tried.find(({ ok }) => ok) ?? tried[0] ?? refuse("inconsistent"), envelopes.slice(1));
  if (!chain.ok) return chain;
  const kept = checkNotRolledBack(chain.value, pin);
  return kept.ok ? chain : kept;
}

function followFrom(start: Checked<AcceptedRoster>, later: readonly Envelope[]): Checked<readonly AcceptedRoster[]> {
  if (!start.ok) return start;
  const chain = [start.value];
  let last = start.value;
  for (const envelope of later) {
    const next = acceptNext(last, envelope);
    if (!next.ok) return next;
    last = next.value;
    chain.push(last);
  }
  return accept(chain);
}

/** Highest version seen on this device: the vault may not go back behind it, nor show another one in its place. */
export interface RosterMark {
  readonly version: number;
  readonly digest: string;
}

/** Refuses a chain that does not contain what was seen before. */
export function checkNotRolledBack(chain: readonly AcceptedRoster[], mark: RosterMark | null): Checked<null> {
  if (mark === null) return accept(null);
  const same = chain.find(({ roster }) => roster.version === mark.version);
  return same?.digest === mark.digest ? accept(null) : refuse("rolled-back");
}

export function ownerKeys(roster: Roster): readonly Bytes[] {
  return roster.members.filter(({ role }) => role === "owner").map(({ signingKey }) => signingKey);
}

function ownerWith(roster: Roster, key: Bytes): string | null {
  return roster.members.find(({ role, signingKey }) => role === "owner" && isSame(signingKey, key))?.member ?? null;
}

function isSame(a: Bytes, b: Bytes): boolean {
  return a.every((byte, i) => byte === b[i]);
}

/** Whether the document agrees with itself: no double ids, no device, member or hub that it does not name. */
export function isConsistent(roster: Roster): boolean {
  const members = new Set(roster.members.map(({ member }) => member));
  const rooms = new Set(roster.rooms.map(({ room }) => room));
  const hubs = new Set(roster.hubs.map(({ hub }) => hub));
  const devices = new Set(roster.devices.map(({ device }) => device));
  return (
    members.size === roster.members.length &&
    rooms.size === roster.rooms.length &&
    hubs.size === roster.hubs.length &&
    devices.size === roster.devices.length &&
    roster.members.some(({ role }) => role === "owner") &&
    roster.rooms.every(({ audience }) => audience.every((member) => members.has(member))) &&
    roster.devices.every(({ room, hub }) => rooms.has(room) && hubs.has(hub))
  );
}
