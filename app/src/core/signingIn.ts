/**
 * @file Signing in: asks the vault and the authenticators, and goes from step to step (`signInSteps.ts`) until somebody is
 * in. The member secret is opened here and nowhere before: with the export key, the kit, or what a passkey gave.
 */
import type { Outcome, Problem } from "../domain/home";
import type { PasskeyUse, SecondProof, SignInModel } from "../domain/signIn";
import { fail, succeed } from "../api/problem";
import { toBase64Url, type Bytes } from "../crypto/bytes";
import { readKit, signKitChallenge } from "../crypto/kit";
import { exportKeyBytes, loginHandle, memberKeys, unwrapSecret, type MemberPlace } from "../crypto/member";
import type { Authenticators, NotUsed } from "../crypto/passkey";
import type { Opaque } from "../crypto/opaqueClient";
import { answer, done, kitChallengeShape, loginChallengeShape, stateShape } from "./answers";
import { refused } from "./refused";
import { accessOf, afterFirst, afterWrong, FIRST, owesPassword, type FirstProof, type SecondAt, type Step } from "./signInSteps";
import { approvalNumberShape, passkeyChallengeShape, secondAnswerShape, signInShape, type SignedIn, type SignInAnswer } from "./wayAnswers";
import type { Arrival, WaysTools } from "./ways";
import type { SnapshotStore } from "./snapshot";

const AGAIN_MS = 2_000;
/** An approval is over after two minutes. */
const APPROVAL_MS = 130_000;

export interface SigningInTools {
  readonly ways: () => WaysTools;
  readonly snapshot: SnapshotStore;
  /** null: this browser knows no passkeys. */
  readonly authenticators: Authenticators | null;
  readonly arrive: (arrival: Arrival, owesPassword: boolean) => Promise<Outcome<void>>;
}

const NOT_USED: Record<NotUsed, Problem> = {
  "not-used": { code: "passkey-not-used" },
  "there-already": { code: "passkey-there-already" },
  "needs-a-name": { code: "passkeys-need-a-name" },
  "not-verified": { code: "passkey-wrong", detail: "not verified" },
  malformed: { code: "unexpected", detail: "passkey options are not in their form" },
};

/** Only needed by who has one. */
export const passkeyCode = () => import("../crypto/passkey");

/** Why an authenticator gave nothing, in the codes of the seam. */
export function notUsed(why: NotUsed): { readonly ok: false; readonly problem: Problem } {
  return { ok: false, problem: NOT_USED[why] };
}

export class SigningIn implements SignInModel {
  readonly #tools: SigningInTools;
  #step: Step = FIRST;

  constructor(tools: SigningInTools) {
    this.#tools = tools;
  }

  /** Whatever was under way is over. */
  forget(): void {
    this.#step = FIRST;
  }

  startOver(): void {
    this.#step = FIRST;
    this.#tools.snapshot.setAccess({ kind: "signed-out", reason: "none" });
  }

  async passkeys(): Promise<{ readonly use: PasskeyUse; readonly isOfferedByBrowser: boolean }> {
    const use = await this.passkeyUse();
    return { use, isOfferedByBrowser: use === "yes" && (await (await passkeyCode()).isOfferedByBrowser()) };
  }

  async passkeyUse(): Promise<PasskeyUse> {
    if (this.#tools.authenticators === null) return "not-here";
    const state = await answer(stateShape, this.#vault.state());
    return state.ok && state.value.passkeys === "needs-a-name" ? "needs-a-name" : "yes";
  }

  // the first proof

  async withPassword(memberName: string, password: string): Promise<Outcome<void>> {
    const handle = await loginHandle(memberName);
    const proved = await this.#provePassword(handle, password);
    if (!proved.ok) return proved;
    const { login, ke3, material } = proved.value;
    return this.#firstAnswered({ way: "password", handle, material }, await answer(signInShape, this.#vault.loginFinish({ login, ke3 })));
  }

  async withKit(memberName: string, typedKit: string): Promise<Outcome<void>> {
    const kit = readKit(typedKit);
    if (!kit.ok) return fail("kit-mistyped");
    const handle = await loginHandle(memberName);
    const challenge = await answer(kitChallengeShape, this.#vault.kitStart({ handle }));
    if (!challenge.ok) return challenge;
    const signature = toBase64Url(signKitChallenge(kit.value, challenge.value.challenge));
    const answered = await answer(signInShape, this.#vault.kitFinish({ login: challenge.value.login, signature }));
    if (!answered.ok && answered.problem.code === "name-or-password-wrong") return fail("kit-wrong");
    return this.#firstAnswered({ way: "kit", handle, material: kit.value }, answered);
  }

  async withPasskey({ quietly, signal }: { readonly quietly: boolean; readonly signal: AbortSignal }): Promise<Outcome<void>> {
    const { authenticators } = this.#tools;
    if (authenticators === null) return fail("passkey-not-used");
    const started = await answer(passkeyChallengeShape, this.#vault.passkeyLoginStart());
    if (!started.ok) return started;
    const isOver = () => signal.aborted;
    if (isOver()) return fail("cancelled");
    const used = await (await passkeyCode()).provePasskey(started.value.options, { quietly, signal }, authenticators);
    if (isOver()) return fail("cancelled");
    if (!used.ok) return notUsed(used.why);
    const { id, json, key } = used.value;
    const answered = await answer(signInShape, this.#vault.passkeyLoginFinish({ login: started.value.login, assertion: json }));
    if (!answered.ok) return answered.problem.code === "name-or-password-wrong" ? fail("passkey-wrong") : answered;
    if (answered.value.state !== "signed-in") return fail("unexpected", "a passkey is both proofs");
    const { household, member, wrapped } = answered.value.signed;
    const place = { household, member };
    const isWrapped = wrapped !== null && wrapped !== undefined;
    if (!isWrapped || key === null) {
      this.#go({ at: "unlock", place, toWrap: !isWrapped && key !== null ? { id, key } : null });
      return succeed(undefined);
    }
    const secret = key.unwrap(wrapped, place);
    return secret.ok ? this.#arrive(place, secret.value, false) : refused(secret.refusal);
  }

  async #firstAnswered(first: FirstProof, answered: Outcome<SignInAnswer>): Promise<Outcome<void>> {
    if (!answered.ok) return answered;
    if (answered.value.state === "signed-in") return this.#signedIn(answered.value.signed, first, null);
    this.#go(afterFirst(first, answered.value, this.#tools.authenticators !== null));
    return succeed(undefined);
  }

  // the second proof

  withTotp(code: string): Promise<Outcome<void>> {
    return this.#second("totp", () => Promise.resolve(succeed({ kind: "totp", code: code.replaceAll(/\s/g, "") })));
  }

  withRecoveryCode(code: string): Promise<Outcome<void>> {
    return this.#second("recovery-code", () => Promise.resolve(succeed({ kind: "recovery-code", code })));
  }

  withKitToo(typedKit: string): Promise<Outcome<void>> {
    return this.#second("kit", ({ challenge }) => {
      const kit = readKit(typedKit);
      return Promise.resolve(kit.ok ? succeed({ kind: "kit", signature: toBase64Url(signKitChallenge(kit.value, challenge)) }) : fail("kit-mistyped"));
    });
  }

  withPasswordToo(password: string): Promise<Outcome<void>> {
    return this.#second("password", async ({ first }) => {
      const proved = await this.#provePassword(first.handle, password);
      return proved.ok ? succeed({ kind: "password", login: proved.value.login, ke3: proved.value.ke3 }) : proved;
    });
  }

  withPasskeyToo(): Promise<Outcome<void>> {
    return this.#second("passkey", async ({ passkey }) => {
      const { authenticators } = this.#tools;
      if (authenticators === null) return fail("passkey-not-used");
      const used = await (await passkeyCode()).provePasskey(passkey, {}, authenticators);
      return used.ok ? succeed({ kind: "passkey", assertion: used.value.json }) : notUsed(used.why);
    });
  }

  waitThreeDays(): Promise<Outcome<void>> {
    return this.#second("wait", () => Promise.resolve(succeed({ kind: "wait" })));
  }

  async askOtherDevice(): Promise<Outcome<void>> {
    const step = this.#step;
    if (step.at !== "second") return fail("second-step-over");
    const asked = await answer(approvalNumberShape, this.#vault.askApproval({ login: step.login }));
    if (!asked.ok) return asked.problem.code === "name-or-password-wrong" ? this.#over() : asked;
    if (this.#step !== step) return fail("cancelled");
    const asking = { ...step, number: asked.value.number };
    this.#go(asking);
    void this.#followApproval(asking);
    return succeed(undefined);
  }

  /** Until the other device has answered; ends by itself when this sign-in went on another way. */
  async #followApproval({ login, number }: SecondAt): Promise<void> {
    const untilMs = Date.now() + APPROVAL_MS;
    const isAsking = () => this.#step.at === "second" && this.#step.login === login && this.#step.number === number;
    while (isAsking()) {
      const said = await this.#second("approval", () => Promise.resolve(succeed({ kind: "approval" })), isAsking);
      if (!isAsking()) return;
      if (Date.now() > untilMs) {
        this.#go({ at: "first", problem: { code: "approval-denied" } });
        return;
      }
      if (!said.ok) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  async #second(proof: SecondProof, make: (step: SecondAt) => Promise<Outcome<object>>, isWanted: () => boolean = () => true): Promise<Outcome<void>> {
    const step = this.#step;
    if (step.at !== "second") return fail("second-step-over");
    const made = await make(step);
    if (!made.ok) return made;
    const answered = await answer(secondAnswerShape, this.#vault.secondStep({ login: step.login, proof: made.value }));
    if (!isWanted()) return fail("cancelled");
    if (!answered.ok) {
      const wrong = afterWrong(step, proof, answered.problem.code);
      if (wrong === null) return answered;
      this.#go(wrong.step);
      return { ok: false, problem: wrong.problem };
    }
    if (answered.value === null) return succeed(undefined);
    if (answered.value.state === "signed-in") return this.#signedIn(answered.value.signed, step.first, proof);
    if (answered.value.state === "waiting") this.#go({ at: "waiting", untilUs: answered.value.untilUs });
    return succeed(undefined);
  }

  #over(): Outcome<void> {
    this.#go({ at: "first", problem: { code: "second-step-over" } });
    return fail("second-step-over");
  }

  // in

  /** Opens the secret that came with a session. A wrap of another member, household or way does not open. */
  #signedIn(signed: SignedIn, first: FirstProof, second: SecondProof | null): Promise<Outcome<void>> {
    const { household, member, wrapped, session } = signed;
    const place = { household, member };
    const secret = unwrapSecret(wrapped, place, first.way, first.material);
    if (!secret.ok) return Promise.resolve(refused(secret.refusal));
    const isUnlock = this.#step.at === "unlock";
    return this.#arrive(place, secret.value, !isUnlock && owesPassword(first.way, second, session?.powersFromUs ?? null));
  }

  async #arrive(place: MemberPlace, secret: Bytes, owes: boolean): Promise<Outcome<void>> {
    const step = this.#step;
    const arrived = await this.#tools.arrive({ place, keys: await memberKeys(secret) }, owes);
    if (!arrived.ok) return arrived;
    this.forget();
    if (step.at === "unlock" && step.toWrap !== null && step.place.household === place.household && step.place.member === place.member) {
      // From the next time on this passkey opens by itself. If that fails now, it is tried again then.
      const { id, key } = step.toWrap;
      void done(this.#vault.changePasskey(id, { wrapped: key.wrap(secret, place) }));
    }
    return succeed(undefined);
  }

  async #provePassword(handle: string, password: string): Promise<Outcome<{ login: string; ke3: string; material: Bytes }>> {
    const { vault, withOpaque } = this.#tools.ways();
    const proved = await withOpaque(async (opaque) => {
      const started = await opaque.startLogin(password);
      const challenge = await answer(loginChallengeShape, vault.loginStart({ handle, ke1: started.ke1 }));
      if (!challenge.ok) return challenge;
      return finishPassword(opaque, password, started.state, challenge.value);
    });
    return proved.ok ? succeed(proved.value) : proved;
  }

  get #vault() {
    return this.#tools.ways().vault;
  }

  #go(step: Step): void {
    this.#step = step;
    const access = accessOf(step);
    if (access !== null) this.#tools.snapshot.setAccess(access);
  }
}

/** The app's last move of OPAQUE: shows that the password is right, and gives the key that it opens with. */
async function finishPassword(
  opaque: Opaque,
  password: string,
  state: string,
  { login, ke2, ksfPreset }: { readonly login: string; readonly ke2: string; readonly ksfPreset: number },
): Promise<Outcome<{ login: string; ke3: string; material: Bytes }>> {
  const finished = await opaque.finishLogin(password, state, ke2, ksfPreset);
  if (!finished.ok) return finished.refusal === "does-not-open" ? fail("name-or-password-wrong") : refused(finished.refusal);
  const material = exportKeyBytes(finished.value.exportKey);
  return material.ok ? succeed({ login, ke3: finished.value.ke3, material: material.value }) : refused(material.refusal);
}
