/** @file Changing what holds at home: the rules of a room, its cameras off and on, armed or not, and keeping things as they are. */
import { DAY_US } from "../domain/clock";
import type { EraseReach, Outcome } from "../domain/home";
import { askedRule, isSameRule, type RoomRule, type RoomRules, type RulesModel } from "../domain/rules";
import { fail, succeed } from "../api/problem";
import { signArm, signStop } from "../crypto/command";
import type { RosterRoom } from "../crypto/roster";
import { erasable, reachOf, type ErasableRecording } from "./erase";
import { ruleOf, rulesOf } from "./houseRules";
import type { MakeChange } from "./household";
import type { Inside } from "./inside";
import type { Session } from "./session";
import { give, turnRoom } from "./turning";

const DAYS_MAX = 3650;

export function rulesModel(session: Session): RulesModel {
  const within = <T>(act: (inside: Inside) => Promise<Outcome<T>>): Promise<Outcome<T>> =>
    session.inside === null ? Promise.resolve(fail("signed-out")) : act(session.inside);
  return {
    reach: (room, to) => within((inside) => reach(inside, room, to)),
    setRule: (room, seen, to) => within((inside) => setRule(inside, room, seen, to)),
    turnRoom: (room, isOn) => within((inside) => turnRoom(inside, room, isOn)),
    arm: (on) => within((inside) => give(inside, (by, nowUs) => signArm(by, nowUs, on))),
    stop: (id) =>
      within((inside) => {
        const waiting = inside.homes.waiting.find((one) => one.id === id);
        return waiting === undefined ? Promise.resolve(fail("not-waiting")) : give(inside, (by, nowUs) => signStop(by, nowUs, waiting.what));
      }),
  };
}

function known({ household, homes }: Inside, id: string): { readonly room: RosterRoom; readonly rules: RoomRules } | null {
  const room = household.roster.rooms.find((one) => one.room === id);
  return room === undefined ? null : { room, rules: rulesOf({ chain: household.chain, homes }, room) };
}

async function setRule(inside: Inside, id: string, seen: RoomRules, to: RoomRule): Promise<Outcome<void>> {
  if (inside.household.me.role !== "owner") return fail("not-allowed");
  const now = known(inside, id);
  if (now === null) return fail("not-found");
  const isStale = !isSameRule(now.rules.now, seen.now) || !isSameRule(now.rules.signed, seen.signed) || now.rules.isWaiting !== seen.isWaiting;
  if (isStale) return fail("conflict");
  const { signed } = now.rules;
  // A wish that was stopped is still signed. Signed once more it would be no change, so it is taken back first.
  const isStopped = !isSameRule(askedRule(now.rules), signed);
  if (isStopped && isSameRule(signed, to)) {
    const back = await inside.edit(changeRule(id, signed, now.rules.now));
    return back.ok ? inside.edit(changeRule(id, now.rules.now, to)) : back;
  }
  return inside.edit(changeRule(id, signed, to));
}

/** Only while `before` is still what is signed: what somebody else just changed is not written over. */
export function changeRule(id: string, before: RoomRule, to: RoomRule): MakeChange {
  return (roster) => {
    const room = roster.rooms.find((one) => one.room === id);
    if (room === undefined) return Promise.resolve(fail("not-found"));
    if (!isSameRule(ruleOf(room), before)) return Promise.resolve(fail("conflict"));
    const { continuousDays, eventDays, records } = to;
    if (![continuousDays, eventDays].every((days) => Number.isInteger(days) && days >= 1 && days <= DAYS_MAX)) return Promise.resolve(fail("unexpected", "days"));
    const changed: RosterRoom = { ...room, lifetimes: { continuousDays, eventDays }, records: records === "always" ? null : records };
    return Promise.resolve(succeed({ change: { rooms: roster.rooms.map((one) => (one.room === id ? changed : one)) }, identities: [], wraps: [] }));
  };
}

/** What is stored of the room's cameras and would be past its time at once. */
async function reach(inside: Inside, id: string, to: RoomRule): Promise<Outcome<EraseReach>> {
  const now = known(inside, id);
  if (now === null) return fail("not-found");
  const before = now.rules.now;
  const nowUs = inside.tools.nowUs();
  const shortened = [
    ...(to.continuousDays < before.continuousDays ? [{ of: "continuous", untilUs: nowUs - to.continuousDays * DAY_US }] : []),
    ...(to.eventDays < before.eventDays ? [{ of: "event", untilUs: nowUs - to.eventDays * DAY_US }] : []),
  ];
  const isReached = ({ link }: ErasableRecording): boolean => link.room === id && shortened.some(({ of, untilUs }) => link.class === of && link.endUs <= untilUs);
  const untilUs = Math.max(...shortened.map((one) => one.untilUs));
  const reached: ErasableRecording[] = [];
  for (const { device } of shortened.length === 0 ? [] : inside.household.roster.devices.filter(({ room }) => room === id)) {
    const chain = inside.chain(device);
    const ends = await chain.ends();
    if (!ends.ok) return ends;
    const fromUs = ends.value?.first.link.startUs ?? untilUs;
    if (fromUs >= untilUs) continue;
    const stretch = await chain.read({ fromUs, toUs: untilUs });
    if (!stretch.ok) return stretch;
    reached.push(...erasable(stretch.value.links).filter(isReached));
  }
  return succeed(reachOf(reached));
}
