/** @file A member's signed wish, `docs/spec/command.md`: making one, and judging one that the vault shows as a reason. */
import { accept, refuse, type Checked } from "./checked";
import { randomId, toBase64Url } from "./bytes";
import { signEnvelope, verifyEnvelope, peekEnvelope, type DocumentForm, type Envelope, type EnvelopeJson } from "./envelope";
import type { AcceptedRoster, Roster } from "./roster";
import { bytesUpTo, id, list, object, oneOf, recipientText, sha256Hex, tagged, timeUs, type Shaped } from "./shape";
import type { SigningKey } from "./signing";

export const ERASE_TARGETS_MAX = 2_000;
const REQUEST_BYTES_MAX = 64 << 10;

const signedFields = { household: id, command: id, issuedUs: timeUs, member: id };
const commandShape = tagged("action", {
  erase: object({
    ...signedFields,
    action: oneOf("erase"),
    device: id,
    targets: list(object({ recording: id, link: sha256Hex }), ERASE_TARGETS_MAX),
  }),
  probe: object({ ...signedFields, action: oneOf("probe"), hub: id, request: bytesUpTo(REQUEST_BYTES_MAX), replyTo: recipientText }),
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

function signed(by: Signer, issuedUs: number, action: object): SignedCommand {
  const command = randomId();
  const document = { household: by.household, command, issuedUs, member: by.member, ...action };
  return { command, envelope: signEnvelope("command", document, by.key) };
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
  const claimed = peekEnvelope(envelope, commandForm);
  if (!claimed.ok) return claimed;
  const { member } = claimed.value;
  const allowing = chain.filter(({ roster }) => mayErase(roster, member, erased.device));
  const keys = allowing.flatMap(({ roster }) => roster.members.filter((one) => one.member === member).map((one) => one.signingKey));
  const verified = verifyEnvelope(envelope, commandForm, keys);
  if (!verified.ok) return verified;
  const command = verified.value.document;
  if (command.household !== chain[0]?.roster.household) return refuse("wrong-household");
  if (command.action !== "erase" || command.device !== erased.device) return refuse("wrong-device");
  const named = command.targets.some(({ recording, link }) => recording === erased.recording && link === erased.link);
  return named ? accept(null) : refuse("not-erased-by-anybody");
}

/** An adult or owner in the audience of the device's room; an owner also for devices that are no longer in the roster. */
export function mayErase(roster: Roster, memberId: string, deviceId: string): boolean {
  const role = roster.members.find(({ member }) => member === memberId)?.role;
  if (role !== "owner" && role !== "adult") return false;
  const device = roster.devices.find((one) => one.device === deviceId);
  if (device === undefined) return role === "owner";
  return roster.rooms.find(({ room }) => room === device.room)?.audience.includes(memberId) ?? false;
}
