/** @file Every case of `vectors/log/`, judged as the contract says: the second reader of the log. */
import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import { fromHex, toHex, type Bytes } from "../bytes";
import type { Checked, Refusal } from "../checked";
import { readEntries, readShown, type Head, type Shown } from "./chain";
import { memoryShape, promise, visitLog, type Memory } from "./monitor";
import { acceptCheckpoint, hubWitness, readCheckpointText, readNote, readVerifierKey, verifyNote, type Policy } from "./note";
import { readReceipt } from "./receipt";
import { readShape } from "../shape";
import { verifyConsistency, verifyInclusion } from "./tree";

vi.setConfig({ testTimeout: 60_000 }); // slow machines are no failure

interface Case {
  readonly name: string;
  readonly expect: "ok" | "refused";
  readonly reasons?: readonly Refusal[];
}
interface PolicyText { readonly log: string; readonly witnesses: readonly string[]; readonly quorum: number }

const folder = new URL("../../../../vectors/log/", import.meta.url);
const read = new Set<string>();
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the shape of our own file
function json<T>(name: string): T {
  read.add(name);
  return JSON.parse(readFileSync(new URL(name, folder), "utf8")) as T;
}

function must<T>(answer: Checked<T>): T {
  if (!answer.ok) throw new Error(answer.refusal);
  return answer.value;
}

/** Holds an answer against what its case expects; gives what was accepted. */
function judge<T>({ expect: expected, reasons }: Case, answer: Checked<T>): T | null {
  if (expected === "ok") return must(answer);
  expect(answer.ok).toBe(false);
  if (!answer.ok) expect(reasons).toContain(answer.refusal);
  return null;
}

const policyOf = ({ log, witnesses, quorum }: PolicyText): Policy => ({
  log: must(readVerifierKey(log)),
  witnesses: witnesses.map((witness) => must(readVerifierKey(witness))),
  quorum,
});
const hash = (text: string): Bytes => fromHex(text)!;
const shownOf = (shown: unknown): readonly Shown[] => must(readShown(shown));

describe("log/notes.json", () => {
  const vector = json<{
    note: { vkey: string; note: string };
    checkpoint: { text: string; size: number };
    cases: (Case & { policy: PolicyText; note: string; size: number; root: string; seenUs: number })[];
  }>("notes.json");
  test("the specifications' examples are read, and not with a sign changed", () => {
    const key = must(readVerifierKey(vector.note.vkey));
    expect(must(verifyNote(must(readNote(vector.note.note)), key)).text).toBe("This is an example message.\n");
    for (let at = 0; at < vector.note.note.length; at += 1) {
      const code = vector.note.note.charCodeAt(at);
      const changed = vector.note.note.slice(0, at) + String.fromCharCode(code ^ 1) + vector.note.note.slice(at + 1);
      const note = readNote(changed);
      expect(note.ok && verifyNote(note.value, key).ok).toBe(false);
    }
    expect(must(readCheckpointText(vector.checkpoint.text)).size).toBe(vector.checkpoint.size);
  });
  test.each(vector.cases)("$name", (one) => {
    const checkpoint = judge(one, acceptCheckpoint(policyOf(one.policy), one.note));
    if (checkpoint === null) return;
    const { size, root, cosignatures } = checkpoint;
    expect([size, toHex(root), cosignatures.map(({ atUs }) => atUs)]).toEqual([one.size, one.root, [one.seenUs]]);
  });
  test("a hub's witness key is the one that the roster names, under the hub's id", () => {
    const [witness] = policyOf(vector.cases[0]!.policy).witnesses;
    expect(hubWitness(witness!.name.slice(-32), witness!.key)).toEqual(witness);
  });
});

describe("log/proofs.json", () => {
  const vector = json<{
    inclusion: (Case & { leaf: string; index: number; size: number; root: string; proof: string[] })[];
    consistency: (Case & { old: number; oldRoot: string; new: number; newRoot: string; proof: string[] })[];
  }>("proofs.json");
  test.each(vector.inclusion)("inclusion: $name", (one) => {
    judge(one, verifyInclusion(one.proof.map(hash), hash(one.leaf), one.index, { size: one.size, root: hash(one.root) }));
  });
  test.each(vector.consistency)("consistency: $name", (one) => {
    const older = { size: one.old, root: hash(one.oldRoot) };
    judge(one, verifyConsistency(one.proof.map(hash), older, { size: one.new, root: hash(one.newRoot) }));
  });
});

describe("log/receipts.json", () => {
  const { cases } = json<{
    cases: (Case & { policy: PolicyText; receipt: string; household: string; sequence: number; atUs: number; seenUs: number; details: unknown })[];
  }>("receipts.json");
  test.each(cases)("$name", (one) => {
    const receipt = judge(one, readReceipt(one.receipt, policyOf(one.policy)));
    if (receipt === null) return;
    const { line, details, checkpoint } = receipt;
    expect([line.household, line.sequence, line.atUs]).toEqual([one.household, one.sequence, one.atUs]);
    expect(checkpoint.cosignatures.map(({ atUs }) => atUs)).toEqual([one.seenUs]);
    expect(details === null ? null : { who: details.who, ...details.what }).toEqual(one.details);
  });
});

describe("log/chain.json", () => {
  const vector = json<{
    household: string;
    detailsKeptUs: number;
    size: number;
    root: string;
    cases: (Case & { from: Head | null; shown: unknown; nowUs: number; findings: [number | null, number, string][] })[];
  }>("chain.json");
  test.each(vector.cases)("$name", (one) => {
    const known = { household: vector.household, from: one.from, nowUs: one.nowUs, detailsKeptUs: vector.detailsKeptUs };
    const reading = readEntries(known, { size: vector.size, root: hash(vector.root) }, shownOf(one.shown));
    const found = reading.findings.map(({ sequence, count, fault }) => JSON.stringify([sequence, count, fault]));
    expect(found.sort()).toEqual(one.findings.map((finding) => JSON.stringify(finding)).sort());
  });
});

describe("log/visits.json", () => {
  const vector = json<{
    policy: PolicyText;
    household: string;
    detailsKeptUs: number;
    cases: (Case & {
      memory: Memory | null;
      checkpoint: string;
      consistency: string[];
      shown: unknown;
      nowUs: number;
      alarms: string[];
      remembers: Memory;
    })[];
  }>("visits.json");
  const monitor = { policy: policyOf(vector.policy), household: vector.household, detailsKeptUs: vector.detailsKeptUs };
  test.each(vector.cases)("$name", (one) => {
    const memory = one.memory === null ? null : must(readShape(memoryShape, one.memory));
    const visited = must(visitLog(monitor, memory, { ...one, shown: shownOf(one.shown) }, one.nowUs));
    expect(visited.alarms.map(({ kind }) => kind).sort()).toEqual([...one.alarms].sort());
    expect(visited.memory).toEqual(one.remembers);
  });
  test("a checkpoint without its witness teaches nothing", () => {
    const [first] = vector.cases;
    const alone = `${first!.checkpoint.trimEnd().split("\n").slice(0, -1).join("\n")}\n`;
    const visit = { checkpoint: alone, consistency: [], shown: [] };
    expect(visitLog(monitor, null, visit, first!.nowUs)).toEqual({ ok: false, refusal: "cosignature-missing" });
  });
  test("promises are bounded, and those of the past are not taken", () => {
    const leaf = "07".repeat(32);
    let memory = vector.cases[0]!.remembers;
    expect(promise(memory, { sequence: memory.head.nextSequence - 1, leaf })).toBe(memory);
    for (let n = 0; n < 600; n += 1) memory = promise(promise(memory, { sequence: 10 + (n % 300), leaf }), { sequence: 10 + (n % 300), leaf });
    expect(memory.promises).toHaveLength(256);
  });
});

test("every file of vectors/log/ has been read", () => {
  expect(new Set(readdirSync(folder))).toEqual(read);
});
