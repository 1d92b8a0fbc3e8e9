/**
 * @file Where somebody stands who is signing in, and where each answer takes them. Pure: `signingIn.ts` asks and acts.
 *
 * first ─ right proof, known browser ─▶ in
 *   └──── right proof, new browser ──▶ second ─ right ─▶ in;  ─ wrong five times, denied or late ─▶ first
 *                                         └──── nothing but the kit ─▶ waiting
 * a passkey that opens nothing ─▶ unlock ─ password or kit ─▶ in
 */
import type { Access, Problem, ProblemCode } from "../domain/home";
import type { SecondProof } from "../domain/signIn";
import type { Bytes } from "../crypto/bytes";
import type { MemberPlace, Way } from "../crypto/member";
import type { PasskeyKey } from "../crypto/passkey";
import type { SignInAnswer } from "./wayAnswers";

/** The first proof, kept until the member secret is there: what came of it opens it. */
export interface FirstProof {
  readonly way: Way;
  readonly handle: string;
  readonly material: Bytes;
}

/** A passkey that gave a key which nothing is wrapped under yet. */
export interface PasskeyToWrap {
  readonly id: string;
  readonly key: PasskeyKey;
}

export type Step =
  | { readonly at: "first"; readonly problem: Problem | null }
  | {
      readonly at: "second";
      readonly login: string;
      readonly challenge: Bytes;
      readonly passkey: unknown;
      readonly offers: readonly SecondProof[];
      readonly first: FirstProof;
      readonly number: string | null;
      readonly wrongCount: number;
    }
  | { readonly at: "waiting"; readonly untilUs: number }
  | { readonly at: "unlock"; readonly place: MemberPlace; readonly toWrap: PasskeyToWrap | null };

export type SecondAt = Extract<Step, { readonly at: "second" }>;

export const FIRST: Step = { at: "first", problem: null };

/** The vault ends a sign-in after so many wrong second proofs. */
const WRONG_MAX = 5;
/** The easiest first. What is not here, this app does not know. */
const KNOWN: readonly SecondProof[] = ["passkey", "approval", "totp", "password", "recovery-code", "kit", "wait"];

/** After a right first proof that did not end in a session. */
export function afterFirst(first: FirstProof, answer: Exclude<SignInAnswer, { readonly state: "signed-in" }>, canUsePasskeys: boolean): Step {
  if (answer.state === "waiting") return { at: "waiting", untilUs: answer.untilUs };
  const { login, challenge, passkey } = answer;
  const canTake = (offer: SecondProof) => offer !== "passkey" || (canUsePasskeys && passkey !== null && passkey !== undefined);
  const offers = KNOWN.filter((offer) => answer.offers.includes(offer) && canTake(offer));
  return { at: "second", login, challenge, passkey, offers, first, number: null, wrongCount: 0 };
}

/** After a second proof that was refused: once more, or from the beginning. */
export function afterWrong(step: SecondAt, proof: SecondProof, code: ProblemCode): { readonly step: Step; readonly problem: Problem } | null {
  if (code !== "name-or-password-wrong") return null;
  if (proof === "approval") return over("approval-denied");
  const wrongCount = step.wrongCount + 1;
  if (wrongCount >= WRONG_MAX) return over("second-step-over");
  const problem = { code: proof === "kit" ? "kit-wrong" : proof === "password" ? "name-or-password-wrong" : "second-step-wrong" } as const;
  return { step: { ...step, wrongCount }, problem };
}

function over(code: ProblemCode): { readonly step: Step; readonly problem: Problem } {
  return { step: { at: "first", problem: { code } }, problem: { code } };
}

/** Who came in by the kit alone forgot the password, and makes a new one; after a recovery that has to wait. */
export function owesPassword(way: Way, second: SecondProof | null, powersFromUs: number | null): boolean {
  return way === "kit" && second === null && powersFromUs === null;
}

/** What the screens see of it; null for the first step, which is whatever door there was. */
export function accessOf(step: Step): Access | null {
  switch (step.at) {
    case "first":
      return step.problem === null ? null : { kind: "signed-out", reason: "none", problem: step.problem };
    case "second":
      return { kind: "second-step", after: step.first.way, offers: step.offers, number: step.number };
    case "waiting":
      return { kind: "recovery-waits", untilUs: step.untilUs };
    case "unlock":
      return { kind: "needs-unlock" };
  }
}
