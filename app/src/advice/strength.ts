/** @file How many guesses a password would take, by zxcvbn. Large, so it is only ever loaded in a worker of its own. */
import { ZxcvbnFactory } from "@zxcvbn-ts/core";
import { adjacencyGraphs, dictionary as common } from "@zxcvbn-ts/language-common";
import { dictionary as english } from "@zxcvbn-ts/language-en";

export interface Strength {
  /** 0 to 4. */
  readonly score: number;
  /** How much of it is made of `words`, 0 to 1. */
  readonly wordShare: number;
}

/** Guessing time grows with the length; nobody needs more to know that it will do. */
const LENGTH_MAX = 100;

const zxcvbn = new ZxcvbnFactory({ dictionary: { ...common, ...english }, graphs: adjacencyGraphs });

export function strength(password: string, words: readonly string[]): Strength {
  const judged = password.slice(0, LENGTH_MAX);
  const { score, sequence } = zxcvbn.check(judged, [...words]);
  const made = sequence.filter((part) => part.dictionaryName === "userInputs").reduce((sum, { token }) => sum + token.length, 0);
  return { score, wordShare: made / Math.max(1, judged.length) };
}
