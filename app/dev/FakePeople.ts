/** @file Development only: made-up people, one open invitation and one person who asks to come in. */
import type { MemberId, Outcome, RoomId } from "../src/domain/home.ts";
import type { InviteId, InviteView, InviteWish, MadeInvite, PeopleModel, PeopleView, Role } from "../src/domain/people.ts";

const DAY_US = 86_400_000_000;
const ok = <T>(value: T): Outcome<T> => ({ ok: true, value });
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export class FakePeople implements PeopleModel {
  readonly #listeners = new Set<() => void>();
  readonly #tell: () => void;
  #view: PeopleView;
  #invites: readonly InviteView[];

  constructor(me: { readonly id: MemberId; readonly name: string }, rooms: readonly { readonly id: RoomId; readonly name: string }[], tell: () => void) {
    this.#tell = tell;
    const nowUs = Date.now() * 1000;
    const [nana, ben] = ["fake-nana" as MemberId, "fake-ben" as MemberId];
    this.#view = {
      people: [
        { id: me.id, name: me.name, role: "owner", isMe: true, sinceUs: nowUs - 90 * DAY_US, isLastOwner: true },
        { id: ben, name: "Ben", role: "adult", isMe: false, sinceUs: nowUs - 60 * DAY_US, isLastOwner: false },
        { id: nana, name: "Nana Rose", role: "guest", isMe: false, sinceUs: nowUs - 2 * DAY_US, isLastOwner: false },
      ],
      rooms: rooms.map((room, at) => ({ ...room, audience: at === 0 ? [me.id, ben, nana] : [me.id, ben], cameraCount: 1 })),
      canChange: true,
      hubCount: 1,
    };
    const wish: InviteWish = { role: "guest", rooms: rooms.slice(0, 1).map(({ id }) => id), reach: "today" };
    this.#invites = [
      { id: "fake-1" as InviteId, expiresUs: nowUs + 2 * DAY_US, isMine: true, wish, asked: { kind: "asks", name: "Uncle Teo", atUs: nowUs } },
      { id: "fake-2" as InviteId, expiresUs: nowUs + 3 * DAY_US, isMine: true, wish, asked: null },
    ];
  }

  view = (): PeopleView => this.#view;
  invites = async (): Promise<Outcome<readonly InviteView[]>> => {
    await wait(200);
    return ok(this.#invites);
  };
  onChange = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  async invite(): Promise<Outcome<MadeInvite>> {
    await wait(300);
    return ok({ id: "fake-3" as InviteId, link: "https://home.example/#join=7KQD-M2XW-9FTA-RJ4H-C6NY-WZ8P-3VGB-HE5K-TQ2M", expiresUs: Date.now() * 1000 + 3 * DAY_US });
  }
  cancelInvite = async (id: InviteId): Promise<Outcome<void>> => {
    await wait(200);
    this.#invites = this.#invites.filter((one) => one.id !== id);
    return ok(undefined);
  };
  letIn = (id: InviteId): Promise<Outcome<void>> => this.cancelInvite(id);
  putOut = async (id: MemberId): Promise<Outcome<void>> => {
    await wait(400);
    return this.#become({ ...this.#view, people: this.#view.people.filter((person) => person.id !== id) });
  };
  setSees = async (person: MemberId, room: RoomId, sees: boolean): Promise<Outcome<void>> => {
    await wait(300);
    const rooms = this.#view.rooms.map((one) => {
      const others = one.audience.filter((member) => member !== person);
      return one.id === room ? { ...one, audience: sees ? [...others, person] : others } : one;
    });
    return this.#become({ ...this.#view, rooms });
  };
  setRole = async (id: MemberId, role: Role): Promise<Outcome<void>> => {
    await wait(300);
    return this.#become({ ...this.#view, people: this.#view.people.map((one) => (one.id === id ? { ...one, role } : one)) });
  };
  async pairHub(): Promise<Outcome<void>> {
    await wait(500);
    return this.#become({ ...this.#view, hubCount: this.#view.hubCount + 1 });
  }
  lookAtInvitation: PeopleModel["lookAtInvitation"] = async () => {
    await wait(300);
    return ok({ inviterName: "Wilma", homeName: "", role: "guest", rooms: ["Garden"], reach: "today", expiresUs: Date.now() * 1000 + 3 * DAY_US });
  };
  join: PeopleModel["join"] = async () => {
    await wait(500);
    return ok(undefined);
  };
  stopWaiting = async (): Promise<Outcome<void>> => {
    await wait(200);
    return ok(undefined);
  };

  #become(view: PeopleView): Outcome<void> {
    this.#view = view;
    this.#tell();
    for (const listener of this.#listeners) listener();
    return ok(undefined);
  }
}
