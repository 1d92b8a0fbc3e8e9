/**
 * @file The vault's answers, read strictly: what is not in the form of `eaves-api` is refused before it is used.
 *
 * Signed and sealed things inside are passed on as they are; `crypto/` judges those.
 */
import type { Outcome } from "../domain/home";
import { succeed } from "../api/problem";
import { deviceStatus, type DeviceStatus } from "../media/answers";
import { approvalFields, noticeFields, powersShape, type ApprovalAnswer, type NoticeAnswer } from "./wayAnswers";
import { bytes, flag, id, list, nullable, openObject as object, oneOf, optional, sha256Hex, tagged, text, timeUs, whole, type Shape, type Shaped } from "../crypto/shape";

const REPLY_BYTES_MAX = 8 << 20;
const LINKS_MAX = 5_000;

/** Something that another reader looks into. */
const opaqueValue: Shape<unknown> = (value) => value;

const identityShape = object({ household: id, member: id, pending: optional(flag) });

export const stateShape = object({
  claimed: flag,
  claimable: flag,
  version: text(64),
  signedIn: optional(identityShape),
  session: optional(powersShape),
  passkeys: optional(oneOf("available", "needs-a-name")),
});

export const registrationShape = object({ registrationResponse: text(128) });
export const loginChallengeShape = object({ login: text(256), ke2: text(1024), ksfPreset: whole(0, 255) });
export const kitChallengeShape = object({ login: text(256), challenge: bytes(32) });
export const rosterChainShape = object({ rosters: list(opaqueValue), keyWraps: list(opaqueValue), anchor: optional(opaqueValue) });
export const inviteFoundShape = object({ household: id, invite: id, welcome: opaqueValue });
export const joinedShape = object({ household: id, member: id });
export const joinStateShape = object({ isIn: flag });
export const invitesShape = object({
  invites: list(
    object({
      invite: id,
      inviter: id,
      expiresUs: timeUs,
      kept: optional(opaqueValue),
      asked: optional(object({ answer: opaqueValue, askedUs: timeUs })),
    }),
    100,
  ),
});
export type InvitesAnswer = Shaped<typeof invitesShape>;

export const storageShape = object({ usedBytes: whole(0), freeBytes: whole(0), recordings: whole(0), oldestUs: optional(timeUs) });

export const linksShape = object({
  links: list(opaqueValue, LINKS_MAX),
  head: object({ nextIndex: whole(0), digest: nullable(sha256Hex) }),
  more: flag,
});

const outcomeShape = tagged("outcome", {
  done: object({ outcome: oneOf("done"), reply: optional(text(REPLY_BYTES_MAX)) }),
  refused: object({ outcome: oneOf("refused"), reason: text(64) }),
});
const commandFields = { command: id, outcome: optional(outcomeShape), keysDestroyed: whole(0), bytesGone: whole(0) };
export const commandStateShape = object(commandFields);
export type CommandState = Shaped<typeof commandStateShape>;

export type VaultEvent =
  | { readonly event: "link"; readonly device: string; readonly link: unknown }
  | { readonly event: "erased"; readonly device: string; readonly recordings: readonly string[] }
  | { readonly event: "device"; readonly status: DeviceStatus }
  | { readonly event: "hub"; readonly connected: boolean; readonly sinceUs: number }
  | { readonly event: "home"; readonly state: unknown }
  | { readonly event: "roster"; readonly version: number; readonly digest: string }
  | { readonly event: "command"; readonly state: CommandState }
  | { readonly event: "join-asked"; readonly invite: string }
  | { readonly event: "notice"; readonly notice: NoticeAnswer }
  | { readonly event: "approval-asked"; readonly ask: ApprovalAnswer }
  | { readonly event: "approval-over"; readonly approval: string }
  | { readonly event: "missed" | "signed-out" };

const noticeEvent = object({ event: oneOf("notice"), ...noticeFields });
const approvalEvent = object({ event: oneOf("approval-asked"), ...approvalFields });
const commandEvent = object({ event: oneOf("command"), ...commandFields });

export const eventShape: Shape<VaultEvent> = tagged("event", {
  link: object({ event: oneOf("link"), device: id, link: opaqueValue }),
  erased: object({ event: oneOf("erased"), device: id, recordings: list(id, 10_000) }),
  device: (value): VaultEvent => ({ event: "device", status: deviceStatus(value) }),
  hub: object({ event: oneOf("hub"), connected: flag, sinceUs: timeUs }),
  home: object({ event: oneOf("home"), state: opaqueValue }),
  roster: object({ event: oneOf("roster"), version: whole(1), digest: sha256Hex }),
  command: (value): VaultEvent => {
    const { command, outcome, keysDestroyed, bytesGone } = commandEvent(value);
    return { event: "command", state: { command, outcome, keysDestroyed, bytesGone } };
  },
  "join-asked": object({ event: oneOf("join-asked"), invite: id }),
  missed: object({ event: oneOf("missed") }),
  notice: (value): VaultEvent => ({ event: "notice", notice: noticeEvent(value) }),
  "approval-asked": (value): VaultEvent => ({ event: "approval-asked", ask: approvalEvent(value) }),
  "approval-over": object({ event: oneOf("approval-over"), approval: text(64) }),
  "signed-out": object({ event: oneOf("signed-out") }),
});

/** An answer whose content does not matter. */
export async function done(asked: Promise<Outcome<unknown>>): Promise<Outcome<void>> {
  const got = await asked;
  return got.ok ? succeed(undefined) : got;
}

export { answer } from "../media/answers";
