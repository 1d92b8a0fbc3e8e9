/** @file Lies to the hub: rosters that are not the owner's, and another history than it was told. */

import { eventually, expect } from "../harness/expect.ts";
import { digest, forge, ownIdentity, read } from "./forge.ts";
import { changing } from "./relay.ts";
import { CRIB, type Stage } from "./stage.ts";
import { attack, provedBy } from "./table.ts";

export function hub(on: () => Stage): void {
  const refusals = (): number => [...on().hub.output().matchAll(/offered a roster that is refused; the last good one stays/g)].length;
  const offers = async (rosters: unknown[]): Promise<void> => {
    const stage = on();
    const before = refusals();
    await stage.during(changing(/\/hub\/v1\/roster$/, (honest) => ({ ...honest, rosters })), async () => {
      stage.relay.tellHub({ type: "roster-changed" });
      await eventually("the roster is refused", 20_000, () => (refusals() > before ? true : null));
    });
  };

  attack.it(
    "a roster with a room key of the vault's own is not obeyed: nothing is sealed to it, and recording goes on",
    { row: "1.5", at: "hub", refusedBy: "the signature of an owner of the roster before", told: "on the hub's console: “The vault offered a list of people and keys that your owner did not sign”" },
    async () => {
      const stage = on();
      const before = stage.roster();
      const last = stage.rosters().at(-1);
      if (last === undefined) throw new Error("a home without a roster");
      const rooms = before.rooms.map((room) => ({ ...room, epoch: room.epoch + 1, recipient: ownIdentity.recipient }));
      const console = stage.hub.waitFor(/The vault offered a list of people and keys that your owner did not sign/);
      await offers([forge("roster", { ...read(last), version: before.version + 1, previous: digest(last), rooms })]);
      await console;
      await stage.recordsOn(CRIB);
      const newest = stage.recordings(CRIB).at(-1)?.claims;
      expect(newest?.roster === before.version && newest.epoch === before.rooms[0]?.epoch, "it obeys the roster of before");
      await stage.look(CRIB);
      await stage.rows().last().click();
      await eventually("the newest recording opens with the room's own key", 20_000, async () => ((await stage.isShown(CRIB)) ? true : null));
    },
  );

  attack.it(
    "older rosters and forks are not obeyed",
    { row: "9.12", at: "hub", refusedBy: "version and digest of the roster in force", told: "the hub's log" },
    async () => {
      const stage = on();
      const [, second] = stage.rosters();
      await offers([second]);
      await offers([forge("roster", { ...read(stage.rosters().at(-1)) })]);
    },
  );

  attack.it(
    "a vault that shows the hub another history than it confirmed gets nothing more until it is honest again, and nothing is lost",
    { row: "9.13", at: "hub", refusedBy: "the head that the hub remembers for each camera", told: "on the hub's console: “The vault shows another history of a camera than it had confirmed”" },
    async () => {
      const stage = on();
      const lie = changing(/\/hub\/v1\/devices\/[0-9a-f]+\/head$/, () => ({ head: { nextIndex: 1, digest: "d".repeat(64) } }));
      const taken = stage.recordings(CRIB).length;
      await stage.during(lie, async () => {
        await stage.restartHub();
        await stage.newRecording(false);
        await stage.hub.waitFor(/The vault shows another history of a camera than it had confirmed/, 60_000);
        expect(stage.recordings(CRIB).length === taken, "nothing is handed over");
      });
      stage.relay.cutHub(); // a vault that comes back is looked at anew at once
      await eventually("what waited is handed over", 90_000, () => (stage.recordings(CRIB).length > taken ? true : null));
      await stage.look(CRIB);
      expect((await stage.tab.page.getByRole("alert").count()) === 0, "no alarm");
    },
  );

  provedBy(
    "every entry of the hub is held against what it knows itself, step by step",
    { row: "1.6", at: "hub", told: "the hub's log" },
    "fork_rollback_and_stranger_leave_the_last_good_roster_in_force",
    "foreign_roster_with_the_vaults_room_key_is_refused_and_recording_goes_on",
    "replayed_and_forged_commands_make_the_hub_do_nothing",
    "command_out_of_time_is_refused",
    "command_is_obeyed_once_also_after_a_power_cut",
  );
}
