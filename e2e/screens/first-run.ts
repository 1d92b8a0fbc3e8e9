/** @file Pictures of the first hour: code, name, password, kit, first camera. */

import type { Page } from "playwright-core";
import { parent } from "../harness/person.ts";
import { once, type Album } from "./album.ts";
import { button, en, field, heading } from "./controls.ts";
import type { House } from "./house.ts";

/** Ends where a first camera is asked for. Resolves to the kit's groups. */
export async function firstRun(album: Album, page: Page, house: House): Promise<readonly string[]> {
  album.section("First run");
  const oldCode = await house.claimCode();
  // A restart makes a new code: the old one is then truly out of date.
  await house.stopHub();
  await house.startHub();
  const code = await house.claimCode();

  await page.goto(`${house.origin}/#claim=${oldCode}`);
  await heading(page, en.firstRun.codeTitle).waitFor();
  await album.take(page, "claim-code", "The claim code, filled in from the printed address");
  await field(page, en.firstRun.codeLabel).fill("7K3");
  await button(page, en.common.next).click();
  await album.take(page, "claim-code-short", "A code that is not whole", once);
  await field(page, en.firstRun.codeLabel).fill(oldCode);
  await button(page, en.common.next).click();
  await field(page, en.firstRun.nameLabel).fill(parent.name);
  await album.take(page, "claim-name", "Who are you?");
  await button(page, en.common.next).click();
  await field(page, en.firstRun.passwordLabel).fill("sunshine");
  await button(page, en.firstRun.claim).click();
  await album.take(page, "claim-password-short", "A password that is too short", once);
  await field(page, en.firstRun.passwordLabel).fill(parent.password);
  await album.take(page, "claim-password", "A good password");
  await button(page, en.firstRun.claim).click();
  await page.getByRole("alert").waitFor({ timeout: 60_000 });
  await album.take(page, "claim-code-old", "A code from before the box was restarted", once);

  await field(page, en.firstRun.codeLabel).fill(code);
  await button(page, en.common.next).click();
  await button(page, en.common.next).click();
  await field(page, en.firstRun.passwordLabel).fill(parent.password);
  await button(page, en.firstRun.claim).click();
  await heading(page, en.kit.title).waitFor({ timeout: 60_000 });
  return kit(album, page, "kit", true);
}

/** From the kit on the screen to the kit on paper. */
export async function kit(album: Album, page: Page, name: string, isFirst: boolean): Promise<readonly string[]> {
  const list = page.getByLabel(en.kit.groupsLabel);
  await page.locator("[aria-busy=false]").first().waitFor();
  const groups = (await list.innerText()).match(/\b[0-9A-HJKMNP-TV-Z]{4}\b/g) ?? [];
  await album.take(page, name, isFirst ? "The recovery kit" : "A new recovery kit", isFirst ? {} : once);
  if (isFirst) {
    await page.emulateMedia({ media: "print" });
    await album.take(page, "kit-paper", "The recovery kit on paper", { sizes: ["desktop"], schemes: ["light"] });
    await page.emulateMedia({ media: "screen" });
  }
  await button(page, en.kit.written).click();
  await heading(page, en.kit.confirmTitle).waitFor();
  const fill = async (wrong: boolean): Promise<void> => {
    for (const [index, group] of groups.entries()) {
      const input = field(page, en.kit.confirmLabel(index + 1));
      if ((await input.count()) > 0) await input.fill(wrong ? "7777" : group);
    }
  };
  if (isFirst) {
    await album.take(page, "kit-confirm", "Two groups typed back from the paper");
    await fill(true);
    await button(page, en.kit.confirm).click();
    await album.take(page, "kit-confirm-wrong", "Groups that are not those of the kit", once);
  }
  await fill(false);
  await button(page, en.kit.confirm).click();
  if (isFirst) {
    await heading(page, en.firstRun.cameraTitle).waitFor({ timeout: 60_000 });
    await album.take(page, "first-camera", "The first camera");
  }
  return groups;
}
