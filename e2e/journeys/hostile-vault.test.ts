/**
 * @file The vault lies: each mistake that other makers of sealed storage made is tried here against the real app in a
 * real browser and the real hub, through a relay that lies in a real vault's place. At the end the table is printed.
 */

import { after, before, describe, it } from "node:test";
import { accounts } from "../hostile/accounts.ts";
import { claiming } from "../hostile/claiming.ts";
import { commands } from "../hostile/commands.ts";
import { formats } from "../hostile/formats.ts";
import { home } from "../hostile/home.ts";
import { hub } from "../hostile/hub.ts";
import { live } from "../hostile/live.ts";
import { recordings } from "../hostile/recordings.ts";
import { Stage } from "../hostile/stage.ts";
import { checkPage, print } from "../hostile/table.ts";
import { picture } from "../harness/browser.ts";

describe("a vault that lies", () => {
  let stage: Stage;
  const on = (): Stage => stage;

  before(async () => {
    stage = await Stage.set();
  });

  after(async () => {
    print();
    await picture(stage.tab.page, "hostile-vault-last").catch(() => undefined);
    await stage.strike();
  });

  describe("while the hub is claimed", () => claiming(on));
  it("is honest for a while: a claimed home with two cameras and some recordings", () => stage.live());
  describe("about rosters and keys", () => home(on));
  describe("about recordings", () => recordings(on));
  describe("about live pictures", () => live(on));
  describe("about commands", () => commands(on));
  describe("to the hub", () => hub(on));
  describe("to somebody who signs in", () => accounts(on));
  describe("in the formats", () => formats());
  it("is described as it is", checkPage);
});
