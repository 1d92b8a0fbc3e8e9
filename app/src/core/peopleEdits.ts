/**
 * @file The changes to a roster that are about people: letting in, putting out, who sees a room, who may do what, another hub.
 *
 * Each is a function from the roster that holds to the next one, so that it can be made again on top of somebody else's
 * change. `docs/spec/roster.md` says which keys must be new; every reader refuses a roster in which they are not.
 */
import type { Outcome } from "../domain/home";
import type { Reach, Role } from "../domain/people";
import { fail, succeed } from "../api/problem";
import type { Bytes } from "../crypto/bytes";
import type { HubIntroduction } from "../crypto/claim";
import type { Newcomer } from "../crypto/invite";
import type { Roster, RosterMember } from "../crypto/roster";
import type { RosterChange } from "../crypto/rosterWriting";
import { sealName } from "../crypto/sealedName";
import { makeIdentity, wrapIdentity, type KeyWrapJson, type SharedIdentity } from "../crypto/sharedIdentity";
import type { MakeChange } from "./household";

/** What the person who makes the change holds: all epochs of a scope, and names as they have opened them. */
export interface Holdings {
  readonly member: string;
  readonly identitiesOf: (scope: string) => readonly SharedIdentity[];
  readonly name: (label: Bytes) => string | null;
}

/** A roster on its way to the next one, with the keys that it needs. */
class Draft {
  readonly #roster: Roster;
  readonly #holdings: Holdings;
  readonly #identities: SharedIdentity[] = [];
  readonly #wraps: KeyWrapJson[] = [];
  #change: RosterChange = {};

  constructor(roster: Roster, holdings: Holdings) {
    this.#roster = roster;
    this.#holdings = holdings;
  }

  get roster(): Roster {
    return { ...this.#roster, ...this.#change };
  }

  with(change: RosterChange): void {
    this.#change = { ...this.#change, ...change };
  }

  /** A new key for a room unless its audience only grows by people who may see the past. */
  async setAudience(room: string, audience: readonly string[], reach: Reach): Promise<Outcome<void>> {
    const place = this.roster.rooms.find((one) => one.room === room);
    if (place === undefined) return fail("not-found");
    const newcomers = audience.filter((member) => !place.audience.includes(member));
    const somebodyLeft = place.audience.some((member) => !audience.includes(member));
    if (reach === "past" && newcomers.length > 0) {
      const held = this.#holdings.identitiesOf(room);
      if (!held.some(({ epoch }) => epoch === place.epoch)) return fail("not-allowed", "this device does not hold the room's key");
      for (const shared of held) await this.#wrapTo(shared, newcomers);
    }
    const isRenewed = somebodyLeft || (reach === "today" && newcomers.length > 0);
    const fresh = isRenewed ? await this.#renew(room, place.epoch + 1, audience) : { epoch: place.epoch, recipient: place.recipient };
    this.with({ rooms: this.roster.rooms.map((one) => (one.room === room ? { ...one, ...fresh, audience } : one)) });
    return succeed(undefined);
  }

  /** A new key for what all members share, and every name sealed anew to it. */
  async renewHousehold(): Promise<Outcome<void>> {
    const { roster } = this;
    const everybody = roster.members.map(({ member }) => member);
    const { epoch, recipient } = await this.#renew(roster.household, roster.epoch + 1, everybody);
    const relabel = async <T extends { readonly label: Bytes }>(one: T): Promise<T> => {
      const name = this.#holdings.name(one.label);
      // A name that cannot be read here stays as it is: it is lost to nobody who could read it.
      return name === null ? one : { ...one, label: await sealName(recipient, name) };
    };
    const [home, members, rooms, devices] = await Promise.all([
      relabel(roster),
      Promise.all(roster.members.map(relabel)),
      Promise.all(roster.rooms.map(relabel)),
      Promise.all(roster.devices.map(relabel)),
    ]);
    this.with({ epoch, recipient, label: home.label, members, rooms, devices });
    return succeed(undefined);
  }

  async wrapHousehold(member: string): Promise<Outcome<void>> {
    const { household, epoch } = this.roster;
    const shared = this.#holdings.identitiesOf(household).find((one) => one.epoch === epoch);
    if (shared === undefined) return fail("not-allowed", "this device does not hold the household's key");
    await this.#wrapTo(shared, [member]);
    return succeed(undefined);
  }

  done() {
    return succeed({ change: this.#change, identities: this.#identities, wraps: this.#wraps });
  }

  async #renew(scope: string, epoch: number, audience: readonly string[]): Promise<{ epoch: number; recipient: string }> {
    const shared = { scope, epoch, identity: await makeIdentity() };
    await this.#wrapTo(shared, audience);
    if (audience.includes(this.#holdings.member)) this.#identities.push(shared);
    return { epoch, recipient: shared.identity.recipient };
  }

  async #wrapTo(shared: SharedIdentity, members: readonly string[]): Promise<void> {
    const { household, members: known } = this.roster;
    const lines = known.filter(({ member }) => members.includes(member));
    this.#wraps.push(...(await Promise.all(lines.map((line) => wrapIdentity(shared, household, line)))));
  }
}

/** A change that starts from a draft and gives up at the first step that cannot be made. */
function drafted(holdings: Holdings, work: (draft: Draft) => Promise<Outcome<void>>): MakeChange {
  return async (roster) => {
    const draft = new Draft(roster, holdings);
    const done = await work(draft);
    return done.ok ? draft.done() : done;
  };
}

export interface Admission {
  readonly newcomer: Newcomer;
  readonly role: Role;
  readonly rooms: readonly string[];
  readonly reach: Reach;
}

export function letIn({ newcomer, role, rooms, reach }: Admission, holdings: Holdings): MakeChange {
  return drafted(holdings, async (draft) => {
    const { member, recipient, signingKey, name } = newcomer;
    const { members } = draft.roster;
    if (members.some((one) => one.member === member)) return fail("conflict", "they are in already");
    const line: RosterMember = { member, role, recipient, signingKey, label: await sealName(draft.roster.recipient, name) };
    draft.with({ members: [...members, line] });
    const wrapped = await draft.wrapHousehold(member);
    if (!wrapped.ok) return wrapped;
    for (const room of rooms) {
      const place = draft.roster.rooms.find((one) => one.room === room);
      if (place === undefined) continue; // it was removed since the invitation
      const set = await draft.setAudience(room, [...place.audience, member], reach);
      if (!set.ok) return set;
    }
    return succeed(undefined);
  });
}

export function putOut(member: string, holdings: Holdings): MakeChange {
  return drafted(holdings, async (draft) => {
    const { members, rooms } = draft.roster;
    const leaving = members.find((one) => one.member === member);
    if (leaving === undefined) return fail("not-found");
    const left = members.filter((one) => one.member !== member);
    if (!left.some(({ role }) => role === "owner")) return fail("not-allowed", "the last owner stays");
    draft.with({ members: left });
    for (const { room, audience } of rooms) {
      if (!audience.includes(member)) continue;
      const set = await draft.setAudience(room, audience.filter((one) => one !== member), "today");
      if (!set.ok) return set;
    }
    return draft.renewHousehold();
  });
}

/** One person and one room, so that two of these made at once do not undo each other. */
export function setSees(member: string, room: string, sees: boolean, reach: Reach, holdings: Holdings): MakeChange {
  return drafted(holdings, (draft) => {
    const place = draft.roster.rooms.find((one) => one.room === room);
    if (place === undefined || !draft.roster.members.some((one) => one.member === member)) return Promise.resolve(fail("not-found"));
    const others = place.audience.filter((one) => one !== member);
    return draft.setAudience(room, sees ? [...others, member] : others, reach);
  });
}

export function setRole(member: string, role: Role, holdings: Holdings): MakeChange {
  return drafted(holdings, (draft) => {
    const { members } = draft.roster;
    if (!members.some((one) => one.member === member)) return Promise.resolve(fail("not-found"));
    const changed = members.map((one) => (one.member === member ? { ...one, role } : one));
    if (!changed.some((one) => one.role === "owner")) return Promise.resolve(fail("not-allowed", "the last owner stays"));
    draft.with({ members: changed });
    return Promise.resolve(succeed(undefined));
  });
}

export function addHub({ hub, signingKey, recipient }: HubIntroduction, holdings: Holdings): MakeChange {
  return drafted(holdings, (draft) => {
    const { hubs } = draft.roster;
    if (hubs.some((one) => one.hub === hub)) return Promise.resolve(fail("conflict", "this hub is there already"));
    draft.with({ hubs: [...hubs, { hub, signingKey, recipient }] });
    return Promise.resolve(succeed(undefined));
  });
}
