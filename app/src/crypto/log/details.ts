/**
 * @file What is written down in the log: who did what, `docs/spec/log.md`.
 *
 * Kinds that this app does not know yet are read as `unknown`: a newer vault is no liar.
 */
import { accept, type Checked } from "../checked";
import type { Bytes } from "../bytes";
import { PART_KINDS } from "../link";
import { flag, id, list, nullable, oneOf, openObject, optional, readJson, sha256Hex, tagged, text, timeUs, whole, type Shape, type Shaped } from "../shape";

const HOLDERS_MAX = 256;
const CODE_MAX = 64;

const way = oneOf("password", "passkey", "kit", "invitation", "claim");
const change = oneOf("added", "replaced", "removed");
const className = oneOf("continuous", "event");
const count = whole(0);
const holder = openObject({ holder: text(CODE_MAX), confirmedUs: nullable(timeUs), cannot: optional(text(CODE_MAX)) });
const wish = tagged("by", {
  command: openObject({ by: oneOf("command"), command: id }),
  rules: openObject({ by: oneOf("rules") }),
  operator: openObject({ by: oneOf("operator") }),
});
const span = { device: id, fromUs: timeUs, toUs: timeUs };
const erasure = { wish, recordings: count, targets: sha256Hex };

const whoShapes = {
  member: openObject({ by: oneOf("member"), member: id }),
  hub: openObject({ by: oneOf("hub"), hub: id }),
  reviewer: openObject({ by: oneOf("reviewer"), reviewer: id }),
  vault: openObject({ by: oneOf("vault") }),
  operator: openObject({ by: oneOf("operator") }),
  stranger: openObject({ by: oneOf("stranger") }),
};

const whatShapes = {
  "signed-in": openObject({ kind: oneOf("signed-in"), way, knownBrowser: flag }),
  "sign-in-refused": openObject({ kind: oneOf("sign-in-refused"), way, why: oneOf("second-step", "too-many", "kit"), attempts: count, member: optional(id) }),
  "session-ended": openObject({ kind: oneOf("session-ended"), why: oneOf("signed-out", "elsewhere", "way-changed", "put-out", "expired") }),
  "way-in-changed": openObject({ kind: oneOf("way-in-changed"), member: id, way, change }),
  "browser-changed": openObject({ kind: oneOf("browser-changed"), member: id, change }),
  "hub-changed": openObject({ kind: oneOf("hub-changed"), hub: id, change }),
  "device-changed": openObject({ kind: oneOf("device-changed"), device: id, room: id, change }),
  invited: openObject({ kind: oneOf("invited"), invite: id }),
  "member-changed": openObject({ kind: oneOf("member-changed"), member: id, change }),
  "roster-changed": openObject({ kind: oneOf("roster-changed"), version: count, roster: sha256Hex }),
  "rule-changed": openObject({ kind: oneOf("rule-changed"), room: id, class: className, days: whole(0, 65_535), version: count }),
  "consent-given": openObject({ kind: oneOf("consent-given"), consent: sha256Hex }),
  "consent-withdrawn": openObject({ kind: oneOf("consent-withdrawn"), consent: sha256Hex }),
  "live-opened": openObject({ kind: oneOf("live-opened"), device: id, room: id }),
  "live-ended": openObject({ kind: oneOf("live-ended"), device: id, room: id, seconds: count }),
  "recording-opened": openObject({ kind: oneOf("recording-opened"), ...span, part: oneOf(...PART_KINDS) }),
  "talk-used": openObject({ kind: oneOf("talk-used"), device: id, seconds: count }),
  exported: openObject({ kind: oneOf("exported"), ...span, recordings: count }),
  "archive-made": openObject({ kind: oneOf("archive-made"), entries: count, recordings: count }),
  grant: openObject({
    kind: oneOf("grant"),
    grant: id,
    step: oneOf("asked", "given", "declined", "lapsed", "used", "revoked", "expired"),
    recordings: count,
  }),
  "erasure-asked": openObject({ kind: oneOf("erasure-asked"), ...erasure }),
  "recordings-erased": openObject({ kind: oneOf("recordings-erased"), ...erasure, holders: list(holder, HOLDERS_MAX) }),
  "retention-swept": openObject({ kind: oneOf("retention-swept"), room: id, class: className, beforeUs: timeUs, recordings: count }),
  "details-erased": openObject({ kind: oneOf("details-erased"), through: count }),
  "log-begun": openObject({ kind: oneOf("log-begun"), entries: count, backupUs: timeUs }),
  "setting-changed": openObject({
    kind: oneOf("setting-changed"),
    setting: oneOf("armed", "privacy", "talk", "notices", "security", "device"),
    command: nullable(id),
  }),
};

type Known<V extends Readonly<Record<string, Shape<unknown>>>> = Shaped<V[keyof V]>;
export type Who = Known<typeof whoShapes> | { readonly by: "unknown" };
export type What = Known<typeof whatShapes> | { readonly kind: "unknown" };
export interface Details {
  readonly who: Who;
  readonly what: What;
}

/** One of these, or, under a name that is not among them, `otherwise`. */
function known<V extends Readonly<Record<string, Shape<unknown>>>, O>(tag: string, variants: V, otherwise: O): Shape<Known<V> | O> {
  const name = openObject({ [tag]: text(CODE_MAX) });
  const read = tagged(tag, variants);
  return (value) => (Object.hasOwn(variants, name(value)[tag] ?? "") ? (read(value)) : otherwise);
}

const whoShape = openObject({ who: known("by", whoShapes, { by: "unknown" } as const) });
const whatShape = known("kind", whatShapes, { kind: "unknown" } as const);
const detailsShape: Shape<Details> = (value) => ({ who: whoShape(value).who, what: whatShape(value) });

export function readDetails(source: Bytes): Checked<Details> {
  const read = readJson(detailsShape, source);
  return read.ok ? accept(read.value) : read;
}
