/** @file Randomness that can be had again: the seed is printed, and EAVES_FAULTS_SEED sets it. */

export interface Chance {
  readonly seed: number;
  /** At least `from`, below `to`. */
  between(from: number, to: number): number;
}

export function chance(): Chance {
  const given = Number(process.env["EAVES_FAULTS_SEED"] ?? "");
  const seed = Number.isInteger(given) && given > 0 ? given : Math.floor(Math.random() * 0xffff_ffff);
  // mulberry32
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  return { seed, between: (from, to) => from + next() * (to - from) };
}
