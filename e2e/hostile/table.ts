/**
 * @file The table of attacks: what the lying vault does, what refuses it, how the person is told, and how it went. It
 * is printed at the end of the journey, and `docs/design/hostile-vault.md` must say the same.
 */

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { it as nodeIt } from "node:test";
import { repository } from "../harness/paths.ts";

export interface Row {
  /** Row of the list of mistakes that others made. */
  readonly row: string;
  readonly at: "app" | "hub" | "format";
  readonly refusedBy: string;
  /** What the person reads, or where. */
  readonly told: string;
}

interface Attack extends Row {
  readonly attack: string;
  result: "refused" | "ACCEPTED" | "not run" | "by test";
}

const attacks: Attack[] = [];

/** One attack, tried. Its title says what holds when it was refused. */
export const attack = {
  it(title: string, row: Row, act: () => Promise<void>): void {
    const one: Attack = { attack: title, ...row, result: "not run" };
    attacks.push(one);
    nodeIt(title, async () => {
      one.result = "ACCEPTED";
      await act();
      one.result = "refused";
    });
  },
};

/** A row that no relay can perform, or that is proved where it lives: by tests of the formats. */
export function provedBy(title: string, row: Omit<Row, "refusedBy">, ...tests: readonly string[]): void {
  attacks.push({ attack: title, ...row, refusedBy: tests.map((test) => `\`${test}\``).join(" "), result: "by test" });
}

const PAGE = join(repository, "docs/design/hostile-vault.md");
const BEGIN = "<!-- table: written by the journey, do not edit -->";
const END = "<!-- end of table -->";

function cells(one: Attack): string {
  return `| ${one.row} | ${one.at} | ${one.attack} | ${one.refusedBy} | ${one.told} |`;
}

function markdown(): string {
  const rows = [...attacks].sort((a, b) => a.row.localeCompare(b.row, "en", { numeric: true }));
  return [BEGIN, "", "| row | at | what holds | refused by | how the person is told |", "|---|---|---|---|---|", ...rows.map(cells), "", END].join("\n");
}

/** The page says what the journey does. `EAVES_WRITE_DOCS=1` writes it anew. */
export function checkPage(): void {
  const page = readFileSync(PAGE, "utf8");
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END) + END.length;
  assert.ok(from >= 0 && to > from, "docs/design/hostile-vault.md has a place for the table");
  const wanted = page.slice(0, from) + markdown() + page.slice(to);
  if (process.env["EAVES_WRITE_DOCS"] === "1") writeFileSync(PAGE, wanted);
  else assert.equal(page, wanted, "docs/design/hostile-vault.md is stale; EAVES_WRITE_DOCS=1 writes it anew");
}

/** For whoever reads the output. */
export function print(): void {
  const plain = (text: string): string => text.replaceAll("`", "");
  const lines = attacks.map((one) => `${one.row.padEnd(5)}${one.at.padEnd(7)}${one.result.padEnd(9)} ${one.attack} | ${plain(one.refusedBy)} | ${plain(one.told)}`);
  console.log(["", "row  at     result    attack: what holds | refused by | how the person is told", ...lines, ""].join("\n"));
}
