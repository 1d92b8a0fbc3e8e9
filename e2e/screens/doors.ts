/** @file Pictures of coming back: password, kit, too many tries, and a session that was ended from elsewhere. */

import type { Browser, Page } from "playwright-core";
import { visit } from "../harness/browser.ts";
import { parent, signIn } from "../harness/person.ts";
import { once, type Album } from "./album.ts";
import { button, en, field, heading, open } from "./controls.ts";

const TRIES_MAX = 30;

async function tryPassword(page: Page, name: string, password: string): Promise<void> {
  await field(page, en.signIn.nameLabel).fill(name);
  await field(page, en.signIn.passwordLabel).fill(password);
  await button(page, en.signIn.submit).click();
}

export async function signingIn(album: Album, browser: Browser, origin: string, kit: readonly string[]): Promise<void> {
  album.section("Coming back");
  const { page, close } = await visit(browser, origin);
  await page.goto(origin);
  await field(page, en.signIn.nameLabel).waitFor();
  await album.take(page, "sign-in", "Sign in");
  await tryPassword(page, parent.name, "not the right password");
  await page.getByRole("alert").waitFor({ timeout: 60_000 });
  await album.take(page, "sign-in-wrong", "A wrong name or password", once);
  await tryPassword(page, parent.name, parent.password);
  await heading(page, en.signIn.second.title).or(field(page, en.signIn.kitLabel)).first().waitFor({ timeout: 60_000 });
  await album.take(page, "sign-in-new-browser", "A new browser asks for one more proof", once);
  // With the kit alone only a browser comes back that was signed in before.
  await page.reload();
  await signIn(page, parent, kit);
  await open(page, "settings");
  await button(page, en.settings.signOut).click();
  await field(page, en.signIn.nameLabel).waitFor();
  await button(page, en.signIn.useKit).click();
  await field(page, en.signIn.nameLabel).fill(parent.name);
  await field(page, en.signIn.kitLabel).fill(kit.map((group, i) => (i === 3 ? "2222" : group)).join(" "));
  await album.take(page, "sign-in-kit", "With the recovery kit");
  await button(page, en.common.next).click();
  await page.getByRole("alert").waitFor({ timeout: 60_000 });
  await album.take(page, "sign-in-kit-mistyped", "A typing mistake in the kit", once);
  await field(page, en.signIn.kitLabel).fill(kit.join(" "));
  await button(page, en.common.next).click();
  await heading(page, en.signIn.newPasswordTitle).waitFor({ timeout: 60_000 });
  await field(page, en.firstRun.passwordLabel).fill(parent.password);
  await album.take(page, "new-password", "After the kit: a new password");
  await button(page, en.signIn.newPasswordSave).click();
  await heading(page, en.home.title).waitFor({ timeout: 60_000 });
  await close();
}

/** A session ended from another device says so where it was. */
export async function ended(album: Album, browser: Browser, origin: string, page: Page, kit: readonly string[]): Promise<void> {
  const other = await visit(browser, origin);
  await other.page.goto(origin);
  await signIn(other.page, parent, kit);
  await open(page, "settings");
  await page.getByRole("link", { name: en.devices.open }).click();
  await heading(page, en.devices.title).waitFor();
  const end = button(page, /^End the session of/).first();
  await end.waitFor({ timeout: 60_000 });
  await album.take(page, "settings-sessions", "Another device that is signed in", once);
  await end.click();
  await page.getByText(en.devices.ended(1), { exact: true }).first().waitFor();
  await other.page.getByText(en.signIn.reasons.ended).waitFor({ timeout: 30_000 });
  await album.take(other.page, "sign-in-ended", "A session that was ended from another device", once);
  await other.close();
}

/** Last of all: whoever tries too often waits. */
export async function throttled(album: Album, browser: Browser, origin: string): Promise<void> {
  const { page, close } = await visit(browser, origin);
  await page.goto(origin);
  await field(page, en.signIn.nameLabel).waitFor();
  const isThrottled = page.getByText(en.problems["too-many-tries"].what);
  for (let i = 0; i < TRIES_MAX && !(await isThrottled.isVisible()); i += 1) {
    await tryPassword(page, "somebody else", `guess number ${String(i)}`);
    await page.locator("button[type=submit]:not([aria-busy])").waitFor({ timeout: 60_000 });
  }
  await isThrottled.waitFor({ timeout: 5_000 });
  await album.take(page, "sign-in-throttled", "Too many tries", once);
  await close();
}
