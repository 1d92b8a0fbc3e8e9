/**
 * @file A fresh proof within a session. What the vault refuses for want of one waits here until the person has given it,
 * and is then asked again; several that wait share one question.
 */
import type { Outcome } from "../domain/home";
import type { FreshProof, StepUpModel } from "../domain/signIn";
import { fail, succeed } from "../api/problem";
import { toBase64Url } from "../crypto/bytes";
import { readKit, signKitChallenge } from "../crypto/kit";
import type { Authenticators, PasskeyKey } from "../crypto/passkey";
import { answer, done, stateShape } from "./answers";
import { refused } from "./refused";
import { notUsed, passkeyCode } from "./signingIn";
import type { SnapshotStore } from "./snapshot";
import { passkeysShape, powersShape, stepUpShape, waysInShape, type Powers } from "./wayAnswers";
import type { WaysTools } from "./ways";

export interface StepUpTools {
  readonly ways: () => WaysTools;
  readonly snapshot: SnapshotStore;
  readonly authenticators: Authenticators | null;
  /** What a passkey gave on the way may still have to be wrapped under. */
  readonly onPasskey: (id: string, key: PasskeyKey | null) => void;
}

export class StepUp implements StepUpModel {
  readonly #tools: StepUpTools;
  #waiting: { readonly isThere: Promise<boolean>; readonly resolve: (isThere: boolean) => void } | null = null;

  constructor(tools: StepUpTools) {
    this.#tools = tools;
  }

  /** Resolves when the person has given a fresh proof, or does not want to. */
  readonly need = (): Promise<boolean> => {
    if (this.#waiting !== null) return this.#waiting.isThere;
    let resolve: (isThere: boolean) => void = () => undefined;
    const isThere = new Promise<boolean>((told) => {
      resolve = told;
    });
    this.#waiting = { isThere, resolve };
    void this.#ask();
    return isThere;
  };

  /** For what the vault cannot refuse, because it happens here: saving recordings to a file. */
  async fresh(): Promise<Outcome<void>> {
    const state = await answer(stateShape, this.#vault.state());
    if (!state.ok) return state;
    const { session } = state.value;
    const nowUs = this.#tools.ways().nowUs();
    if (session === null) return succeed(undefined);
    if (session.powersFromUs !== null && session.powersFromUs > nowUs) return fail("powers-wait");
    if (session.strongUntilUs > nowUs) return succeed(undefined);
    return (await this.need()) ? succeed(undefined) : fail("cancelled");
  }

  async withPassword(password: string): Promise<Outcome<void>> {
    return this.#tools.ways().withOpaque(async (opaque) => {
      const started = await opaque.startLogin(password);
      const challenge = await answer(stepUpShape, this.#vault.stepUpStart({ kind: "password", ke1: started.ke1 }));
      if (!challenge.ok) return challenge;
      const { stepUp, ke2, ksfPreset } = challenge.value;
      if (ke2 === null || ksfPreset === null) return fail("unexpected", "the vault's answer is not in its form");
      const finished = await opaque.finishLogin(password, started.state, ke2, ksfPreset);
      if (!finished.ok) return finished.refusal === "does-not-open" ? fail("password-wrong") : refused(finished.refusal);
      return this.#finish({ stepUp, ke3: finished.value.ke3 }, "password-wrong");
    });
  }

  async withKit(typedKit: string): Promise<Outcome<void>> {
    const kit = readKit(typedKit);
    if (!kit.ok) return fail("kit-mistyped");
    const started = await answer(stepUpShape, this.#vault.stepUpStart({ kind: "kit" }));
    if (!started.ok) return started;
    const { stepUp, challenge } = started.value;
    if (challenge === null) return fail("unexpected", "the vault's answer is not in its form");
    return this.#finish({ stepUp, signature: toBase64Url(signKitChallenge(kit.value, challenge)) }, "kit-wrong");
  }

  async withPasskey(): Promise<Outcome<void>> {
    const { authenticators } = this.#tools;
    if (authenticators === null) return fail("passkey-not-used");
    const started = await answer(stepUpShape, this.#vault.stepUpStart({ kind: "passkey" }));
    if (!started.ok) return started;
    const used = await (await passkeyCode()).provePasskey(started.value.options, {}, authenticators);
    if (!used.ok) return notUsed(used.why);
    const { id, json, key } = used.value;
    const finished = await this.#finish({ stepUp: started.value.stepUp, assertion: json }, "passkey-wrong");
    if (finished.ok) this.#tools.onPasskey(id, key);
    return finished;
  }

  cancel(): void {
    this.#end(false);
  }

  async #ask(): Promise<void> {
    const [ways, passkeys] = await Promise.all([answer(waysInShape, this.#vault.waysIn()), answer(passkeysShape, this.#vault.passkeys())]);
    if (this.#waiting === null) return;
    const has = (way: "password" | "kit") => ways.ok && ways.value.ways.some((one) => one.way === way);
    const hasPasskey = this.#tools.authenticators !== null && passkeys.ok && passkeys.value.passkeys.length > 0;
    const proofs: FreshProof[] = [];
    if (hasPasskey) proofs.push("passkey");
    if (has("password")) proofs.push("password");
    if (has("kit")) proofs.push("kit");
    if (proofs.length === 0) this.#end(false);
    else this.#tools.snapshot.setStepUp({ proofs });
  }

  async #finish(proof: object, whenWrong: "password-wrong" | "kit-wrong" | "passkey-wrong"): Promise<Outcome<void>> {
    const powers = await answer<Powers>(powersShape, this.#vault.stepUpFinish(proof));
    if (!powers.ok) return powers.problem.code === "name-or-password-wrong" ? fail(whenWrong) : powers;
    this.#end(true);
    return done(Promise.resolve(powers));
  }

  #end(isThere: boolean): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    this.#tools.snapshot.setStepUp(null);
    waiting?.resolve(isThere);
  }

  get #vault() {
    return this.#tools.ways().vault;
  }
}
