/** @file A member's signed wish, `docs/spec/command.md`: making one, and judging one that the vault shows as a reason. */
import { accept, refuse, type Checked } from "./checked";
import { randomId, toBase64Url } from "./bytes";
import { signEnvelope, verifyEnvelope, peekEnvelope, type DocumentForm, type Envelope, type EnvelopeJson } from "./envelope";
import type { AcceptedRoster, Roster } from "./roster";
import { looseningShape, scopeShape, type Loosening, type Scope } from "./homeState";
import { bytesUpTo, flag, id, list, object, oneOf, sha256Hex, tagged, text, timeUs, type Shaped } from "./shape";
import type { SigningKey } from "./signing";

export const ERASE_TARGETS_MAX = 2_000;
const REQUEST_BYTES_MAX = 64 << 10;
const RECIPIENT_TEXT_MAX = 4 << 10;
/** How far the signer's clock may be from the reader's. */
const WINDOW_US = 600_000_000;

const signedFields = { household: id, command: id, issuedUs: timeUs, member: id };
const commandShape = tagged("action", {
  erase: object({
    ...signedFields,
    action: oneOf("erase"),
    device: id,
    targets: list(object({ recording: id, link: sha256Hex }), ERASE_TARGETS_MAX),
  }),
  privacy: object({ ...signedFields, action: oneOf("privacy"), scope: scopeShape, on: flag }),
  arm: object({ ...signedFields, action: oneOf("arm"), on: flag }),
  restart: object({ ...signedFields, action: oneOf("restart"), device: id }),
  stop: object({ ...signedFields, action: oneOf("stop"), what: looseningShape }),
  probe: object({ ...signedFields, action: oneOf("probe"), hub: id, request: bytesUpTo(REQUEST_BYTES_MAX), replyTo: text(RECIPIENT_TEXT_MAX) }),
});

export type Command = Shaped<typeof commandShape>;
export type EraseTarget = { readonly recording: string; readonly link: string };

export const commandForm: DocumentForm<Command> = { kind: "command", shape: commandShape };

/** A command that was just signed: its id is how the vault's answer is matched to it. */
export interface SignedCommand {
  readonly command: string;
  readonly envelope: EnvelopeJson;
}

interface Signer {
  readonly household: string;
  readonly member: string;
  readonly key: SigningKey;
}

export function signErase(by: Signer, issuedUs: number, device: string, targets: readonly EraseTarget[]): SignedCommand {
  return signed(by, issuedUs, { action: "erase", device, targets });
}

export function signProbe(by: Signer, issuedUs: number, hub: string, request: Uint8Array, replyTo: string): SignedCommand {
  return signed(by, issuedUs, { action: "probe", hub, request: toBase64Url(request), replyTo });
}

/** Turns cameras off, or lets them go on. */
export function signPrivacy(by: Signer, issuedUs: number, scope: Scope, on: boolean): SignedCommand {
  return signed(by, issuedUs, { action: "privacy", scope, on });
}

export function signArm(by: Signer, issuedUs: number, on: boolean): SignedCommand {
  return signed(by, issuedUs, { action: "arm", on });
}

/** Stops something that was loosened and still waits. */
export function signStop(by: Signer, issuedUs: number, what: Loosening): SignedCommand {
  return signed(by, issuedUs, { action: "stop", what });
}

function signed(by: Signer, issuedUs: number, action: object): SignedCommand {
  const command = randomId();
  const document = { household: by.household, command, issuedUs, member: by.member, ...action };
  return { command, envelope: signEnvelope("command", document, by.key) };
}

/** Accepts a command that is to be obeyed now. Whoever obeys it still has to refuse an id that it has seen. */
export function acceptCommand(envelope: Envelope, roster: Roster, nowUs: number): Checked<Command> {
  const judged = judge(envelope, roster);
  if (!judged.ok) return judged;
  return Math.abs(nowUs - judged.value.issuedUs) > WINDOW_US ? refuse("out-of-time") : judged;
}

/**
 * Whether `envelope` is the reason for which a recording is gone: an erase command that names exactly this link, by
 * somebody who might erase it under one of the rosters that ever held.
 */
export function checkErased(
  envelope: Envelope,
  chain: readonly AcceptedRoster[],
  erased: { readonly device: string; readonly recording: string; readonly link: string },
): Checked<null> {
  for (const { roster } of chain.toReversed()) {
    const judged = judge(envelope, roster);
    if (!judged.ok) continue;
    const command = judged.value;
    const isNamed =
      command.action === "erase" &&
      command.device === erased.device &&
      command.targets.some(({ recording, link }) => recording === erased.recording && link === erased.link);
    return isNamed ? accept(null) : refuse("not-erased-by-anybody");
  }
  return refuse("not-erased-by-anybody");
}

/** Signed by the member whom it names, for this household, and something that this member may wish. */
function judge(envelope: Envelope, roster: Roster): Checked<Command> {
  const claimed = peekEnvelope(envelope, commandForm);
  if (!claimed.ok) return claimed;
  const member = roster.members.find((one) => one.member === claimed.value.member);
  if (member === undefined) return refuse("not-allowed");
  const verified = verifyEnvelope(envelope, commandForm, [member.signingKey]);
  if (!verified.ok) return verified;
  const command = verified.value.document;
  if (command.household !== roster.household) return refuse("wrong-household");
  if (command.action === "erase") {
    if (command.targets.length === 0) return refuse("inconsistent");
    return mayErase(roster, command.member, command.device) ? accept(command) : refuse("not-allowed");
  }
  if (command.action !== "probe") return mayGive(roster, command) ? accept(command) : refuse("not-allowed");
  const isOwnProbe = member.role === "owner" && command.replyTo === member.recipient && roster.hubs.some(({ hub }) => hub === command.hub);
  return isOwnProbe ? accept(command) : refuse("not-allowed");
}

/** What changes the home needs an adult or owner, of the audience where it is about a room or a camera. */
function mayGive(roster: Roster, command: Exclude<Command, { action: "erase" | "probe" }>): boolean {
  const role = roster.members.find(({ member }) => member === command.member)?.role;
  if (role !== "owner" && role !== "adult") return false;
  const sees = (room: string | undefined): boolean => roster.rooms.find((one) => one.room === room)?.audience.includes(command.member) ?? false;
  const roomOf = (device: string): string | undefined => roster.devices.find((one) => one.device === device)?.room;
  if (command.action === "restart") return sees(roomOf(command.device));
  if (command.action !== "privacy" || command.scope.of === "household") return true;
  return sees(command.scope.of === "room" ? command.scope.room : roomOf(command.scope.device));
}

/** An adult or owner in the audience of the device's room; an owner also for devices that are no longer in the roster. */
export function mayErase(roster: Roster, memberId: string, deviceId: string): boolean {
  const role = roster.members.find(({ member }) => member === memberId)?.role;
  if (role !== "owner" && role !== "adult") return false;
  const device = roster.devices.find((one) => one.device === deviceId);
  if (device === undefined) return role === "owner";
  return roster.rooms.find(({ room }) => room === device.room)?.audience.includes(memberId) ?? false;
}
