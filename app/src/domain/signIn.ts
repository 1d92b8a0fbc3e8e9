/** @file What the screens see of signing in, and the part of the seam through which a person gives their proofs. */
import type { Outcome, Problem } from "./problem.ts";

/** What can be the second proof. */
export type SecondProof = "passkey" | "approval" | "totp" | "recovery-code" | "kit" | "password" | "wait";

/** The first proof was right, and this browser is new: one more is asked for. */
export interface SecondStepView {
  readonly kind: "second-step";
  readonly after: "password" | "kit";
  /** The ones that this app and browser can take, the easiest first. */
  readonly offers: readonly SecondProof[];
  /** Shown on the other device beside two wrong ones, once that was asked for. */
  readonly number: string | null;
}

/** How a passkey stands in this browser at this address. */
export type PasskeyUse =
  | "yes"
  | "not-here" // this browser knows none
  | "needs-a-name"; // the vault is reached by an address without a name

export interface SignInModel {
  /** Whether passkeys can be used, and whether the browser offers them beside the name field by itself. */
  passkeys(): Promise<{ readonly use: PasskeyUse; readonly isOfferedByBrowser: boolean }>;
  /** `quietly`: waits beside the name field until one is chosen there, or the signal ends it. */
  withPasskey(how: { readonly quietly: boolean; readonly signal: AbortSignal }): Promise<Outcome<void>>;

  // the second step
  withTotp(code: string): Promise<Outcome<void>>;
  withRecoveryCode(code: string): Promise<Outcome<void>>;
  /** Beside the password. */
  withKitToo(kit: string): Promise<Outcome<void>>;
  /** Beside the kit. */
  withPasswordToo(password: string): Promise<Outcome<void>>;
  withPasskeyToo(): Promise<Outcome<void>>;
  /** Asks the other devices; the answer changes `snapshot().access` by itself. */
  askOtherDevice(): Promise<Outcome<void>>;
  /** There is nothing but the kit: three days, in which every device hears of it. */
  waitThreeDays(): Promise<Outcome<void>>;
  startOver(): void;
}

/** What can be the fresh proof within a session. */
export type FreshProof = "passkey" | "password" | "kit";

/** Something waits for a fresh proof that it is you. */
export interface StepUpView {
  readonly proofs: readonly FreshProof[];
}

export interface StepUpModel {
  withPasskey(): Promise<Outcome<void>>;
  withPassword(password: string): Promise<Outcome<void>>;
  withKit(kit: string): Promise<Outcome<void>>;
  /** What waited is not done. */
  cancel(): void;
}

export type { Problem };
