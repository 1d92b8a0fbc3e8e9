/** @file What the vault's failures mean to the app: RFC 9457 codes to the codes of the seam. */
import type { Outcome, Problem, ProblemCode } from "../domain/home";

/** Codes of `eaves-api`'s `problem::Code`. What is missing here is a bug on one of the two sides. */
const CODES: ReadonlyMap<string, ProblemCode> = new Map<string, ProblemCode>([
  ["signed-out", "signed-out"],
  ["sign-in-failed", "name-or-password-wrong"],
  ["claim-refused", "claim-code-wrong"],
  ["invite-refused", "invite-over"],
  ["name-taken", "name-in-use"],
  ["not-allowed", "not-allowed"],
  ["step-up-needed", "step-up-needed"],
  ["powers-wait", "powers-wait"],
  ["last-way-in", "last-way-in"],
  ["needs-a-name", "passkeys-need-a-name"],
  ["not-found", "not-found"],
  ["already-claimed", "already-claimed"],
  ["conflict", "conflict"],
  ["out-of-time", "too-late"],
  ["erased", "gone"],
  ["too-many-attempts", "too-many-tries"],
  ["hub-away", "hub-unreachable"],
  ["busy", "vault-unreachable"],
  ["disk-full", "storage-full"],
]);

export function succeed<T>(value: T): Outcome<T> {
  return { ok: true, value };
}

export function fail(code: ProblemCode, detail?: string): { readonly ok: false; readonly problem: Problem } {
  return { ok: false, problem: detail === undefined ? { code } : { code, detail } };
}

/** Reads the body of a failed answer. It may be anything: a proxy's page, or a lie. */
export function readProblem(status: number, body: unknown, nowUs: number): Problem {
  const { code, retryAfterS } = (typeof body === "object" && body !== null ? body : {}) as { code?: unknown; retryAfterS?: unknown };
  const known = typeof code === "string" ? CODES.get(code) : undefined;
  if (known === undefined) {
    if (status === 401) return { code: "signed-out" };
    if (status === 502 || status === 503 || status === 504) return { code: "vault-unreachable" };
    return { code: "unexpected", detail: `${status} ${typeof code === "string" && /^[a-z-]{1,40}$/.test(code) ? code : ""}`.trim() };
  }
  const isWait = typeof retryAfterS === "number" && retryAfterS >= 0 && retryAfterS < 86_400;
  return isWait ? { code: known, retryAtUs: nowUs + retryAfterS * 1_000_000 } : { code: known };
}
