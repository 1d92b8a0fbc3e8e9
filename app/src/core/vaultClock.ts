/**
 * @file The vault's clock, as far as its answers tell it: to the second.
 *
 * Only for showing ages and for signing at a time that the hub accepts. What is refused because it is old is judged by
 * this device's own clock: the vault must not be able to turn that back.
 */

const TOLERATED_MS = 2_000;

export class VaultClock {
  #aheadMs = 0;

  readonly tell = (vaultMs: number, hereMs: number): void => {
    const aheadMs = vaultMs - hereMs;
    this.#aheadMs = Math.abs(aheadMs) <= TOLERATED_MS ? 0 : aheadMs;
  };

  readonly nowUs = (): number => Math.round((Date.now() + this.#aheadMs) * 1000);
}
