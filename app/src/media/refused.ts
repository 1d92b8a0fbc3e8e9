/** @file Why a recording is not shown, in the codes of the seam. */
import type { Problem, ProblemCode } from "../domain/home";
import type { Refusal } from "../crypto/checked";

/** Why a recording is not shown. */
export function recordingProblem(refusal: Refusal): Problem {
  return { code: RECORDING_CODES[refusal] ?? "recording-changed", detail: refusal };
}

const RECORDING_CODES: Partial<Record<Refusal, ProblemCode>> = {
  "no-key": "recording-no-key",
  truncated: "recording-incomplete",
  "wrong-hub": "recording-not-ours",
  "wrong-device": "recording-not-ours",
  "wrong-room": "recording-not-ours",
  "wrong-household": "recording-not-ours",
  "foreign-stanza": "recording-not-ours",
};
