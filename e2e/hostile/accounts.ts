/** @file Lies to somebody who signs in in a browser that knows nothing yet, and what the vault gets to see of secrets. */

import type { Page } from "playwright-core";
import { Searcher, searchBytes, word } from "../harness/forensics.ts";
import { expect } from "../harness/expect.ts";
import { en, parent } from "../harness/person.ts";
import { forge, randomId, read, strangerKey } from "./forge.ts";
import { bodyOf, changing, type Json, type Lie } from "./relay.ts";
import { CRIB, DOOR, type Stage } from "./stage.ts";
import { attack } from "./table.ts";

const reason = en.problems["vault-not-believed"];
const TOLD = `“${reason.what}”`;
const NEW_PASSWORD = "seven copper kettles in the rain";

async function signOut(page: Page): Promise<void> {
  await page.getByRole("link", { name: en.nav.settings }).first().click();
  await page.getByRole("button", { name: en.settings.signOut, exact: true }).click();
  await page.getByRole("heading", { name: en.signIn.title }).waitFor();
}

export function accounts(on: () => Stage): void {
  const made = (): Json => bodyOf(on().asked("POST", /\/claim\/finish$/).at(-1) as never);
  /** The answer that hands out the wrapped secret: of the first step in a browser that is known, of the second elsewhere. */
  const finishing = (change: (honest: Json) => Json): Lie =>
    changing(/\/login\/(finish|second)$/, (honest) => (honest["state"] === "signed-in" ? change(honest) : honest));

  const refused = async (page: Page, lie: Lie, refusal: string): Promise<void> => {
    const stage = on();
    await stage.during(lie, async () => {
      await stage.typePassword(page);
      await stage.told(reason, page, refusal);
    });
  };

  attack.it(
    "weaker rules for the password stop the sign-in before anything is sent",
    { row: "10.1", at: "app", refusedBy: "the rules are constants of the app; a preset that it does not know is refused", told: TOLD },
    () =>
      on().stranger(async (page) => {
        const before = on().asked("POST", /\/login\/finish$/).length;
        for (const ksfPreset of [0, 2]) await refused(page, changing(/\/login\/start$/, (honest) => ({ ...honest, ksfPreset })), "unknown-preset");
        expect(on().asked("POST", /\/login\/finish$/).length === before, "no proof of the password was sent");
      }),
  );

  attack.it(
    "a secret that was wrapped for the kit, for another member or another home does not open with the password",
    { row: "4.2", at: "app", refusedBy: "household, member and way are bound into the wrapped secret", told: TOLD },
    () =>
      on().stranger(async (page) => {
        const kit = made()["kit"] as Json;
        await refused(page, finishing((honest) => ({ ...honest, wrapped: kit })), "wrong-scope");
        await refused(page, finishing((honest) => ({ ...honest, wrapped: { ...kit, way: "password" } })), "does-not-open");
        await refused(page, finishing((honest) => ({ ...honest, member: randomId() })), "does-not-open");
        await refused(page, finishing((honest) => ({ ...honest, household: randomId() })), "does-not-open");
      }),
  );

  attack.it(
    "a home that the vault has made up is not shown, also to a browser that knows nothing yet",
    { row: "1.7", at: "app", refusedBy: "the member's own key signs the first roster", told: TOLD },
    () =>
      on().stranger((page) => {
        const first = read(on().rosters()[0]);
        const members = (first["members"] as Json[]).map((member) => ({ ...member, signingKey: strangerKey }));
        return refused(page, changing(/\/api\/v1\/roster$/, (honest) => ({ ...honest, rosters: [forge("roster", { ...first, members })] })), "not-signed-by-trusted");
      }),
  );

  attack.it(
    "the answer from when the account was made does not work as the answer to a sign-in",
    { row: "2.3", at: "app", refusedBy: "the secret is wrapped under what this password gives now", told: TOLD },
    () =>
      on().stranger(async (page) => {
        const stage = on();
        // In a browser that is known, the kit alone is enough for a new password.
        await stage.signInAgain(page);
        await signOut(page);
        await page.getByRole("button", { name: en.signIn.useKit, exact: true }).click();
        await page.getByLabel(en.signIn.nameLabel, { exact: true }).fill(parent.name);
        await page.getByLabel(en.signIn.kitLabel, { exact: true }).fill(stage.kit.join("-"));
        await page.getByRole("button", { name: en.common.next, exact: true }).click();
        await page.getByRole("heading", { name: en.signIn.newPasswordTitle }).waitFor({ timeout: 60_000 });
        await page.getByLabel(en.firstRun.passwordLabel, { exact: true }).fill(NEW_PASSWORD);
        await page.getByRole("button", { name: en.signIn.newPasswordSave, exact: true }).click();
        await page.getByRole("heading", { name: en.home.title }).waitFor({ timeout: 60_000 });
        await signOut(page);
        const { password: wrapped, member } = made();
        await stage.during(finishing((honest) => ({ ...honest, member, wrapped })), async () => {
          await stage.typePassword(page, NEW_PASSWORD);
          await stage.told(reason, page, "does-not-open");
        });
      }),
  );

  attack.it(
    "what stands behind the # of an address, kit, passwords and names never reach the vault",
    { row: "12.1", at: "app", refusedBy: "they never leave the browser, or leave it sealed", told: "" },
    () => {
      const stage = on();
      const groups = [stage.code, stage.code.replaceAll("-", ""), stage.kit.join("-"), stage.kit.join("")];
      const words = [...groups, parent.password, NEW_PASSWORD, parent.name, CRIB, DOOR, "Nursery", stage.camera.password];
      const said = Buffer.concat(stage.relay.asked.flatMap(({ path, headers, body }) => [Buffer.from(`${path} ${JSON.stringify(headers)} `), body]));
      const { finds } = searchBytes("what app and hub sent", said, new Searcher(words.flatMap(word)));
      expect(finds.length === 0, JSON.stringify(finds));
      return Promise.resolve();
    },
  );
}
