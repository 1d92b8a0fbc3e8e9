/** @file What the readers refuse, in the words of the seam. The refusal's own code goes along for "Details". */
import type { AlarmKind, Outcome, Problem } from "../domain/home";
import type { Checked, Refusal } from "../crypto/checked";
import { succeed } from "../api/problem";

/** A document or key that the vault showed and that is not what it must be. */
export function refused(refusal: Refusal): { readonly ok: false; readonly problem: Problem } {
  return { ok: false, problem: { code: "vault-not-believed", detail: `refused: ${refusal}` } };
}

export function orRefused<T>(checked: Checked<T>): Outcome<T> {
  return checked.ok ? succeed(checked.value) : refused(checked.refusal);
}

/** What a refused place of a chain is shown as. */
export function alarmOf(refusal: Refusal): AlarmKind {
  return ALARMS[refusal] ?? "changed";
}

const ALARMS: Partial<Record<Refusal, AlarmKind>> = {
  broken: "missing",
  "wrong-index": "missing",
  "not-erased-by-anybody": "missing",
  "not-expired-yet": "missing",
  "wrong-hub": "stranger",
  "wrong-device": "misplaced",
  "wrong-room": "misplaced",
  "wrong-household": "misplaced",
  "rolled-back": "rolled-back",
  forked: "rolled-back",
};
