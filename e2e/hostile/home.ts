/** @file Lies about who is in the home, and with which keys: rosters and keys of rooms. */

import { eventually, expect } from "../harness/expect.ts";
import { en } from "../harness/person.ts";
import { digest, forge, ownIdentity, randomId, read, strangerKey, wrapOwn } from "./forge.ts";
import { changing, type Json, type Lie } from "./relay.ts";
import { CRIB, type Roster, type Stage } from "./stage.ts";
import { attack } from "./table.ts";

const reason = en.problems["vault-not-believed"];
const TOLD = `“${reason.what}”`;

/** Every version from `from` on, the last one changed and signed by the vault. */
function forgedLast(stage: Stage, change: (roster: Json) => Json): Lie {
  return changing(/\/api\/v1\/roster$/, (honest, asked) => {
    const all = stage.rosters();
    const from = Number(/from=(\d+)/.exec(asked.path)?.[1] ?? 1);
    return { ...honest, rosters: [...all.slice(0, -1), forge("roster", change(read(all.at(-1))))].slice(from - 1) };
  });
}

const wraps = (change: (wraps: Json[]) => unknown[]): Lie => changing(/\/api\/v1\/roster$/, (honest) => ({ ...honest, keyWraps: change(honest["keyWraps"] as Json[]) }));

export function home(on: () => Stage): void {
  /** At the door, the right password is typed and does not help: the reason is said again. */
  const refusesAtTheDoor = async (lie: Lie, refusal: string): Promise<void> => {
    const stage = on();
    const { page } = stage.tab;
    await stage.during(lie, async () => {
      const before = stage.asked("GET", /\/api\/v1\/roster/).length;
      await stage.typePassword(page);
      await eventually("the app to ask for the home", 30_000, () => (stage.asked("GET", /\/api\/v1\/roster/).length > before ? true : null));
      await page.getByRole("button", { name: en.signIn.submit, exact: true }).waitFor();
      await stage.told(reason, page, refusal);
    });
  };

  attack.it(
    "a roster with a room key of the vault's own is not used, and the keys in the browser are dropped",
    { row: "1.3", at: "app", refusedBy: "the owner's signature on the roster", told: TOLD },
    async () => {
      const stage = on();
      const lie = forgedLast(stage, (roster) => ({ ...roster, rooms: (roster["rooms"] as Json[]).map((room) => ({ ...room, recipient: ownIdentity.recipient })) }));
      await stage.during(lie, async () => {
        await stage.tab.page.goto(stage.relay.origin);
        await stage.told(reason, stage.tab.page, "not-signed-by-trusted");
      });
    },
  );

  attack.it(
    "the same to somebody who signs in with the right password",
    { row: "1.4", at: "app", refusedBy: "the owner's signature on the roster", told: TOLD },
    () => refusesAtTheDoor(forgedLast(on(), (roster) => ({ ...roster, rooms: [] })), "not-signed-by-trusted"),
  );

  attack.it(
    "a room key of the vault's own making is not used",
    { row: "2.1", at: "app", refusedBy: "the room's recipient in the signed roster", told: TOLD },
    async () => {
      const stage = on();
      const { household, members, rooms } = stage.roster();
      const [me, room] = [members[0], rooms[0]];
      if (me === undefined || room === undefined) throw new Error("a home without anybody");
      const own = await wrapOwn(room.room, room.epoch, household, me);
      await refusesAtTheDoor(wraps((all) => all.map((one) => (one["scope"] === room.room ? own : one))), "wrong-recipient");
    },
  );

  attack.it(
    "the key of one room is not used for another",
    { row: "4.1", at: "app", refusedBy: "household, room, epoch and member inside the sealed key", told: TOLD },
    () => {
      const [first, second] = on().roster().rooms.map(({ room }) => room);
      const swap = (one: Json): Json => ({ ...one, scope: one["scope"] === first ? second : one["scope"] === second ? first : one["scope"] });
      return refusesAtTheDoor(wraps((all) => all.map(swap)), "wrong-scope");
    },
  );

  attack.it(
    "a key that is held back is missed",
    { row: "2.2", at: "app", refusedBy: "the signed roster says what this member may open", told: TOLD },
    () => {
      const [room] = on().roster().rooms.map((one) => one.room);
      return refusesAtTheDoor(wraps((all) => all.filter(({ scope }) => scope !== room)), "no-key");
    },
  );

  attack.it(
    "yesterday's roster is a rollback, also for somebody who signs in anew in the same browser",
    { row: "9.8", at: "app", refusedBy: "the highest roster that this browser has seen", told: TOLD },
    () => refusesAtTheDoor(changing(/\/api\/v1\/roster$/, (honest) => ({ ...honest, rosters: (honest["rosters"] as Json[]).slice(0, -1) })), "rolled-back"),
  );

  attack.it(
    "a roster that skips a version is not used",
    { row: "9.9", at: "app", refusedBy: "each roster names the one before", told: TOLD },
    () => refusesAtTheDoor(changing(/\/api\/v1\/roster$/, (honest) => ({ ...honest, rosters: (honest["rosters"] as Json[]).filter((_, i) => i !== 1) })), "wrong-version"),
  );

  attack.it(
    "a recovery member that the vault adds while somebody is signed in gets no key",
    { row: "11.1", at: "app", refusedBy: "the owner's signature on the roster", told: `${TOLD}, at once` },
    async () => {
      const stage = on();
      const { page } = stage.tab;
      await stage.signInAgain(page);
      const before = stage.roster() as unknown as Json & Roster;
      const member = randomId();
      const escrow = { member, role: "owner", recipient: ownIdentity.recipient, signingKey: strangerKey, label: "AAAA" };
      const rooms = before.rooms.map((room) => ({ ...room, audience: [...((room as unknown as Json)["audience"] as string[]), member] }));
      const last = stage.rosters().at(-1);
      const forged = forge("roster", { ...before, version: before.version + 1, previous: last === undefined ? null : digest(last), members: [...before.members, escrow], rooms });
      const lie = changing(/\/api\/v1\/roster$/, (honest) => ({ ...honest, rosters: [forged] }));
      await stage.during(lie, async () => {
        stage.relay.tellApp({ event: "roster", version: before.version + 1, digest: digest(forged) });
        await stage.told(reason, page, "not-signed-by-trusted");
      });
      expect(stage.rosters().length === before.version, "nothing was signed or wrapped for it");
      await stage.signInAgain(page);
      await stage.look(CRIB);
    },
  );
}
