/**
 * @file One camera's chain as this session knows it: fetched by the hour, verified once, cached, and held against the
 * highest link that this browser has seen before.
 */
import type { Outcome, Span } from "../domain/home";
import { succeed } from "../api/problem";
import type { Vault } from "../api/vault";
import { checkAgainstMark, PAUSE_US_MAX, readEntry, type ChainAlarm, type ChainLink } from "../crypto/chain";
import type { Marks } from "../crypto/marks";
import type { Opener } from "../crypto/opener";
import { answer, linksShape } from "./answers";

const HOUR_US = 3_600_000_000;
const LINKS_PER_ANSWER = 5_000;
const PAGES_MAX = 64;

export interface ChainTools {
  readonly vault: Vault;
  readonly opener: Opener;
  readonly marks: Marks;
  /** This device's own clock: a vault that could move it could say that a recording's time is over. */
  readonly nowUs: () => number;
}

/** What is known of a stretch of time. */
export interface Stretch {
  /** In order of index. */
  readonly links: readonly ChainLink[];
  readonly alarms: readonly ChainAlarm[];
}

export class DeviceChain {
  readonly device: string;
  readonly #household: string;
  readonly #tools: ChainTools;
  readonly #hours = new Map<number, Stretch>();
  /** Where the chain ends, as far as the vault has said in this session: it may grow and never shrink. */
  #nextIndex: number | null = null;
  #markChecked: Promise<void> | null = null;
  #rolledBack: ChainAlarm | null = null;
  /** The chain does not begin where the vault says that it begins. */
  #headless: ChainAlarm | null = null;
  #first: ChainLink | null = null;
  #last: ChainLink | null = null;

  constructor(household: string, device: string, tools: ChainTools) {
    this.#household = household;
    this.device = device;
    this.#tools = tools;
  }

  /** The newest link that was verified so far. */
  get newest(): ChainLink | null {
    return this.#last;
  }

  /** Everything that overlaps `span`. */
  async read(span: Span): Promise<Outcome<Stretch>> {
    const from = Math.floor(span.fromUs / HOUR_US);
    const to = Math.floor(Math.max(span.fromUs, span.toUs - 1) / HOUR_US);
    for (const run of this.#missing(from, to)) {
      const fetched = await this.#fetchHours(run.from, run.to);
      if (!fetched.ok) return fetched;
    }
    const links = new Map<number, ChainLink>();
    const alarms = new Map<string, ChainAlarm>();
    for (let hour = from; hour <= to; hour += 1) {
      const known = this.#hours.get(hour);
      for (const link of known?.links ?? []) if (overlaps(link.link, span)) links.set(link.link.index, link);
      for (const alarm of known?.alarms ?? []) alarms.set(JSON.stringify(alarm), alarm);
    }
    if (this.#rolledBack !== null) alarms.set("rolled-back", this.#rolledBack);
    if (this.#headless !== null && span.fromUs < (this.#headless.endUs ?? Infinity)) alarms.set("headless", this.#headless);
    return succeed({ links: [...links.values()].sort((a, b) => a.link.index - b.link.index), alarms: [...alarms.values()] });
  }

  /** The first and the last link of the chain; null when it has none. */
  async ends(): Promise<Outcome<{ readonly first: ChainLink; readonly last: ChainLink } | null>> {
    if (this.#first === null || this.#nextIndex === null) {
      const start = await this.#fetch((index) => this.#tools.vault.linksByIndex(this.device, index, index + 1), 0, true);
      if (!start.ok) return start;
      this.#first = start.value.links[0] ?? null;
      const begin = this.#first?.link;
      this.#headless = begin !== undefined && begin.index > 0 ? { refusal: "broken", startUs: null, endUs: begin.startUs } : null;
    }
    const next = this.#nextIndex ?? 0;
    if (next === 0) return succeed(null);
    if (this.#last === null || this.#last.link.index < next - 1) {
      const end = await this.#fetch((index) => this.#tools.vault.linksByIndex(this.device, index, index + 1), next - 1, true);
      if (!end.ok) return end;
    }
    return succeed(this.#first === null || this.#last === null ? null : { first: this.#first, last: this.#last });
  }

  /** Takes in a link that the event stream told. Says what span changed; null when it was not believed. */
  async take(value: unknown): Promise<Span | null> {
    const read = await this.#tools.opener.readChain(this.device, [{ state: "kept", link: value }], this.#tools.nowUs());
    const [link] = read.links;
    if (link === undefined) return null;
    this.#raise(link);
    this.#grow(link.link.index + 1);
    const span = { fromUs: link.link.startUs, toUs: link.link.endUs };
    this.forget(span);
    return span;
  }

  /** The span of these recordings, as far as they are known; forgets what was cached about them. */
  forgetRecordings(recordings: ReadonlySet<string>): Span | null {
    const known = [...this.#hours.values()].flatMap(({ links }) => links.map(({ link }) => link));
    const gone = known.filter((link) => link.kind === "recording" && recordings.has(link.recording));
    if (gone.length === 0) return null;
    const span = { fromUs: Math.min(...gone.map(({ startUs }) => startUs)), toUs: Math.max(...gone.map(({ endUs }) => endUs)) };
    this.forget(span);
    return span;
  }

  /** Drops what is cached about a span, so that it is read anew. */
  forget(span: Span): void {
    for (let hour = Math.floor(span.fromUs / HOUR_US); hour <= Math.floor(span.toUs / HOUR_US); hour += 1) this.#hours.delete(hour);
  }

  forgetAll(): void {
    this.#hours.clear();
    this.#markChecked = null; // what comes next may be another history
    this.#nextIndex = null;
    this.#first = null;
    this.#last = null;
  }

  *#missing(from: number, to: number): Generator<{ readonly from: number; readonly to: number }> {
    let start: number | null = null;
    for (let hour = from; hour <= to + 1; hour += 1) {
      const isMissing = hour <= to && !this.#hours.has(hour);
      if (isMissing) start ??= hour;
      else if (start !== null) {
        yield { from: start, to: hour - 1 };
        start = null;
      }
    }
  }

  async #fetchHours(from: number, to: number): Promise<Outcome<void>> {
    const span = { fromUs: from * HOUR_US, toUs: (to + 1) * HOUR_US };
    const fetched = await this.#fetch((at) => this.#tools.vault.linksByTime(this.device, at, span.toUs, LINKS_PER_ANSWER), span.fromUs, false);
    if (!fetched.ok) return fetched;
    await this.#checkMark();
    const { links, alarms } = fetched.value;
    const holes = [...alarms, ...this.#holes(links, span)];
    for (let hour = from; hour <= to; hour += 1) {
      const part = { fromUs: hour * HOUR_US, toUs: (hour + 1) * HOUR_US };
      this.#hours.set(hour, {
        links: links.filter(({ link }) => overlaps(link, part)),
        alarms: holes.filter((alarm) => (alarm.startUs ?? alarm.endUs ?? span.fromUs) < part.toUs && (alarm.endUs ?? alarm.startUs ?? span.toUs) >= part.fromUs),
      });
    }
    return succeed(undefined);
  }

  /** Fetches page after page, then verifies the whole: one signature at its end vouches for all of it. */
  async #fetch(ask: (at: number) => Promise<Outcome<unknown>>, start: number, isOnePage: boolean): Promise<Outcome<Stretch>> {
    let entries: unknown[] = [];
    let at = start;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const before = this.#nextIndex ?? 0;
      const got = await answer(linksShape, ask(at));
      if (!got.ok) return got;
      const { nextIndex } = got.value.head;
      if (nextIndex < before) this.#rollBack();
      else if (nextIndex < (this.#nextIndex ?? 0)) {
        // A link was told while this answer was on its way, so it may lack it: asked again from the start.
        [entries, at] = [[], start];
        continue;
      }
      this.#grow(nextIndex);
      entries = entries.length === 0 ? [...got.value.links] : joinPages(entries, got.value.links);
      const next = got.value.more && !isOnePage ? endOfLast(got.value.links) : null;
      if (next === null || next <= at) break;
      at = next;
    }
    const read = await this.#tools.opener.readChain(this.device, entries, this.#tools.nowUs());
    const last = read.links.at(-1);
    if (last !== undefined) this.#raise(last);
    return succeed(read);
  }

  /**
   * What the vault left out at the ends of an answer. A chain covers time without a hole from its first link to its head,
   * so an answer that starts late or ends early is missing something, whatever it says about itself.
   */
  #holes(links: readonly ChainLink[], span: Span): readonly ChainAlarm[] {
    const first = links[0]?.link;
    const last = links.at(-1)?.link;
    if (first === undefined || last === undefined) return this.#emptyHole(span);
    const holes: ChainAlarm[] = [];
    if (first.index > 0 && first.startUs - span.fromUs > PAUSE_US_MAX) holes.push({ refusal: "broken", startUs: span.fromUs, endUs: first.startUs });
    const isHead = last.index + 1 >= (this.#nextIndex ?? 0);
    if (!isHead && span.toUs - last.endUs > PAUSE_US_MAX) holes.push({ refusal: "broken", startUs: last.endUs, endUs: span.toUs });
    return holes;
  }

  /** An empty answer about a time that the chain is known to cover. */
  #emptyHole(span: Span): readonly ChainAlarm[] {
    if (this.#first === null || this.#last === null) return [];
    const fromUs = Math.max(span.fromUs, this.#first.link.startUs);
    const toUs = Math.min(span.toUs, this.#last.link.endUs);
    return toUs - fromUs > PAUSE_US_MAX ? [{ refusal: "broken", startUs: fromUs, endUs: toUs }] : [];
  }

  /** Once per session: whether the vault still shows what this browser saw the last time. */
  #checkMark(): Promise<void> {
    return (this.#markChecked ??= this.#compareWithMark());
  }

  async #compareWithMark(): Promise<void> {
    const mark = await this.#tools.marks.chain(this.#household, this.device);
    if (mark === null) return;
    const shown = await answer(linksShape, this.#tools.vault.linksByIndex(this.device, mark.index, mark.index + 1));
    if (!shown.ok) {
      this.#markChecked = null; // not answered is not shown: asked again with the next look
      return;
    }
    const entry = readEntry(shown.value.links[0]);
    const { nextIndex } = shown.value.head;
    const checked = checkAgainstMark(mark, nextIndex, entry.ok ? entry.value.link : null);
    if (checked.ok) this.#grow(nextIndex);
    else this.#rollBack();
  }

  #rollBack(): void {
    this.#rolledBack ??= { refusal: "rolled-back", startUs: this.#last?.link.endUs ?? null, endUs: null };
  }

  #grow(nextIndex: number): void {
    this.#nextIndex = Math.max(this.#nextIndex ?? 0, nextIndex);
  }

  #raise(link: ChainLink): void {
    if (this.#last === null || this.#last.link.index < link.link.index) this.#last = link;
    // A head behind the mark must not lower it; `Marks` only goes up.
    void this.#checkMark().then(() =>
      this.#rolledBack === null
        ? this.#tools.marks.raiseChain(this.#household, this.device, { index: link.link.index, digest: link.digest })
        : undefined,
    );
  }
}

/** Pages by time meet in the links that span the seam; those are in both. */
function joinPages(before: readonly unknown[], page: readonly unknown[]): unknown[] {
  const seen = new Set(before.map((entry) => JSON.stringify(entry)));
  return [...before, ...page.filter((entry) => !seen.has(JSON.stringify(entry)))];
}

function overlaps(link: { readonly startUs: number; readonly endUs: number }, span: Span): boolean {
  return link.startUs < span.toUs && link.endUs >= span.fromUs;
}

/** Where the next page begins: only a place to ask, nothing is believed about it. */
function endOfLast(links: readonly unknown[]): number | null {
  const entry = readEntry(links.at(-1));
  if (!entry.ok) return null;
  try {
    const claimed = JSON.parse(new TextDecoder().decode(entry.value.link.payload)) as { readonly endUs?: unknown };
    return typeof claimed.endUs === "number" ? claimed.endUs : null;
  } catch {
    return null;
  }
}
