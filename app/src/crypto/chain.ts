/**
 * @file Walking a device's chain of links: what the app shows as recorded, and what it shows as an alarm.
 *
 * One signature is enough for a stretch: the newest link names the digest of the one before it, and so on back. So the
 * newest link's signature is verified and the rest is hashed. Where the hashes do not join, the stretch ends, that is
 * an alarm, and the next stretch begins with a signature of its own.
 */
import { accept, refuse, type Checked, type Refusal } from "./checked";
import { checkErased } from "./command";
import { payloadDigest, peekEnvelope, readEnvelope, verifyEnvelope, vouchedEnvelope, type Envelope, type Verified } from "./envelope";
import { isSensible, linkForm, type Link } from "./link";
import { keyId } from "./signing";
import type { AcceptedRoster } from "./roster";
import type { Bytes } from "./bytes";

/** A pause of a chain that is longer than this and not announced is an alarm. */
export const PAUSE_US_MAX = 2_000_000;
/** How far two spans may overlap: the drift of a clock. */
export const OVERLAP_US_MAX = 500_000;

/** One place of a chain as the vault shows it. */
export interface ShownEntry {
  readonly state: "kept" | "erased" | "expired";
  readonly link: Envelope;
  readonly command: Envelope | null;
}

/** A link that is believed, and what the vault credibly says about its recording. */
export interface ChainLink {
  readonly link: Link;
  readonly digest: string;
  readonly state: "kept" | "erased" | "expired";
}

export interface ChainAlarm {
  readonly refusal: Refusal;
  /** What the link claims, or what its neighbours leave open. Only to place the alarm. */
  readonly startUs: number | null;
  readonly endUs: number | null;
}

/** An alarm whose place is still being looked for. */
interface Placing {
  refusal: Refusal;
  startUs: number | null;
  endUs: number | null;
}

export interface ReadChain {
  /** In order of index. */
  readonly links: readonly ChainLink[];
  readonly alarms: readonly ChainAlarm[];
}

/** What a chain is judged by. */
export interface ChainContext {
  readonly device: string;
  /** Every version of the roster, verified. */
  readonly rosters: readonly AcceptedRoster[];
  readonly nowUs: number;
}

/** Reads one entry's form. */
export function readEntry(value: unknown): Checked<ShownEntry> {
  if (typeof value !== "object" || value === null) return refuse("malformed");
  const { state, link, command } = value as { state?: unknown; link?: unknown; command?: unknown };
  if (state !== "kept" && state !== "erased" && state !== "expired") return refuse("malformed");
  const envelope = readEnvelope(link);
  if (!envelope.ok) return envelope;
  if (state !== "erased") return accept({ state, link: envelope.value, command: null });
  const wish = readEnvelope(command);
  return wish.ok ? accept({ state, link: envelope.value, command: wish.value }) : wish;
}

/** Reads a stretch of a chain, given in order of index. */
export function readChain(entries: readonly ShownEntry[], context: ChainContext): ReadChain {
  const links: ChainLink[] = [];
  const alarms: ChainAlarm[] = [];
  /** Refused entries that say nothing about when they were: their neighbours do. */
  const unplaced: Placing[] = [];
  let later: Verified<Link> | null = null;
  for (const entry of entries.toReversed()) {
    const joined: Checked<Verified<Link>> | null = later === null ? null : joinBefore(entry.link, later);
    const read: Checked<Verified<Link>> = joined?.ok === true ? joined : verifyLink(entry.link, context);
    if (!read.ok) {
      const alarm = { refusal: read.refusal, ...claimedSpan(entry.link) };
      alarm.endUs ??= later?.document.startUs ?? null;
      alarms.push(alarm);
      unplaced.push(alarm);
      later = null;
      continue;
    }
    if (later !== null && read.value.document.index >= later.document.index) {
      alarms.push({ refusal: "wrong-index", ...claimedSpan(entry.link) });
      continue;
    }
    // The link is the hub's own, but not the one that the next link names: something between them is missing.
    if (joined?.ok === false) alarms.push(between(read.value.document, later?.document ?? null, joined.refusal));
    for (const alarm of unplaced.splice(0)) {
      alarm.startUs ??= read.value.document.endUs;
      alarm.endUs ??= read.value.document.endUs;
    }
    later = read.value;
    const placed = checkPlace(read.value.document, context);
    const state = placed.ok ? checkState(entry, read.value, context) : placed;
    if (state.ok) links.push({ link: read.value.document, digest: read.value.digest, state: entry.state });
    else alarms.push({ refusal: state.refusal, ...claimedSpan(entry.link) });
  }
  links.reverse();
  return { links, alarms: [...alarms.reverse(), ...unannounced(links)] };
}

/** The link before `later`, vouched for by the digest that `later` names. */
function joinBefore(envelope: Envelope, later: Verified<Link>): Checked<Verified<Link>> {
  const { previous, index } = later.document;
  if (previous === null) return refuse("wrong-index");
  const vouched = vouchedEnvelope(envelope, linkForm, previous, later.signer);
  if (!vouched.ok) return vouched;
  return vouched.value.document.index === index - 1 ? vouched : refuse("wrong-index");
}

/** Verifies the signature of one link by the hub that the roster of its time names. */
export function verifyLink(envelope: Envelope, context: ChainContext): Checked<Verified<Link>> {
  const claimed = peekEnvelope(envelope, linkForm);
  if (!claimed.ok) return claimed;
  const key = hubKeyOf(claimed.value, context.rosters);
  if (key === null) return refuse("wrong-hub");
  const verified = verifyEnvelope(envelope, linkForm, [key]);
  // Changed bytes still carry the hint of our hub's key, a stranger's link carries another one. Only for the telling.
  const isHinted = envelope.signatures.some(({ keyid }) => keyid === keyId(key));
  return !verified.ok && verified.refusal === "not-signed-by-trusted" && !isHinted ? refuse("wrong-hub") : verified;
}

function hubKeyOf(link: Link, rosters: readonly AcceptedRoster[]): Bytes | null {
  const roster = rosters.find((one) => one.roster.version === link.roster)?.roster;
  return roster?.hubs.find(({ hub }) => hub === link.hub)?.signingKey ?? null;
}

/** Whether the link belongs where it was found: this household, this device, and the room where the device stood. */
export function checkPlace(link: Link, { device, rosters }: ChainContext): Checked<null> {
  if (!isSensible(link)) return refuse("inconsistent");
  if (link.device !== device) return refuse("wrong-device");
  // A day is a thousand links that name the same place: the rosters are asked once for each.
  const known = standings.get(rosters) ?? new Map<string, Checked<null>>();
  standings.set(rosters, known);
  const place = `${link.roster} ${link.hub} ${link.household} ${link.device} ${link.room} ${link.epoch}`;
  const standing = known.get(place) ?? checkStanding(link, rosters);
  known.set(place, standing);
  return standing;
}

/** What was found for places, by the very rosters that were asked. */
const standings = new WeakMap<readonly AcceptedRoster[], Map<string, Checked<null>>>();

function checkStanding(link: Link, rosters: readonly AcceptedRoster[]): Checked<null> {
  const roster = rosters.find((one) => one.roster.version === link.roster)?.roster;
  if (roster === undefined || hubKeyOf(link, rosters) === null) return refuse("wrong-hub");
  if (roster.household !== link.household) return refuse("wrong-household");
  // What was removed from the roster may still end its chain: then the last version that had it counts.
  const upToThen = rosters.filter((one) => one.roster.version <= link.roster).map((one) => one.roster);
  const known = upToThen.flatMap(({ devices }) => devices.filter((one) => one.device === link.device)).at(-1);
  if (known?.hub !== link.hub) return refuse("wrong-device");
  const room = upToThen.flatMap(({ rooms }) => rooms.filter((one) => one.room === link.room)).at(-1);
  return known.room === link.room && room?.epoch === link.epoch ? accept(null) : refuse("wrong-room");
}

/** Whether the vault may show the recording as erased or expired. */
function checkState(entry: ShownEntry, { document: link, digest }: Verified<Link>, context: ChainContext): Checked<null> {
  if (entry.state === "kept") return accept(null);
  if (link.kind === "gap") return refuse("inconsistent");
  if (entry.state === "erased") {
    const target = { device: link.device, recording: link.recording, link: digest };
    return entry.command === null ? refuse("not-erased-by-anybody") : checkErased(entry.command, context.rosters, target);
  }
  return context.nowUs >= expiryUs(link, context.rosters) ? accept(null) : refuse("not-expired-yet");
}

const DAY_US = 86_400_000_000;

/** When a recording's time is over: as signed, or earlier when a later roster shortened the lifetime. */
function expiryUs(link: Extract<Link, { kind: "recording" }>, rosters: readonly AcceptedRoster[]): number {
  const lifetimes = rosters
    .filter(({ roster }) => roster.version >= link.roster)
    .flatMap(({ roster }) => roster.rooms.filter(({ room }) => room === link.room))
    .map(({ lifetimes: rule }) => (link.class === "event" ? rule.eventDays : rule.continuousDays));
  return Math.min(link.keepUntilUs, ...lifetimes.map((days) => link.endUs + days * DAY_US));
}

/** Pauses that nobody announced, and spans that overlap: between neighbours whose join was verified. */
function unannounced(links: readonly ChainLink[]): readonly ChainAlarm[] {
  return links.flatMap((now, i) => {
    const before = links[i - 1];
    const isJoined = before?.digest === now.link.previous; // where it is not, there is an alarm already
    return before !== undefined && isJoined ? (timeAlarm(before.link, now.link) ?? []) : [];
  });
}

/** Whether the time between two neighbours is as it must be: no pause that nobody announced, no overlap beyond drift. */
export function timeAlarm(before: Link, now: Link): ChainAlarm | null {
  const pause = now.startUs - before.endUs;
  if (pause > PAUSE_US_MAX) return { refusal: "broken", startUs: before.endUs, endUs: now.startUs };
  const isAnnounced = isClockStep(before) || isClockStep(now);
  return pause < -OVERLAP_US_MAX && !isAnnounced ? { refusal: "inconsistent", startUs: now.startUs, endUs: before.endUs } : null;
}

/** A gap of length zero that says that the hub's clock was moved back: from there on time may repeat itself. */
function isClockStep(link: Link): boolean {
  return link.kind === "gap" && link.cause === "clock-stepped" && link.startUs === link.endUs;
}

function between(before: Link, after: Link | null, refusal: Refusal): ChainAlarm {
  return { refusal, startUs: before.endUs, endUs: after?.startUs ?? before.endUs };
}

function claimedSpan(envelope: Envelope): { startUs: number | null; endUs: number | null } {
  const claimed = peekEnvelope(envelope, linkForm);
  return claimed.ok ? { startUs: claimed.value.startUs, endUs: claimed.value.endUs } : { startUs: null, endUs: null };
}

/** Highest link seen on this device of a camera's chain. */
export interface ChainMark {
  readonly index: number;
  readonly digest: string;
}

/**
 * Refuses a chain that ends before what was seen, or that has another link in its place. `nextIndex` is what the vault
 * says now, which nobody signs; `seen` is the link that it shows at the remembered index, null when it shows none.
 */
export function checkAgainstMark(mark: ChainMark | null, nextIndex: number, seen: Envelope | null): Checked<null> {
  if (mark === null) return accept(null);
  if (nextIndex <= mark.index) return refuse("rolled-back");
  return seen === null || payloadDigest(seen) !== mark.digest ? refuse("rolled-back") : accept(null);
}
