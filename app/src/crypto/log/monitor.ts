/**
 * @file What the app remembers of the log between visits, and how it tells that its keeper lied, `docs/spec/log.md`.
 *
 * Rolled back, two histories, an entry dropped, held back or backdated, time that stands still: each is an alarm, and
 * memory does not move past one.
 */
import { accept, type Checked } from "../checked";
import { fromHex, toHex, type Bytes } from "../bytes";
import { list, nullable, object, sha256Hex, timeUs, whole, type Shaped } from "../shape";
import { CLOCK_US_MAX, EMPTY_HEAD, hashes, readEntries, soundHead, type Fault, type Finding, type ReadEntry, type Reading, type Shown } from "./chain";
import { acceptCheckpoint, type Checkpoint, type Policy } from "./note";
import { verifyConsistency } from "./tree";

const STALE_US = 86_400_000_000;
const PROMISES_MAX = 256;

const promiseShape = object({ sequence: whole(0), leaf: sha256Hex });
export type Promised = Shaped<typeof promiseShape>;

/** The form in which the app stores what it remembers. */
export const memoryShape = object({
  size: whole(0),
  root: sha256Hex,
  seenUs: timeUs,
  head: object({ nextSequence: whole(0), last: nullable(sha256Hex), atUs: timeUs }),
  promises: list(promiseShape, PROMISES_MAX),
});
export type Memory = Shaped<typeof memoryShape>;

export type Alarm =
  | { readonly kind: "rolled-back"; readonly from: number; readonly to: number }
  | { readonly kind: "two-histories" }
  | { readonly kind: "stale"; readonly sinceUs: number }
  | { readonly kind: Fault; readonly finding: Finding };

export interface Monitor {
  readonly policy: Policy;
  readonly household: string;
  /** How long details are kept at least. */
  readonly detailsKeptUs: number;
}

export interface Visit {
  readonly checkpoint: string;
  /** Proof from the remembered size, in hexadecimal. */
  readonly consistency: readonly string[];
  /** All entries of the household from the remembered head on. */
  readonly shown: readonly Shown[];
}

export interface Visited {
  readonly alarms: readonly Alarm[];
  readonly memory: Memory;
  readonly reading: Reading;
  readonly checkpoint: Checkpoint;
}

/** Judges a visit. A refusal means that nothing was learned: remember nothing. */
export function visitLog(monitor: Monitor, memory: Memory | null, visit: Visit, nowUs: number): Checked<Visited> {
  const accepted = acceptCheckpoint(monitor.policy, visit.checkpoint);
  if (!accepted.ok) return accepted;
  const checkpoint = accepted.value;
  const lie = memory === null ? null : compare(memory, checkpoint, visit);
  if (memory !== null && lie !== null) {
    return accept({ alarms: [lie], memory, reading: { entries: [], findings: [] }, checkpoint });
  }
  const from = memory?.head ?? EMPTY_HEAD;
  const known = { household: monitor.household, from, nowUs, detailsKeptUs: monitor.detailsKeptUs };
  const read = readEntries(known, checkpoint, visit.shown);
  const promises = memory?.promises ?? [];
  const findings = [...read.findings, ...times(memory, read.entries), ...notKept(promises, from.nextSequence, read.entries)];
  const reading = { entries: read.entries, findings };
  const head = soundHead(reading, from) ?? EMPTY_HEAD;
  const alarms: Alarm[] = findings.map((finding) => ({ kind: finding.fault, finding }));
  const newest = Math.max(...checkpoint.cosignatures.map(({ atUs }) => atUs));
  if (Number.isFinite(newest) && nowUs - newest > STALE_US) alarms.push({ kind: "stale", sinceUs: newest });
  const kept = promises.filter(({ sequence }) => sequence >= head.nextSequence);
  return accept({
    alarms,
    memory: { size: checkpoint.size, root: toHex(checkpoint.root), seenUs: nowUs, head, promises: kept },
    reading,
    checkpoint,
  });
}

/** Remembers that an entry must come: its receipt was verified, or a hub has seen it. */
export function promise(memory: Memory, promised: Promised): Memory {
  const isKnown = memory.promises.some(({ sequence, leaf }) => sequence === promised.sequence && leaf === promised.leaf);
  if (isKnown || promised.sequence < memory.head.nextSequence) return memory;
  return { ...memory, promises: [...memory.promises, promised].slice(-PROMISES_MAX) };
}

/** Whether the log itself went on honestly. */
function compare(memory: Memory, checkpoint: Checkpoint, visit: Visit): Alarm | null {
  if (checkpoint.size < memory.size) return { kind: "rolled-back", from: memory.size, to: checkpoint.size };
  const root: Bytes = fromHex(memory.root) ?? new Uint8Array(0);
  const isContinued = verifyConsistency(hashes(visit.consistency), { size: memory.size, root }, checkpoint).ok;
  return isContinued ? null : { kind: "two-histories" };
}

/** What the last visit says about when entries can have been written. */
function times(memory: Memory | null, entries: readonly ReadEntry[]): readonly Finding[] {
  if (memory === null) return [];
  return entries.flatMap(({ index, line }): readonly Finding[] => {
    if (line.sequence < memory.head.nextSequence) return [];
    const finding = (fault: Fault): readonly Finding[] => [{ sequence: line.sequence, count: 1, fault }];
    if (index < memory.size) return finding("held-back");
    return memory.seenUs - line.atUs > CLOCK_US_MAX ? finding("backdated") : [];
  });
}

/** Promises that this visit should have kept. */
function notKept(promises: readonly Promised[], nextSequence: number, entries: readonly ReadEntry[]): readonly Finding[] {
  const broken = promises.filter(({ sequence, leaf }) => {
    const there = entries.find(({ line }) => line.sequence === sequence);
    return sequence >= nextSequence && there?.leaf !== leaf;
  });
  return broken.map(({ sequence }) => ({ sequence, count: 1, fault: "dropped" }));
}
