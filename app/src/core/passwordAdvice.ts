/** @file Advice on a new password: its length, its strength, and whether it was stolen before. Nothing of it leaves the browser. */
import { faultOf, guessableWords, type PasswordFault } from "../domain/password";
import type { Vault } from "../api/vault";
import { readStolenPasswords, type StolenPasswords } from "../crypto/stolenPasswords";
import type { Strength } from "../advice/strength";

/** Somebody who chooses a password does not wait longer for advice; then it is judged without. */
const PATIENCE_MS = 10_000;

export type TellStrength = (password: string, words: readonly string[]) => Promise<Strength>;

export class PasswordAdvice {
  readonly #vault: Vault;
  readonly #tellStrength: TellStrength;
  #stolen: Promise<StolenPasswords | null> | null = null;

  constructor(vault: Vault, tellStrength: TellStrength) {
    this.#vault = vault;
    this.#tellStrength = tellStrength;
  }

  /** What is wrong with it; null: it will do. */
  async judge(password: string, lengthMin: number, names: readonly string[]): Promise<PasswordFault | null> {
    const length = Array.from(password).length;
    const early = faultOf({ length, lengthMin, strength: null, homeShare: 0, isStolen: false });
    if (early !== null) return early;
    this.#stolen ??= this.#fetchStolen();
    const [strength, stolen] = await Promise.all([inTime(this.#tellStrength(password, guessableWords(names))), inTime(this.#stolen)]);
    return faultOf({ length, lengthMin, strength: strength?.score ?? null, homeShare: strength?.wordShare ?? 0, isStolen: stolen?.has(password) ?? false });
  }

  async #fetchStolen(): Promise<StolenPasswords | null> {
    const got = await this.#vault.stolenPasswords();
    if (!got.ok) this.#stolen = null; // asked again the next time
    return got.ok ? readStolenPasswords(got.value.bytes) : null;
  }
}

function inTime<T>(asked: Promise<T>): Promise<T | null> {
  return Promise.race([asked.catch(() => null), new Promise<null>((resolve) => setTimeout(() => resolve(null), PATIENCE_MS))]);
}
