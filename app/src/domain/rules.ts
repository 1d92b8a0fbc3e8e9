/** @file The rules of a room and what waits to become looser, as the screens see them, and the part of the seam that changes them. */
import type { DeviceId, EraseReach, Outcome, RoomId, TimeUs } from "./home.ts";

/** "when-armed": its cameras send nothing while the home is not armed. */
export type Records = "always" | "when-armed";

export interface RoomRule {
  /** How many days what is recorded all the time is kept. */
  readonly continuousDays: number;
  /** The same for what is recorded because something happened. */
  readonly eventDays: number;
  readonly records: Records;
}

export interface RoomRules {
  /** What the hub keeps to. */
  readonly now: RoomRule;
  /** What is signed: looser than `now` while it waits, or after it was stopped. */
  readonly signed: RoomRule;
  readonly isWaiting: boolean;
}

export interface ArmedView {
  readonly on: boolean;
  readonly sinceUs: TimeUs;
  /** null: it was so from the beginning, or by somebody who is not in any more. */
  readonly byName: string | null;
  readonly isMine: boolean;
}

export type Place =
  | { readonly of: "home" }
  | { readonly of: "room"; readonly id: RoomId; readonly name: string }
  | { readonly of: "camera"; readonly id: DeviceId; readonly name: string };

export type PendingId = string & { readonly pendingId: true };

/** Something that becomes looser unless somebody stops it. */
export interface PendingView {
  readonly id: PendingId;
  readonly what: { readonly kind: "on-again"; readonly place: Place } | { readonly kind: "rules"; readonly room: Extract<Place, { of: "room" }>; readonly rules: RoomRules };
  readonly roomId: RoomId | null;
  /** null: somebody who is not in any more. */
  readonly byName: string | null;
  readonly isMine: boolean;
  readonly effectiveUs: TimeUs;
}

/** Each is one signed document; who may not is refused by every hub, whatever the app shows. */
export interface RulesModel {
  /** What `to` erases of what is stored already, as far as this person may see it. */
  reach(room: RoomId, to: RoomRule): Promise<Outcome<EraseReach>>;
  /** Owners. `seen` is what was on the screen: if something else holds by now, nothing is changed. */
  setRule(room: RoomId, seen: RoomRules, to: RoomRule): Promise<Outcome<void>>;
  /** All cameras of a room off, or on again. What others turned off goes on ten minutes later. */
  turnRoom(room: RoomId, isOn: boolean): Promise<Outcome<void>>;
  arm(on: boolean): Promise<Outcome<void>>;
  /** Keeps things as they are. */
  stop(id: PendingId): Promise<Outcome<void>>;
}

export const LIFETIME_DAYS = [1, 2, 3, 5, 7, 14, 30, 60, 90, 180, 365] as const;

export function isSameRule(a: RoomRule, b: RoomRule): boolean {
  return a.continuousDays === b.continuousDays && a.eventDays === b.eventDays && a.records === b.records;
}

/** What a change of one part of the rules starts from: what was asked for and waits stays asked for, what was stopped does not come back. */
export function askedRule({ now, signed, isWaiting }: RoomRules): RoomRule {
  return isWaiting ? signed : now;
}

/** Whether `to` keeps something longer or records more than `now`: then it waits, and can be stopped. */
export function isLooser(now: RoomRule, to: RoomRule): boolean {
  return to.continuousDays > now.continuousDays || to.eventDays > now.eventDays || (now.records === "when-armed" && to.records === "always");
}
