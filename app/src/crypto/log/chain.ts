/**
 * @file A household's own entries, `docs/spec/log.md`: whether they are all there, in their order, as they were written.
 *
 * Nothing that is shown is believed, and reading does not stop at the first fault: each is said of its entry.
 */
import { bytes as bytesShape, bytesUpTo, list, object, readShape, sha256Hex, whole, type Shaped } from "../shape";
import { equal, fromHex, toHex, type Bytes } from "../bytes";
import type { Checked } from "../checked";
import type { Details } from "./details";
import { detailsOf, entryOf, isEntry, lineOf, openingShape, type Line } from "./entry";
import { leafHash, verifyInclusion, type Tree } from "./tree";

/** How far two honest clocks may be apart: ten minutes. */
export const CLOCK_US_MAX = 600_000_000;
const SHOWN_MAX = 10_000;

export const shownShape = object({ index: whole(0), entry: bytesUpTo(65_535), opening: openingShape, proof: list(sha256Hex, 64) });
export type Shown = Shaped<typeof shownShape>;

export type Fault =
  | "malformed"
  | "wrong-household"
  | "altered"
  | "not-included"
  | "missing"
  | "out-of-order"
  | "repeated"
  | "broken"
  | "backdated"
  | "from-future"
  | "erased-too-early"
  | "held-back"
  | "dropped";

export interface Finding {
  /** The household's number of the entry, if it is known. */
  readonly sequence: number | null;
  /** How many in a row; more than one only for what is missing. */
  readonly count: number;
  readonly fault: Fault;
}

/** Where a chain stands. */
export interface Head {
  readonly nextSequence: number;
  readonly last: string | null;
  readonly atUs: number;
}

export const EMPTY_HEAD: Head = { nextSequence: 0, last: null, atUs: 0 };

export interface ReadEntry {
  readonly index: number;
  readonly leaf: string;
  readonly line: Line;
  /** Null when they are forgotten. */
  readonly details: Details | null;
}

export interface Reading {
  readonly entries: readonly ReadEntry[];
  readonly findings: readonly Finding[];
}

export interface Known {
  readonly household: string;
  /** From where on; null for a stretch from the middle. */
  readonly from: Head | null;
  readonly nowUs: number;
  readonly detailsKeptUs: number;
}

export function readShown(value: unknown): Checked<readonly Shown[]> {
  return readShape(list(shownShape, SHOWN_MAX), value);
}

export const hash32 = bytesShape(32);

/** What a vault shows, under a checkpoint that is believed. */
export function readEntries(known: Known, tree: Tree, shown: readonly Shown[]): Reading {
  const findings: Finding[] = [];
  const bySequence = new Map<number, ReadEntry>();
  let highest = -1;
  for (const one of shown) {
    const read = readOne(known, tree, one);
    if ("fault" in read) {
      findings.push(read);
      continue;
    }
    const { sequence } = read.line;
    if (bySequence.has(sequence)) {
      findings.push({ sequence, count: 1, fault: "repeated" });
      continue;
    }
    if (sequence < highest) findings.push({ sequence, count: 1, fault: "out-of-order" });
    highest = Math.max(highest, sequence);
    bySequence.set(sequence, read);
  }
  const entries = [...bySequence.values()].sort((a, b) => a.line.sequence - b.line.sequence);
  findings.push(...checkJoins(known, entries));
  return { entries, findings };
}

function readOne(known: Known, tree: Tree, shown: Shown): ReadEntry | Finding {
  const fault = (sequence: number | null, fault: Fault): Finding => ({ sequence, count: 1, fault });
  if (!isEntry(shown.entry)) return fault(null, "malformed");
  const line = lineOf(shown.opening);
  if (!equal(entryOf(shown.opening), shown.entry)) return fault(line.ok ? line.value.sequence : null, "altered");
  if (!line.ok) return fault(null, "malformed");
  const { sequence, household } = line.value;
  if (household !== known.household) return fault(null, "wrong-household");
  const leaf = leafHash(shown.entry);
  if (!verifyInclusion(hashes(shown.proof), leaf, shown.index, tree).ok) return fault(sequence, "not-included");
  const details = detailsOf(shown.opening, line.value);
  if (!details.ok) return fault(sequence, details.refusal === "altered" ? "altered" : "malformed");
  return { index: shown.index, leaf: toHex(leaf), line: line.value, details: details.value };
}

/** Hashes as a proof in JSON writes them; the form is checked already. */
export function hashes(texts: readonly string[]): readonly Bytes[] {
  return texts.map((text) => fromHex(text) ?? new Uint8Array(0));
}

/** How the entries hang together. */
function checkJoins(known: Known, entries: readonly ReadEntry[]): readonly Finding[] {
  const findings: Finding[] = [];
  let head = known.from;
  let indexBefore = -1;
  for (const read of entries) {
    const { sequence, previous, atUs } = read.line;
    const find = (fault: Fault): void => void findings.push({ sequence, count: 1, fault });
    if (read.index <= indexBefore) find("out-of-order");
    if (head === null) {
      if ((sequence === 0) !== (previous === null)) find("broken");
    } else if (sequence < head.nextSequence) {
      find("repeated");
    } else if (sequence === head.nextSequence) {
      if (previous !== head.last) find("broken");
      if (atUs < head.atUs) find("backdated");
    } else {
      findings.push({ sequence: head.nextSequence, count: sequence - head.nextSequence, fault: "missing" });
    }
    if (atUs - known.nowUs > CLOCK_US_MAX) find("from-future");
    if (read.details === null && known.nowUs - atUs < known.detailsKeptUs) find("erased-too-early");
    indexBefore = read.index;
    head = headAfter(read);
  }
  return findings;
}

export function headAfter({ leaf, line }: ReadEntry): Head {
  return { nextSequence: line.sequence + 1, last: leaf, atUs: line.atUs };
}

/** The head after the last entry before the first fault. A fault whose number is unknown may be anywhere. */
export function soundHead({ entries, findings }: Reading, from: Head | null): Head | null {
  const firstFault = Math.min(...findings.map(({ sequence }) => sequence ?? 0));
  const last = entries.filter(({ line }) => line.sequence < firstFault).at(-1);
  return last === undefined ? from : headAfter(last);
}
