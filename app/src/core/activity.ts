/**
 * @file The household's log, verified in this browser: what is shown was proved, and what the vault did wrong is said.
 *
 * The vault keeps the log and is believed in nothing. What this browser has seen it remembers: the newest checkpoint and
 * where the chain stood. An alarm stays until the vault shows what it showed before.
 */
import type { ActivityModel, EntryFacts, EntryView, EntryWho, LogAlarm, LogAlarmKind, LogView } from "../domain/activity";
import { DAY_US } from "../domain/clock";
import type { Outcome } from "../domain/home";
import { fail, succeed } from "../api/problem";
import type { Vault } from "../api/vault";
import type { LocalStore } from "../crypto/localStore";
import { fromUtf8 } from "../crypto/bytes";
import { EMPTY_HEAD, readEntries, readShown, type ReadEntry, type Shown } from "../crypto/log/chain";
import { lineOf } from "../crypto/log/entry";
import type { Details, What } from "../crypto/log/details";
import { memoryShape, visitLog, type Visited } from "../crypto/log/monitor";
import { acceptCheckpoint, hubWitness, readVerifierKey, type Policy } from "../crypto/log/note";
import { readReceipt } from "../crypto/log/receipt";
import { flag, list, object, openObject, readShape, sha256Hex, text, timeUs, type Shape, type Shaped } from "../crypto/shape";
import { answer } from "./answers";
import type { Inside } from "./inside";
import type { Session } from "./session";

const PAGE = 500;
const PAGES_MAX = 200;
/** Details are kept at least so long for those who may read them. */
const DETAILS_KEPT_US = 90 * DAY_US;
const KEY_MAX = 512;

const anything: Shape<unknown> = (value) => value;
const pageShape = openObject({ key: text(KEY_MAX), checkpoint: text(256 * 1024), consistency: list(sha256Hex, 64), entries: anything, more: flag });
type Page = Shaped<typeof pageShape>;

const keptShape = object({ key: text(KEY_MAX), sinceUs: timeUs, memory: memoryShape });
type Kept = Shaped<typeof keptShape>;

export interface ActivityGround {
  readonly session: Session;
  readonly vault: Vault;
  readonly store: LocalStore;
  /** This browser's own clock: the vault's is the one that is watched. */
  readonly nowUs: () => number;
}

export function activityModel({ session, vault, store, nowUs }: ActivityGround): ActivityModel {
  let reader: { readonly inside: Inside; readonly log: LogReader } | null = null;
  const within = <T>(act: (log: LogReader) => Promise<Outcome<T>>): Promise<Outcome<T>> => {
    const { inside } = session;
    if (inside === null) return Promise.resolve(fail("signed-out"));
    if (reader?.inside !== inside) reader = { inside, log: new LogReader(inside, vault, store, nowUs) };
    return act(reader.log);
  };
  return {
    log: (count) => within((log) => log.view(count)),
    acceptOtherLog: () => within((log) => log.acceptOther()),
    receipt: (sequence) => within((log) => log.receipt(sequence)),
  };
}

/** One person's view of the log. */
class LogReader {
  readonly #inside: Inside;
  readonly #vault: Vault;
  readonly #store: LocalStore;
  readonly #nowUs: () => number;
  /** Entries that were proved, by sequence. */
  readonly #read = new Map<number, ReadEntry>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(inside: Inside, vault: Vault, store: LocalStore, nowUs: () => number) {
    this.#inside = inside;
    this.#vault = vault;
    this.#store = store;
    this.#nowUs = nowUs;
  }

  /** One visit after the other: two at once would each remember something else. */
  view(count: number): Promise<Outcome<LogView>> {
    const seen = this.#turn.then(() => this.#view(count));
    this.#turn = seen.catch(() => undefined);
    return seen;
  }

  async #view(count: number): Promise<Outcome<LogView>> {
    const kept = await this.#kept();
    const { size, head } = kept?.memory ?? { size: 0, head: EMPTY_HEAD };
    const first = await this.#page({ size, from: head.nextSequence });
    if (!first.ok) return first;
    const { key } = first.value.page;
    if (kept !== null && key !== kept.key) return succeed(this.#alarmed(kept, "another-log"));
    const policy = this.#policy(key);
    if (policy === null) return succeed(this.#alarmed(kept, "not-signed"));
    const rest = await this.#rest(first.value, policy);
    if (!rest.ok) return rest;
    const visit = { checkpoint: first.value.page.checkpoint, consistency: first.value.page.consistency, shown: rest.value };
    const visited = visitLog(this.#monitor(policy), kept?.memory ?? null, visit, this.#nowUs());
    if (!visited.ok) return succeed(this.#alarmed(kept, "not-signed"));
    const { memory, checkpoint, reading } = visited.value;
    const sinceUs = kept?.sinceUs ?? this.#nowUs();
    await this.#store.put("marks", this.#place(), { key, sinceUs, memory } satisfies Kept);
    for (const entry of reading.entries) this.#read.set(entry.line.sequence, entry);
    const older = visited.value.alarms.length === 0 || reading.entries.length > 0 ? await this.#older(visited.value, count) : succeed([]);
    if (!older.ok) return older;
    const alarms = [...visited.value.alarms.map(({ kind }) => kind), ...older.value];
    return succeed({
      ...this.#shown(count, memory.head.nextSequence),
      alarms: counted(alarms),
      knownSinceUs: kept?.sinceUs ?? null,
      witnesses: checkpoint.cosignatures.map(({ atUs }) => ({ atUs })),
      key,
    });
  }

  async acceptOther(): Promise<Outcome<void>> {
    const first = await this.#page({ size: 0, from: 0 });
    if (!first.ok) return first;
    this.#read.clear();
    await this.#store.put("marks", this.#place(), null);
    return succeed(undefined);
  }

  async receipt(sequence: number): Promise<Outcome<string>> {
    const kept = await this.#kept();
    const policy = kept === null ? null : this.#policy(kept.key);
    if (policy === null) return fail("not-found");
    const got = await this.#vault.logReceipt(sequence);
    if (!got.ok) return got;
    const source = fromUtf8(got.value.bytes);
    const receipt = source === null ? null : readReceipt(source, policy);
    const isIt = receipt?.ok === true && receipt.value.line.sequence === sequence && receipt.value.line.household === this.#inside.household.place.household;
    return isIt && source !== null ? succeed(source) : fail("vault-not-believed", "refused: not-included");
  }

  /** What follows the first page, all of it under the same checkpoint. */
  async #rest({ page, shown }: ShownPage, policy: Policy): Promise<Outcome<readonly Shown[]>> {
    const all = [...shown];
    const checkpoint = acceptCheckpoint(policy, page.checkpoint);
    if (!checkpoint.ok) return succeed(all);
    const at = checkpoint.value.size;
    let more = page.more;
    for (let pages = 1; more && pages < PAGES_MAX; pages += 1) {
      const from = nextAfter(all);
      if (from === null) break;
      const next = await this.#page({ size: at, from, at });
      if (!next.ok) return next;
      if (next.value.shown.length === 0) break;
      all.push(...next.value.shown);
      more = next.value.page.more;
    }
    return succeed(all);
  }

  /** Entries from before the visit, for who wants to read them: proved under the same checkpoint, and joined to the chain. */
  async #older({ checkpoint, memory }: Visited, count: number): Promise<Outcome<readonly LogAlarmKind[]>> {
    const end = memory.head.nextSequence;
    const alarms: LogAlarmKind[] = [];
    for (let pages = 0; pages < PAGES_MAX; pages += 1) {
      const start = Math.max(0, end - count);
      let firstMissing = start;
      while (firstMissing < end && this.#read.has(firstMissing)) firstMissing += 1;
      if (firstMissing >= end) break;
      const got = await this.#page({ size: checkpoint.size, from: firstMissing, at: checkpoint.size, limit: Math.min(PAGE, end - firstMissing) });
      if (!got.ok) return got;
      const known = { household: this.#inside.household.place.household, from: null, nowUs: this.#nowUs(), detailsKeptUs: this.#detailsKeptUs() };
      const reading = readEntries(known, checkpoint, got.value.shown);
      const wanted = reading.entries.filter(({ line }) => line.sequence >= firstMissing && line.sequence < end);
      if (!this.#joins(wanted, memory)) alarms.push("broken");
      if (wanted[0]?.line.sequence !== firstMissing) alarms.push("missing");
      alarms.push(...reading.findings.map(({ fault }) => fault));
      if (alarms.length > 0) break;
      for (const entry of wanted) this.#read.set(entry.line.sequence, entry);
    }
    return succeed(alarms);
  }

  /** Whether a stretch continues what was read before it, and is continued by what was read after it. */
  #joins(stretch: readonly ReadEntry[], { head }: Visited["memory"]): boolean {
    const [first, last] = [stretch[0], stretch.at(-1)];
    if (first === undefined || last === undefined) return true;
    const before = this.#read.get(first.line.sequence - 1);
    const after = this.#read.get(last.line.sequence + 1);
    const isEnd = last.line.sequence + 1 === head.nextSequence;
    return (before === undefined || first.line.previous === before.leaf) && (after === undefined || after.line.previous === last.leaf) && (!isEnd || head.last === last.leaf);
  }

  async #page(wanted: { readonly size: number; readonly from: number; readonly at?: number; readonly limit?: number }): Promise<Outcome<ShownPage>> {
    const page = await answer(pageShape, this.#vault.log({ limit: PAGE, ...wanted }));
    if (!page.ok) return page;
    const shown = readShown(page.value.entries);
    return shown.ok ? succeed({ page: page.value, shown: shown.value }) : fail("unexpected", "the vault's answer is not in its form");
  }

  #monitor(policy: Policy): { policy: Policy; household: string; detailsKeptUs: number } {
    return { policy, household: this.#inside.household.place.household, detailsKeptUs: this.#detailsKeptUs() };
  }

  /** A guest is not told what others did, so that nothing was forgotten too early. */
  #detailsKeptUs(): number {
    return this.#inside.household.me.role === "guest" ? 0 : DETAILS_KEPT_US;
  }

  /** The log under its key; hubs of the roster are its witnesses. */
  #policy(vkey: string): Policy | null {
    const log = readVerifierKey(vkey);
    if (!log.ok || log.value.kind !== "note") return null;
    const witnesses = this.#inside.household.roster.hubs.flatMap(({ hub, signingKey }) => hubWitness(hub, signingKey) ?? []);
    return { log: log.value, witnesses, quorum: 0 };
  }

  async #kept(): Promise<Kept | null> {
    const read = readShape(keptShape, await this.#store.get("marks", this.#place()));
    return read.ok ? read.value : null;
  }

  #place(): string {
    const { household, member } = this.#inside.household.place;
    return `log|${household}|${member}`;
  }

  /** Nothing was learned; what was read before is still shown. */
  #alarmed(kept: Kept | null, kind: LogAlarmKind): LogView {
    const next = kept?.memory.head.nextSequence ?? 0;
    return { ...this.#shown(PAGE, next), alarms: [{ kind, count: 1 }], knownSinceUs: kept?.sinceUs ?? null, witnesses: [], key: kept?.key ?? "" };
  }

  #shown(count: number, total: number): Pick<LogView, "entries" | "hasMore" | "total"> {
    const all = [...this.#read.values()].sort((a, b) => b.line.sequence - a.line.sequence).slice(0, count);
    return { entries: all.map((entry) => this.#entryView(entry)), hasMore: total > all.length, total: Math.max(total, all.length) };
  }

  #entryView({ line, details }: ReadEntry): EntryView {
    const { sequence, atUs } = line;
    if (details === null) return { sequence, atUs, who: { by: "unknown" }, kind: "forgotten", facts: {} };
    return { sequence, atUs, who: this.#who(details), kind: details.what.kind, facts: this.#facts(details.what) };
  }

  #who({ who }: Details): EntryWho {
    if (who.by !== "member") return { by: who.by };
    return who.member === this.#inside.household.place.member ? { by: "you" } : { by: "member", name: this.#inside.nameOf(who.member) };
  }

  #facts(what: What): EntryFacts {
    const about = "member" in what && what.member !== null ? { member: this.#inside.nameOf(what.member), isMe: what.member === this.#inside.household.place.member } : {};
    const camera = "device" in what ? { camera: this.#inside.cameraName(what.device) } : {};
    const room = "room" in what ? { room: this.#inside.roomName(what.room) } : {};
    const span = "fromUs" in what ? { fromUs: what.fromUs, toUs: what.toUs } : {};
    const base = { ...about, ...camera, ...room, ...span };
    switch (what.kind) {
      case "signed-in":
        return { ...base, way: what.way, isKnown: what.knownBrowser };
      case "sign-in-refused":
        return { ...base, way: what.way, why: what.why };
      case "session-ended":
        return { ...base, why: what.why };
      case "way-in-changed":
        return { ...base, way: what.way, change: what.change };
      case "browser-changed":
      case "hub-changed":
      case "device-changed":
      case "member-changed":
        return { ...base, change: what.change };
      case "rule-changed":
        return { ...base, days: what.days, className: what.class };
      case "live-ended":
      case "talk-used":
        return { ...base, seconds: what.seconds };
      case "recording-opened":
        return { ...base, isStill: what.part === "poster" };
      case "exported":
      case "archive-made":
      case "erasure-asked":
      case "grant":
        return { ...base, count: what.recordings };
      case "recordings-erased":
        return { ...base, count: what.recordings, holders: what.holders };
      case "retention-swept":
        return { ...base, count: what.recordings, className: what.class };
      case "log-begun":
        return { ...base, count: what.entries, fromUs: what.backupUs };
      case "setting-changed":
        return { ...base, setting: what.setting };
      default:
        return base;
    }
  }
}

interface ShownPage {
  readonly page: Page;
  readonly shown: readonly Shown[];
}

/** The sequence after the last entry of a page, as far as it can be read: what it proves is judged later. */
function nextAfter(shown: readonly Shown[]): number | null {
  const last = shown.at(-1);
  const line = last === undefined ? null : lineOf(last.opening);
  return line?.ok === true ? line.value.sequence + 1 : null;
}

/** Each kind once, with how often. */
function counted(kinds: readonly LogAlarmKind[]): readonly LogAlarm[] {
  return [...new Set(kinds)].map((kind) => ({ kind, count: kinds.filter((other) => other === kind).length }));
}
