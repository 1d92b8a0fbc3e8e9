/**
 * @file A million stolen passwords against fifty-five thousand accounts, while owners sign in.
 *
 * The attack is a program of its own, crates/eaves-vault/examples/stuffing, which seeds the accounts, starts the released
 * vault as a process and speaks HTTP to it; here it is only run, and its figures passed on.
 */

import { spawn } from "node:child_process";
import { join } from "node:path";
import { eavesProgram, repository } from "../../harness/paths.ts";

const attack = process.env["EAVES_STUFFING_PROGRAM"] ?? join(repository, "target/release/examples/stuffing");

export default async function stuffing(): Promise<void> {
  const child = spawn(attack, { env: { ...process.env, EAVES_PROGRAM: eavesProgram }, stdio: ["ignore", "inherit", "inherit"] });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
  if (code !== 0) throw new Error(`the attack ended with ${String(code)}`);
}
