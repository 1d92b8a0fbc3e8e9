/** @file Development only: rules that change after a moment, and one made-up wish that waits. */
import type { EraseReach, HouseholdView, Outcome, RoomId } from "../src/domain/home.ts";
import { isLooser, type PendingId, type PendingView, type RoomRule, type RoomRules, type RulesModel } from "../src/domain/rules.ts";

const DAY_US = 86_400_000_000;
const ok = <T>(value: T): Outcome<T> => ({ ok: true, value });
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const nowUs = () => Date.now() * 1000;

export const FAKE_RULE: RoomRule = { continuousDays: 3, eventDays: 14, records: "always" };
export const fakeRules = (now: RoomRule = FAKE_RULE, signed: RoomRule = now): RoomRules => ({ now, signed, isWaiting: now !== signed });

/** A home in which something waits, a room is off, and another records only while armed. */
export function busyHouse(before: HouseholdView): HouseholdView {
  const [front, garden, living] = before.rooms;
  if (front === undefined || garden === undefined || living === undefined) return before;
  const longer = fakeRules(FAKE_RULE, { ...FAKE_RULE, continuousDays: 7 });
  const pending: PendingView[] = [
    { id: "p1" as PendingId, what: { kind: "on-again", place: { of: "room", id: living.id, name: living.name } }, roomId: living.id, byName: "Ben", isMine: false, effectiveUs: nowUs() + 480_000_000 },
    { id: "p2" as PendingId, what: { kind: "rules", room: { of: "room", id: garden.id, name: garden.name }, rules: longer }, roomId: garden.id, byName: "Ben", isMine: false, effectiveUs: nowUs() + DAY_US - 3_600_000_000 },
  ];
  return {
    ...before,
    rooms: [
      { ...front, rules: fakeRules({ ...FAKE_RULE, records: "when-armed" }) },
      { ...garden, rules: longer },
      { ...living, turnedOff: { by: ["Wilma"], isMine: true, sinceUs: nowUs() - 1_800_000_000, goesOnAtUs: pending[0]!.effectiveUs } },
    ],
    armed: { on: false, sinceUs: nowUs() - 7_200_000_000, byName: "Ben", isMine: false },
    pending,
  };
}

type Change = (change: (before: HouseholdView) => HouseholdView) => void;

export class FakeRules implements RulesModel {
  readonly #change: Change;

  constructor(change: Change) {
    this.#change = change;
  }

  reach = async (_room: RoomId, to: RoomRule): Promise<Outcome<EraseReach>> => {
    await wait(400);
    const count = Math.max(0, FAKE_RULE.continuousDays - to.continuousDays) * 1440 * 2;
    return ok({ recordingCount: count, durationMs: count * 60_000, sizeBytes: count * 4_200_000, span: count === 0 ? null : { fromUs: nowUs() - 3 * DAY_US, toUs: nowUs() - to.continuousDays * DAY_US } });
  };
  setRule = async (room: RoomId, seen: RoomRules, to: RoomRule): Promise<Outcome<void>> => {
    await wait(400);
    const isWaiting = isLooser(seen.now, to);
    this.#change((before) => ({
      ...before,
      rooms: before.rooms.map((one) => (one.id === room ? { ...one, rules: isWaiting ? fakeRules(seen.now, to) : fakeRules(to) } : one)),
      pending: [
        ...before.pending.filter(({ what }) => what.kind !== "rules" || what.room.id !== room),
        ...(isWaiting ? [{ id: `rule-${room}` as PendingId, what: { kind: "rules" as const, room: { of: "room" as const, id: room, name: before.rooms.find(({ id }) => id === room)?.name ?? "" }, rules: fakeRules(seen.now, to) }, roomId: room, byName: "Wilma", isMine: true, effectiveUs: nowUs() + DAY_US }] : []),
      ],
    }));
    return ok(undefined);
  };
  turnRoom = async (room: RoomId, isOn: boolean): Promise<Outcome<void>> => {
    await wait(300);
    const turnedOff = isOn ? null : { by: ["Wilma"], isMine: true, sinceUs: nowUs(), goesOnAtUs: null };
    this.#change((before) => ({
      ...before,
      rooms: before.rooms.map((one) => (one.id === room ? { ...one, turnedOff } : one)),
      cameras: before.cameras.map((one) => (one.roomId === room ? { ...one, turnedOff, state: isOn ? { kind: "recording" } : { kind: "unreachable", sinceUs: nowUs(), cause: "turned-off" } } : one)),
    }));
    return ok(undefined);
  };
  arm = async (on: boolean): Promise<Outcome<void>> => {
    await wait(300);
    this.#change((before) => ({ ...before, armed: { on, sinceUs: nowUs(), byName: before.memberName, isMine: true } }));
    return ok(undefined);
  };
  stop = async (id: PendingId): Promise<Outcome<void>> => {
    await wait(300);
    this.#change((before) => ({ ...before, pending: before.pending.filter((one) => one.id !== id) }));
    return ok(undefined);
  };
}
