/**
 * @file Runs the benches: every folder beside this file is a group, every file in it measures and reports some figures.
 *
 * `run.ts` runs all, `run.ts camera` one group, `run.ts camera/live` one file of it.
 */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { quiet } from "./quiet.ts";

const here = import.meta.dirname;
const groups = readdirSync(here, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name).sort();
const filesOf = (group: string): string[] => readdirSync(join(here, group)).filter((name) => name.endsWith(".bench.ts")).sort();

const wanted = process.argv[2] ?? "";
const [group = "", only = ""] = wanted.split("/");
const chosen = group === "" ? groups : groups.filter((name) => name === group);
const files = chosen.flatMap((name) => filesOf(name).map((file) => join(name, file))).filter((file) => only === "" || file.endsWith(`/${only}.bench.ts`));
if (files.length === 0) {
  console.error(`bench: there is no "${wanted}"; there is: ${groups.flatMap((name) => [name, ...filesOf(name).map((file) => `${name}/${file.replace(".bench.ts", "")}`)]).join(", ")}`);
  process.exit(2);
}

let failed = 0;
for (const file of files) {
  await quiet();
  try {
    const { default: measure } = (await import(join(here, file))) as { default: () => Promise<void> };
    await measure();
  } catch (error) {
    failed += 1;
    console.error(`bench: ${file} failed:`, error);
  }
}
process.exit(failed === 0 ? 0 : 1);
