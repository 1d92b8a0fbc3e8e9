/** @file Where the repository, the program under test and the results are. */

import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export const repository = resolve(import.meta.dirname, "../..");

/** The program under test; `make` builds it before the journeys start. */
export const eavesProgram = process.env["EAVES_PROGRAM"] ?? join(repository, "target/debug/eaves");
/** The same, leaking on purpose; `scripts/e2e` builds it. */
export const leakyProgram = process.env["EAVES_LEAKY_PROGRAM"] ?? join(repository, "target/debug/eaves-leaky");
/** The built app. */
export const appFolder = join(repository, "app/dist");
export const openProgram = process.env["EAVES_OPEN_PROGRAM"] ?? join(repository, "target/debug/eaves-open");
export const chromium = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** What a failed journey leaves behind for a person to look at; never committed. */
export const results = join(repository, "e2e/results");
mkdirSync(results, { recursive: true });

/** An empty folder that this run alone uses. */
export function freshFolder(name: string): string {
  return mkdtempSync(join(tmpdir(), `eaves-${name}-`));
}
