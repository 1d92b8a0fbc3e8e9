/** @file Whether a new password will do, and what is wrong with it otherwise. Pure: the evidence is gathered elsewhere. */

export type PasswordFault =
  | "short"
  | "stolen" // it is on a list of stolen ones
  | "home-words" // made of the names of this home
  | "easy"; // few guesses find it

export interface Evidence {
  readonly length: number;
  readonly lengthMin: number;
  /** 0 (found at once) to 4 (not found for centuries); null: it could not be told here. */
  readonly strength: number | null;
  /** How much of it is made of the names of this home, 0 to 1. */
  readonly homeShare: number;
  readonly isStolen: boolean;
}

const STRENGTH_MIN = 3;
/** Two names and a number: few for somebody who knows the family. */
const HOME_SHARE_MAX = 0.6;

/** The first fault, the one to mend; null: it will do. */
export function faultOf({ length, lengthMin, strength, homeShare, isStolen }: Evidence): PasswordFault | null {
  if (length < lengthMin) return "short";
  if (isStolen) return "stolen";
  if (homeShare > HOME_SHARE_MAX) return "home-words";
  return strength === null || strength >= STRENGTH_MIN ? null : "easy";
}

/** Words that a stranger who knows this home would try: whole names and their parts. */
export function guessableWords(names: readonly string[]): readonly string[] {
  const parts = names.flatMap((name) => [name, ...name.split(/[\s\-_.,']+/)]);
  return [...new Set(parts.map((word) => word.toLowerCase()).filter((word) => word.length >= 3)), "eaves"];
}
