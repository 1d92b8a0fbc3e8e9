/** @file What holds in each room and what waits, out of what owners signed and what the hubs say they keep to. Pure. */
import type { DeviceId, RoomId } from "../domain/home";
import { isSameRule, type PendingId, type PendingView, type Place, type RoomRule, type RoomRules } from "../domain/rules";
import type { Bytes } from "../crypto/bytes";
import type { Scope } from "../crypto/homeState";
import type { AcceptedRoster, Roster, RosterRoom } from "../crypto/roster";
import type { Held, HomeStates, WaitingChange } from "./homeStates";

/** The chain of rosters, what the hubs said, and the names as far as this person may know them. */
export interface HouseGround {
  readonly chain: readonly AcceptedRoster[];
  readonly roster: Roster;
  readonly homes: HomeStates;
  readonly me: string;
  readonly nameOf: (member: string) => string | null;
  /** The name of a room or a camera. */
  readonly labelOf: (named: { readonly label: Bytes }) => string;
}

export function ruleOf({ lifetimes, records }: RosterRoom): RoomRule {
  return { ...lifetimes, records: records ?? "always" };
}

function tighter(a: RoomRule, b: RoomRule): RoomRule {
  return {
    continuousDays: Math.min(a.continuousDays, b.continuousDays),
    eventDays: Math.min(a.eventDays, b.eventDays),
    records: a.records === "when-armed" || b.records === "when-armed" ? "when-armed" : "always",
  };
}

/** Nothing looser is said to hold before a hub says so: a roster that it has not read yet changes nothing there. */
export function rulesOf({ chain, homes }: Pick<HouseGround, "chain" | "homes">, room: RosterRoom): RoomRules {
  const signed = ruleOf(room);
  const followed = homes.followed;
  const known = followed === null ? undefined : chain.find(({ roster }) => roster.version === followed)?.roster.rooms.find((one) => one.room === room.room);
  const kept: RoomRule | Held = homes.held(room.room) ?? (known === undefined ? signed : ruleOf(known));
  const now = tighter(kept, signed);
  const isAnnounced = homes.waiting.some(({ what }) => what.loosening === "rules" && what.room === room.room);
  const isRead = known === undefined || isSameRule(ruleOf(known), signed);
  return { now, signed, isWaiting: !isSameRule(now, signed) && (isAnnounced || !isRead) };
}

/** What waits and this person may know of: guests only what is about rooms that they see. */
export function pendingOf(ground: HouseGround): readonly PendingView[] {
  const { roster, me } = ground;
  const isGuest = roster.members.find(({ member }) => member === me)?.role === "guest";
  return ground.homes.waiting.flatMap((one) => {
    const shown = shownAs(ground, one);
    if (shown === null) return [];
    const isSeen = shown.roomId === null || roster.rooms.some(({ room, audience }) => room === shown.roomId && audience.includes(me));
    return isGuest && !isSeen ? [] : [shown];
  });
}

function shownAs(ground: HouseGround, { id, what, by: asked, effectiveUs }: WaitingChange): PendingView | null {
  const by = what.loosening === "rules" ? (ground.chain.find(({ digest }) => digest === what.roster)?.by ?? null) : asked;
  const shared = { id: id as PendingId, byName: by === null ? null : ground.nameOf(by), isMine: by === ground.me, effectiveUs };
  if (what.loosening === "privacy") {
    const placed = placeOf(ground, what.scope);
    return placed === null ? null : { ...shared, what: { kind: "on-again", place: placed.place }, roomId: placed.roomId };
  }
  const room = ground.roster.rooms.find((one) => one.room === what.room);
  if (room === undefined) return null;
  const roomId = room.room as RoomId;
  return { ...shared, what: { kind: "rules", room: { of: "room", id: roomId, name: ground.labelOf(room) }, rules: rulesOf(ground, room) }, roomId };
}

function placeOf({ roster, labelOf }: HouseGround, scope: Scope): { readonly place: Place; readonly roomId: RoomId | null } | null {
  if (scope.of === "household") return { place: { of: "home" }, roomId: null };
  if (scope.of === "room") {
    const room = roster.rooms.find((one) => one.room === scope.room);
    return room === undefined ? null : { place: { of: "room", id: room.room as RoomId, name: labelOf(room) }, roomId: room.room as RoomId };
  }
  const device = roster.devices.find((one) => one.device === scope.device);
  return device === undefined ? null : { place: { of: "camera", id: device.device as DeviceId, name: labelOf(device) }, roomId: device.room as RoomId };
}
