/** @file Starts the program under test in a folder of its own, on a port of its own: whole, or its two roles apart. */

import { join } from "node:path";
import { appFolder, eavesProgram, freshFolder } from "./paths.ts";
import { start, type Running } from "./process.ts";

export interface Home {
  readonly process: Running;
  readonly dataDir: string;
  /** `http://localhost:<port>` */
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
  const ready = await child.waitFor(/(http:\/\/localhost:(\d+))/, 60_000);
  const [, origin = "", port = ""] = ready;
  return {
    process: child,
    dataDir,
    origin,
    port: Number(port),
    claimCode: () => claimCode(child),
  };
}

async function claimCode(child: Running): Promise<string> {
  const match = await child.waitFor(/\b((?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4})\b/);
  return match[1] ?? "";
}

/** One of the two roles, in a process of its own. */
export interface Role {
  readonly process: Running;
  readonly dataDir: string;
}

export interface Vault extends Role {
  readonly port: number;
  /** What a new hub must show. */
  readonly pairingSecretFile: string;
}

export interface Hub extends Role {
  /** The claim code as printed; only before the claim. */
  claimCode(): Promise<string>;
}

export interface RoleOptions {
  readonly program?: string;
  readonly dataDir?: string;
  readonly env?: Record<string, string>;
  readonly args?: readonly string[];
}

/** `eaves vault`: keeps ciphertext and serves the app. */
export async function startVault(options: RoleOptions = {}): Promise<Vault> {
  const dataDir = options.dataDir ?? freshFolder("vault");
  const args = ["vault", "--data-dir", dataDir, "--app-dir", appFolder, "--listen", "127.0.0.1:0", ...(options.args ?? [])];
  const child = start(options.program ?? eavesProgram, args, { env: { EAVES_LOG: "info", ...options.env } });
  const [, port = ""] = await child.waitFor(/Vault at http:\/\/localhost:(\d+)/, 60_000);
  return { process: child, dataDir, port: Number(port), pairingSecretFile: join(dataDir, "pairing-secret") };
}

/** `eaves hub`: the role in the home, with its vault at `port` of this machine. */
export async function startHub(vault: { port: number; pairingSecretFile: string }, options: RoleOptions = {}): Promise<Hub> {
  const dataDir = options.dataDir ?? freshFolder("hub");
  const url = `http://127.0.0.1:${String(vault.port)}`;
  const args = ["hub", "--data-dir", dataDir, "--vault-url", url, "--pairing-secret-file", vault.pairingSecretFile, ...(options.args ?? [])];
  const child = start(options.program ?? eavesProgram, args, { env: { EAVES_LOG: "info", ...options.env } });
  await child.waitFor(/The hub is running/, 60_000);
  return { process: child, dataDir, claimCode: () => claimCode(child) };
}
