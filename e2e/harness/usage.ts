/** @file Processor time and memory of process trees, from /proc. */

import { readFileSync, readdirSync } from "node:fs";
import { execFileSync } from "node:child_process";

const TICKS_PER_SECOND = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

interface Stat {
  readonly pid: number;
  readonly parent: number;
  /** User and system time of the process and of its children that ended, in seconds. */
  readonly cpuSeconds: number;
}

function statOf(pid: number): Stat | null {
  try {
    const text = readFileSync(`/proc/${String(pid)}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ").map(Number);
    const [, parent = 0] = fields;
    const ticks = [11, 12, 13, 14].reduce((sum, i) => sum + (fields[i] ?? 0), 0);
    return { pid, parent, cpuSeconds: ticks / TICKS_PER_SECOND };
  } catch {
    return null;
  }
}

function treeOf(root: number): Stat[] {
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map((name) => statOf(Number(name)));
  const stats = all.filter((stat) => stat !== null);
  const tree = stats.filter((stat) => stat.pid === root);
  for (let i = 0; i < tree.length; i += 1) tree.push(...stats.filter((stat) => stat.parent === tree[i]?.pid));
  return tree;
}

/** Processor seconds that the trees below `roots` have used since they began. */
export function cpuSeconds(roots: readonly number[]): number {
  return roots.flatMap(treeOf).reduce((sum, stat) => sum + stat.cpuSeconds, 0);
}

/** Resident memory of the trees below `roots` now, in bytes. */
export function residentBytes(roots: readonly number[]): number {
  return roots.flatMap(treeOf).reduce((sum, stat) => {
    const match = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${String(stat.pid)}/status`, "utf8"));
    return sum + Number(match?.[1] ?? 0) * 1024;
  }, 0);
}

/** The processes that descend from `root`, without itself. */
export function descendants(root: number): number[] {
  return treeOf(root).map((stat) => stat.pid).filter((pid) => pid !== root);
}
