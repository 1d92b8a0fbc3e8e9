/** @file The home state, `docs/spec/home-state.md`: what a hub keeps to besides the roster, and who watches, as it signed it. */
import { accept, refuse, type Checked } from "./checked";
import { verifyEnvelope, type DocumentForm, type Envelope } from "./envelope";
import type { Roster } from "./roster";
import { days, flag, id, list, nullable, object, oneOf, sha256Hex, tagged, timeUs, whole, type Shaped } from "./shape";

const ENTRIES_MAX = 512;
const WATCHING_MAX = 4_096;

export const scopeShape = tagged("of", {
  household: object({ of: oneOf("household") }),
  room: object({ of: oneOf("room"), room: id }),
  device: object({ of: oneOf("device"), device: id }),
});
export type Scope = Shaped<typeof scopeShape>;

export const looseningShape = tagged("loosening", {
  privacy: object({ loosening: oneOf("privacy"), command: id, scope: scopeShape }),
  rules: object({ loosening: oneOf("rules"), room: id, roster: sha256Hex }),
});
export type Loosening = Shaped<typeof looseningShape>;

const homeStateShape = object({
  household: id,
  hub: id,
  version: whole(1),
  issuedUs: timeUs,
  roster: whole(1),
  armed: object({ on: flag, sinceUs: timeUs, by: nullable(id) }),
  privacy: list(object({ scope: scopeShape, by: id, sinceUs: timeUs }), ENTRIES_MAX),
  waiting: list(object({ what: looseningShape, by: nullable(id), announcedUs: timeUs, effectiveUs: timeUs }), ENTRIES_MAX),
  held: list(
    object({ room: id, lifetimes: object({ continuousDays: days, eventDays: days }), records: oneOf("always", "when-armed") }),
    ENTRIES_MAX,
  ),
  watching: list(object({ member: id, device: id, sinceUs: timeUs }), WATCHING_MAX),
});
export type HomeState = Shaped<typeof homeStateShape>;

const homeStateForm: DocumentForm<HomeState> = { kind: "home-state", shape: homeStateShape };

/** Accepts what a hub of the roster in force signed about itself. `seen` is the highest version that was seen of each hub. */
export function acceptHomeState(envelope: Envelope, roster: Roster, seen: ReadonlyMap<string, number>): Checked<HomeState> {
  const verified = verifyEnvelope(envelope, homeStateForm, roster.hubs.map(({ signingKey }) => signingKey));
  if (!verified.ok) return verified;
  const { document, signer } = verified.value;
  const hub = roster.hubs.find((one) => one.hub === document.hub);
  if (hub === undefined || !isSame(hub.signingKey, signer)) return refuse("wrong-hub");
  if (document.household !== roster.household) return refuse("wrong-household");
  if (document.version < (seen.get(document.hub) ?? 0)) return refuse("rolled-back");
  return accept(document);
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
