/**
 * @file Shared identities of rooms and household, `docs/spec/keys.md`: made, wrapped to a member, and unwrapped.
 *
 * A wrap is not signed. What makes it believable is the signed roster: for the current epoch the identity inside must
 * have the recipient that the roster names. A vault that wraps a key of its own making is refused here.
 */
import { accept, refuse, type Checked } from "./checked";
import { random, toBase64Url, utf8 } from "./bytes";
import { identityOf, openWhole, sealTo, type Identity } from "./identity";
import type { AcceptedRoster, Roster } from "./roster";
import { bytes, bytesUpTo, id, object, readJson, readShape, whole, type Shaped } from "./shape";

const WRAP_BYTES_MAX = 16 << 10;

/** A wrap as JSON carries it. */
export interface KeyWrapJson {
  readonly scope: string;
  readonly epoch: number;
  readonly member: string;
  readonly wrapped: string;
}

export interface SharedIdentity {
  readonly scope: string;
  readonly epoch: number;
  readonly identity: Identity;
}

const wrapShape = object({ scope: id, epoch: whole(0, 0xffff_ffff), member: id, wrapped: bytesUpTo(WRAP_BYTES_MAX) });
export type KeyWrap = Shaped<typeof wrapShape>;
const insideShape = object({ household: id, scope: id, epoch: whole(0, 0xffff_ffff), member: id, seed: bytes(32) });

export function makeIdentity(): Promise<Identity> {
  return identityOf(random(32));
}

/** Wraps an identity to one member of a verified roster. */
export async function wrapIdentity(
  shared: SharedIdentity,
  household: string,
  to: { readonly member: string; readonly recipient: string },
): Promise<KeyWrapJson> {
  const { scope, epoch, identity } = shared;
  const inside = { household, scope, epoch, member: to.member, seed: toBase64Url(identity.seed) };
  const wrapped = await sealTo(to.recipient, utf8(JSON.stringify(inside)));
  return { scope, epoch, member: to.member, wrapped: toBase64Url(wrapped) };
}

/** Opens a wrap found at its place, and holds it against the recipient that a signed roster names there, if one does. */
export async function openWrap(
  wrap: KeyWrap,
  own: { readonly household: string; readonly member: string; readonly identity: Identity },
  isNamed: (recipient: string) => boolean,
): Promise<Checked<SharedIdentity>> {
  const { scope, epoch, member, wrapped } = wrap;
  if (member !== own.member) return refuse("wrong-scope");
  const opened = await openWhole(own.identity, wrapped);
  if (!opened.ok) return opened;
  const inside = readJson(insideShape, opened.value);
  if (!inside.ok) return inside;
  const { household, seed, ...place } = inside.value;
  const isInPlace = household === own.household && place.scope === scope && place.epoch === epoch && place.member === member;
  if (!isInPlace) return refuse("wrong-scope");
  const identity = await identityOf(seed);
  return isNamed(identity.recipient) ? accept({ scope, epoch, identity }) : refuse("wrong-recipient");
}

/** Opens a wrap that the vault handed to `member`. `chain` holds every roster version, the last one the current. */
export async function unwrapIdentity(
  value: unknown,
  own: { readonly member: string; readonly identity: Identity },
  chain: readonly AcceptedRoster[],
): Promise<Checked<SharedIdentity>> {
  const wrap = readShape(wrapShape, value);
  if (!wrap.ok) return wrap;
  const household = chain.at(-1)?.roster.household;
  // Every epoch was current in some version of the roster, so every identity can be held against a signed name.
  const named = chain.flatMap(({ roster }) => recipientOf(roster, wrap.value.scope, wrap.value.epoch) ?? []);
  if (household === undefined || named.length === 0) return refuse("wrong-scope");
  return openWrap(wrap.value, { ...own, household }, (recipient) => named.includes(recipient));
}

/** The recipient that a roster names for a scope in an epoch; null when it names another epoch or no such scope. */
export function recipientOf(roster: Roster, scope: string, epoch: number): string | null {
  if (scope === roster.household) return roster.epoch === epoch ? roster.recipient : null;
  const room = roster.rooms.find((one) => one.room === scope);
  return room?.epoch === epoch ? room.recipient : null;
}
