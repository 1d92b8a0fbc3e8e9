/** @file Sending a signed command and waiting for what becomes of it. */
import type { Outcome, ProblemCode } from "../domain/home";
import { fail, succeed } from "../api/problem";
import type { Vault } from "../api/vault";
import type { SignedCommand } from "../crypto/command";
import { answer, commandStateShape, type CommandState } from "./answers";
import { refused } from "./refused";

const ASK_EVERY_MS_MIN = 120;
const ASK_EVERY_MS_MAX = 1_000;

export interface Waiting {
  readonly patienceMs: number;
  readonly onState?: (state: CommandState) => void;
  /** Once the rest of the patience is not worth waiting for: two more looks, then it is enough. */
  readonly isEnough?: (state: CommandState) => boolean;
  readonly signal?: AbortSignal;
}

const LOOKS_AFTER_ENOUGH = 6;

/** The last state that was told: with its outcome, or without one when patience ran out. */
export async function awaitCommand(vault: Vault, { command, envelope }: SignedCommand, waiting: Waiting): Promise<Outcome<CommandState>> {
  const untilMs = performance.now() + waiting.patienceMs;
  let pauseMs = ASK_EVERY_MS_MIN;
  let looks = 0;
  let state = await answer(commandStateShape, vault.command(envelope));
  for (;;) {
    if (!state.ok) return state;
    if (state.value.command !== command) return refused("replayed");
    waiting.onState?.(state.value);
    const { outcome } = state.value;
    if (outcome?.outcome === "refused") return fail(REASONS[outcome.reason] ?? "unexpected", outcome.reason);
    if (outcome !== null || performance.now() > untilMs) return state;
    if (waiting.isEnough?.(state.value) === true && (looks += 1) > LOOKS_AFTER_ENOUGH) return succeed(state.value);
    if (waiting.signal?.aborted === true) return fail("cancelled");
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    pauseMs = Math.min(pauseMs * 1.5, ASK_EVERY_MS_MAX);
    state = await answer(commandStateShape, vault.commandState(command, waiting.signal));
  }
}

const REASONS: Readonly<Record<string, ProblemCode>> = {
  "not-allowed": "not-allowed",
  "out-of-time": "too-late",
  "hub-away": "hub-unreachable",
  // It holds already, or somebody else was faster.
  "not-waiting": "not-waiting",
};
