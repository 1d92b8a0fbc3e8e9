/** @file A member's signed wish to see a camera live, `docs/spec/live.md`: without one, no hub seals a frame. */
import { randomId } from "./bytes";
import { signEnvelope, type EnvelopeJson } from "./envelope";
import type { SigningKey } from "./signing";

/** A wish holds for five minutes; it is renewed in good time. */
export const RENEW_WATCH_MS = 240_000;

export interface Watcher {
  readonly household: string;
  readonly member: string;
  readonly key: SigningKey;
}

export function signWatch({ household, member, key }: Watcher, issuedUs: number, device: string): EnvelopeJson {
  return signEnvelope("watch", { household, watch: randomId(), issuedUs, member, device }, key);
}
