/** @file Says when the machine is busy with something else: a figure measured then is not worth much. */

import { cpus, loadavg } from "node:os";

/** Warns, on standard error, when more programs run than there are processors. */
export async function quiet(): Promise<void> {
  const [load = 0] = loadavg();
  if (load > cpus().length) console.error(`bench: the machine is busy (load ${load.toFixed(1)} on ${String(cpus().length)} processors)`);
}
