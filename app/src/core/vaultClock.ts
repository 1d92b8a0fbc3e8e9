/**
 * @file The vault's clock, as far as its answers tell it: to the second.
 *
 * Only for showing ages and for signing at a time that the hub accepts, and only within minutes of this device's own
 * clock: a vault that could move it further could date a command so that it becomes good later, or make an old picture
 * look new. What is refused because of its time is judged by this device's own clock alone.
 */

const TOLERATED_MS = 2_000;
const FOLLOWED_MS = 300_000;

export class VaultClock {
  #aheadMs = 0;

  readonly tell = (vaultMs: number, hereMs: number): void => {
    const aheadMs = vaultMs - hereMs;
    const offMs = Math.abs(aheadMs);
    this.#aheadMs = offMs <= TOLERATED_MS || offMs > FOLLOWED_MS ? 0 : aheadMs;
  };

  readonly nowUs = (): number => Math.round((Date.now() + this.#aheadMs) * 1000);
}
