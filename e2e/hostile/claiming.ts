/** @file Lies before anybody owns the hub: both ends know each other by the printed code, past the vault. */

import { expect } from "../harness/expect.ts";
import { en, parent } from "../harness/person.ts";
import { forge, ownIdentity, randomId, strangerKey } from "./forge.ts";
import { bodyOf, changing, type Json } from "./relay.ts";
import type { Stage } from "./stage.ts";
import { attack } from "./table.ts";

export function claiming(on: () => Stage): void {
  const introduction = (): Json => bodyOf(on().asked("POST", /\/hub\/v1\/pairing$/).at(-1) ?? { body: Buffer.from("{}") })["introduction"] as Json;

  attack.it(
    "a hub whose keys the vault has swapped gets no owner",
    { row: "1.1", at: "app", refusedBy: "the printed code: a MAC over the hub's keys", told: `“${en.problems["vault-not-believed"].what}”` },
    async () => {
      const stage = on();
      const lie = changing(/\/claim\/hub$/, (honest) => ({ ...honest, signingKey: strangerKey, recipient: ownIdentity.recipient }));
      await stage.during(lie, () =>
        stage.stranger(async (page) => {
          await page.goto(`${stage.relay.origin}/#claim=${stage.code}`);
          await page.reload();
          await page.getByRole("button", { name: en.common.next, exact: true }).click();
          await page.getByLabel(en.firstRun.nameLabel, { exact: true }).fill(parent.name);
          const next = page.getByRole("button", { name: en.common.next, exact: true });
          if (await next.isVisible()) await next.click();
          await page.getByLabel(en.firstRun.passwordLabel, { exact: true }).fill(parent.password);
          await page.getByRole("button", { name: en.firstRun.claim, exact: true }).click();
          await stage.told(en.problems["vault-not-believed"], page);
        }),
      );
      expect(stage.asked("POST", /\/claim\/(register|finish)$/).length === 0, "no account was made, and nothing sealed to the vault's key");
    },
  );

  attack.it(
    "an owner of the vault's own making is not obeyed by the hub",
    { row: "1.2", at: "hub", refusedBy: "the printed code: a MAC over the first roster", told: "the hub's log; the code still works" },
    async () => {
      const stage = on();
      const { hub, signingKey, recipient } = introduction();
      const member = randomId();
      const own = { member, role: "owner", recipient: ownIdentity.recipient, signingKey: strangerKey, label: "AAAA" };
      const roster = forge("roster", {
        household: randomId(),
        version: 1,
        previous: null,
        issuedUs: Date.now() * 1000,
        epoch: 1,
        recipient: ownIdentity.recipient,
        label: "AAAA",
        members: [own],
        hubs: [{ hub, signingKey, recipient }],
        rooms: [],
        devices: [],
      });
      stage.relay.tellHub({ type: "claimed", roster, mac: Buffer.alloc(32).toString("base64url") });
      await stage.hub.waitFor(/a claim was refused/);
      expect(!/The hub has an owner now/.test(stage.hub.output()), "it has no owner");
    },
  );
}
