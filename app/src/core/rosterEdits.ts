/** @file The changes that people make to a roster: rooms and cameras added, renamed, moved out. Each is one new version. */
import type { Outcome } from "../domain/home";
import { fail, succeed } from "../api/problem";
import { randomId, type Bytes } from "../crypto/bytes";
import { sealToHub, type CameraSettings } from "../crypto/camera";
import type { Roster, RosterRoom } from "../crypto/roster";
import { isNameTooLong, sealName } from "../crypto/sealedName";
import { makeIdentity, wrapIdentity, type SharedIdentity, type KeyWrapJson } from "../crypto/sharedIdentity";
import type { MakeChange, RosterEdit } from "./household";

/** Defaults of a new room, DESIGN section 5. */
const LIFETIMES = { continuousDays: 3, eventDays: 14 };

export interface NewRoom {
  readonly room: RosterRoom;
  readonly identity: SharedIdentity;
  readonly wraps: readonly KeyWrapJson[];
}

/** A room with an identity of its own, for everybody who is not a guest. */
export async function makeRoom(roster: Roster, id: string, name: string): Promise<NewRoom> {
  const identity = await makeIdentity();
  const shared = { scope: id, epoch: 1, identity };
  const audience = roster.members.filter(({ role }) => role !== "guest");
  return {
    room: {
      room: id,
      epoch: 1,
      recipient: identity.recipient,
      audience: audience.map(({ member }) => member),
      label: await sealName(roster.recipient, name),
      lifetimes: LIFETIMES,
      records: null,
    },
    identity: shared,
    wraps: await Promise.all(audience.map((member) => wrapIdentity(shared, roster.household, member))),
  };
}

/** A name as it is kept, or why it cannot be. */
export function cleanName(typed: string): Outcome<string> {
  const name = typed.normalize("NFC").trim().replace(/\s+/g, " ");
  if (name === "") return fail("name-empty");
  return isNameTooLong(name) ? fail("unexpected", "the name is too long") : succeed(name);
}

export function addRoom(id: string, name: string): MakeChange {
  return async (roster) => {
    const made = await makeRoom(roster, id, name);
    return succeed({ change: { rooms: [...roster.rooms, made.room] }, identities: [made.identity], wraps: made.wraps });
  };
}

export function renameRoom(id: string, name: string): MakeChange {
  return async (roster) => {
    if (!roster.rooms.some(({ room }) => room === id)) return fail("not-found");
    const label = await sealName(roster.recipient, name);
    return succeed(only({ rooms: roster.rooms.map((room) => (room.room === id ? { ...room, label } : room)) }));
  };
}

export function removeRoom(id: string): MakeChange {
  return (roster) => {
    if (!roster.rooms.some(({ room }) => room === id)) return Promise.resolve(fail("not-found"));
    if (roster.devices.some(({ room }) => room === id)) return Promise.resolve(fail("room-not-empty"));
    return Promise.resolve(succeed(only({ rooms: roster.rooms.filter(({ room }) => room !== id) })));
  };
}

export interface NewCamera {
  readonly device: string;
  readonly name: string;
  readonly settings: CameraSettings;
  /** An existing room, or the id and name of one that is made along with it. */
  readonly room: { readonly id: string; readonly newName: string | null };
}

export function addCamera({ device, name, settings, room }: NewCamera): MakeChange {
  return async (roster) => {
    const [hub] = roster.hubs;
    if (hub === undefined) return fail("hub-unreachable");
    const isThere = roster.rooms.some((one) => one.room === room.id);
    if (!isThere && room.newName === null) return fail("not-found");
    const made = isThere || room.newName === null ? null : await makeRoom(roster, room.id, room.newName);
    const camera = {
      device,
      kind: "camera" as const,
      room: room.id,
      hub: hub.hub,
      label: await sealName(roster.recipient, name),
      settings: await sealToHub(hub.recipient, settings),
    };
    return succeed({
      change: {
        rooms: made === null ? roster.rooms : [...roster.rooms, made.room],
        devices: [...roster.devices, camera],
      },
      identities: made === null ? [] : [made.identity],
      wraps: made?.wraps ?? [],
    });
  };
}

export function renameCamera(id: string, name: string): MakeChange {
  return async (roster) => {
    if (!roster.devices.some(({ device }) => device === id)) return fail("not-found");
    const label: Bytes = await sealName(roster.recipient, name);
    return succeed(only({ devices: roster.devices.map((one) => (one.device === id ? { ...one, label } : one)) }));
  };
}

/** Other settings for a camera, sealed to its hub: the old ones cannot be read to change a part of them. */
export function setUpCamera(id: string, settings: CameraSettings): MakeChange {
  return async (roster) => {
    const camera = roster.devices.find(({ device }) => device === id);
    const hub = roster.hubs.find((one) => one.hub === camera?.hub);
    if (camera === undefined || hub === undefined) return fail("not-found");
    const sealed = await sealToHub(hub.recipient, settings);
    return succeed(only({ devices: roster.devices.map((one) => (one.device === id ? { ...one, settings: sealed } : one)) }));
  };
}

export function removeCamera(id: string): MakeChange {
  return (roster) => {
    if (!roster.devices.some(({ device }) => device === id)) return Promise.resolve(fail("not-found"));
    return Promise.resolve(succeed(only({ devices: roster.devices.filter(({ device }) => device !== id) })));
  };
}

export function newId(): string {
  return randomId();
}

function only(change: RosterEdit["change"]): RosterEdit {
  return { change, identities: [], wraps: [] };
}
