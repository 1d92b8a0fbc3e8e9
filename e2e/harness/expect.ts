/** @file The two assertions that the journeys need beyond the browser's own waiting. */

import assert from "node:assert/strict";

export function expect(condition: boolean, what: string): asserts condition {
  assert.ok(condition, what);
}

/** Asks `question` again until it answers something other than null. */
export async function eventually<T>(what: string, timeoutMs: number, question: () => Promise<T | null> | T | null): Promise<T> {
  const until = Date.now() + timeoutMs;
  for (;;) {
    const answer = await question();
    if (answer !== null) return answer;
    if (Date.now() > until) throw new Error(`not within ${String(timeoutMs)} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
