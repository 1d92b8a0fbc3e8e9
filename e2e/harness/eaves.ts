/** @file Starts the program under test in a folder of its own, on a port of its own. */

import { join } from "node:path";
import { appFolder, eavesProgram, freshFolder } from "./paths.ts";
import { start, type Running } from "./process.ts";

export interface Home {
  readonly process: Running;
  readonly dataDir: string;
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  readonly port: number;
  /** The claim code as printed; only before the claim. */
  claimCode(): Promise<string>;
}

export interface HomeOptions {
  readonly dataDir?: string;
  readonly program?: string;
  readonly env?: Record<string, string>;
  readonly port?: number;
  readonly args?: readonly string[];
}

/** `eaves serve`: hub and vault in one process. */
export async function startHome(options: HomeOptions = {}): Promise<Home> {
  const dataDir = options.dataDir ?? freshFolder("data");
  const child = start(
    options.program ?? eavesProgram,
    ["serve", "--data-dir", dataDir, "--app-dir", appFolder, "--listen", `127.0.0.1:${String(options.port ?? 0)}`, ...(options.args ?? [])],
    { env: { EAVES_LOG: "info", ...options.env } },
  );
  const ready = await child.waitFor(/(http:\/\/127\.0\.0\.1:(\d+))/, 60_000);
  const [, origin = "", port = ""] = ready;
  return {
    process: child,
    dataDir,
    origin,
    port: Number(port),
    claimCode: async () => {
      const match = await child.waitFor(/\b((?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4})\b/);
      return match[1] ?? "";
    },
  };
}

/** `eaves vault`: the other role of a data folder that `eaves serve` made. */
export async function startVault(dataDir: string, port = 0): Promise<{ readonly process: Running; readonly port: number }> {
  const child = start(eavesProgram, ["vault", "--data-dir", dataDir, "--app-dir", appFolder, "--listen", `127.0.0.1:${String(port)}`], {
    env: { EAVES_LOG: "info" },
  });
  const [, listening = ""] = await child.waitFor(/http:\/\/127\.0\.0\.1:(\d+)/, 60_000);
  return { process: child, port: Number(listening) };
}

/** `eaves hub`, whose vault is behind `vaultPort`. */
export async function startHub(dataDir: string, vaultPort: number, args: readonly string[] = []): Promise<Running> {
  const child = start(
    eavesProgram,
    ["hub", "--data-dir", dataDir, "--vault-url", `http://127.0.0.1:${String(vaultPort)}`, "--pairing-secret-file", join(dataDir, "pairing-secret"), ...args],
    { env: { EAVES_LOG: "info" } },
  );
  await child.waitFor(/The hub is running/, 60_000);
  return child;
}
