/** @file Writing rosters: the first one of a household, and the next one after a verified one. */
import { toBase64Url } from "./bytes";
import { signEnvelope, type EnvelopeJson } from "./envelope";
import { isConsistent, type AcceptedRoster, type Roster } from "./roster";
import type { SigningKey } from "./signing";

/** What an owner may change in a roster. */
export type RosterChange = Partial<Pick<Roster, "epoch" | "recipient" | "label" | "members" | "hubs" | "rooms" | "devices">>;

/** The roster after `before`, with `change` in it, signed. */
export function signNext(before: AcceptedRoster, change: RosterChange, issuedUs: number, key: SigningKey): EnvelopeJson {
  const { roster, digest } = before;
  return signRoster({ ...roster, ...change, version: roster.version + 1, previous: digest, issuedUs }, key);
}

/** Signs a roster as it stands. */
export function signRoster(roster: Roster, key: SigningKey): EnvelopeJson {
  if (!isConsistent(roster)) throw new Error("a roster that contradicts itself must not be signed");
  return signEnvelope("roster", rosterJson(roster), key);
}

function rosterJson(roster: Roster): object {
  return {
    ...roster,
    label: toBase64Url(roster.label),
    members: roster.members.map((member) => ({
      ...member,
      signingKey: toBase64Url(member.signingKey),
      label: toBase64Url(member.label),
    })),
    hubs: roster.hubs.map((hub) => ({ ...hub, signingKey: toBase64Url(hub.signingKey) })),
    // What is not said has no field: the other reader refuses a null there.
    rooms: roster.rooms.map(({ records, ...room }) => ({ ...room, label: toBase64Url(room.label), ...(records === null ? {} : { records }) })),
    devices: roster.devices.map((device) => ({
      ...device,
      label: toBase64Url(device.label),
      settings: toBase64Url(device.settings),
    })),
  };
}
