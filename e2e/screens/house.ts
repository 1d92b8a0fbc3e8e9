/** @file A home whose vault and hub can be stopped one by one: two processes of the program under test. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { appFolder, eavesProgram, freshFolder } from "../harness/paths.ts";
import { start, type Running } from "../harness/process.ts";

const CODE = /\b((?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4})\b/;

export class House {
  readonly folder = freshFolder("screens");
  #vault: Running | null = null;
  #hub: Running | null = null;
  origin = "";
  #port = "0";

  get vaultFolder(): string {
    return join(this.folder, "vault");
  }

  /** Does nothing when it runs. */
  async startVault(): Promise<void> {
    if (this.#vault !== null) return;
    writeFileSync(this.#secret, "a-secret-that-both-know-for-the-pictures-only", { mode: 0o600 });
    const args = ["vault", "--pairing-secret-file", this.#secret, "--data-dir", this.vaultFolder, "--app-dir", appFolder, "--listen", `127.0.0.1:${this.#port}`];
    this.#vault = start(eavesProgram, args);
    const [, origin = "", port = ""] = await this.#vault.waitFor(/(http:\/\/localhost:(\d+))/, 60_000);
    this.origin = origin;
    this.#port = port;
  }

  async startHub(): Promise<void> {
    const args = ["hub", "--vault-url", this.origin, "--pairing-secret-file", this.#secret, "--data-dir", join(this.folder, "hub")];
    this.#hub = start(eavesProgram, args);
    await this.#hub.waitFor(/The hub is running/, 60_000);
  }

  /** As printed; only before the claim. */
  async claimCode(): Promise<string> {
    return (await this.#hub?.waitFor(CODE))?.[1] ?? "";
  }

  async stopVault(): Promise<void> {
    await this.#vault?.stop();
    this.#vault = null;
  }

  /** As a power cut does. */
  async cutVault(): Promise<void> {
    await this.#vault?.kill();
    this.#vault = null;
  }

  async stopHub(): Promise<void> {
    await this.#hub?.stop();
  }

  async stop(): Promise<void> {
    await this.stopHub();
    await this.stopVault();
  }

  get #secret(): string {
    return join(this.folder, "secret");
  }
}

export async function startHouse(): Promise<House> {
  const house = new House();
  await house.startVault();
  await house.startHub();
  return house;
}
