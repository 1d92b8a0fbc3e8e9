/** @file The app's workers: one opens recordings, one opens live frames, one stretches a password and ends. */
import opaqueUrl from "../crypto/opaqueWorker?worker&url";
import openerUrl from "../crypto/openerWorker?worker&url";
import strengthUrl from "../advice/strengthWorker?worker&url";
import type { Strength } from "../advice/strength";
import { caller } from "../crypto/remote";
import { opaqueIn, type Opaque } from "../crypto/opaqueClient";
import type { Opener } from "../crypto/opener";
import { openerIn } from "../crypto/openerClient";
import { trustedScriptUrl } from "../trusted-url";

function start(url: string): Worker {
  return new Worker(trustedScriptUrl(url), { type: "module" });
}

/** A worker of its own for what must not wait: live frames do not queue behind a recording. */
export function startOpener(): Opener {
  return openerIn(start(openerUrl));
}

/** Runs `work` with OPAQUE in a worker, which is ended afterwards with everything that it knew. */
export async function withOpaque<T>(work: (opaque: Opaque) => Promise<T>): Promise<T> {
  const worker = start(opaqueUrl);
  try {
    return await work(opaqueIn(worker));
  } finally {
    worker.terminate();
  }
}

let strengthCall: ReturnType<typeof caller> | null = null;

/** Started when the first password is chosen, and kept: its dictionaries take a moment to load. */
export function tellStrength(password: string, words: readonly string[]): Promise<Strength> {
  strengthCall ??= caller(start(strengthUrl));
  return strengthCall("strength", [password, words]) as Promise<Strength>;
}
