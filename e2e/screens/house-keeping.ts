/** @file Pictures of rooms and settings. */

import type { Page } from "playwright-core";
import { once, type Album } from "./album.ts";
import { button, en, field, heading, open } from "./controls.ts";
import { kit } from "./first-run.ts";

export async function rooms(album: Album, page: Page): Promise<void> {
  album.section("Rooms");
  await open(page, "rooms");
  await heading(page, en.rooms.title).waitFor();
  await album.take(page, "rooms", "Rooms and cameras");
  await button(page, en.rooms.addRoom).click();
  await album.take(page, "rooms-add", "A new room", once);
  await field(page, en.rooms.roomName).fill("Attic");
  await button(page, en.common.save).click();
  await button(page, en.rooms.renameTitle("Attic")).waitFor();
  await album.take(page, "rooms-empty-room", "A room without cameras can be removed", once);
  await button(page, en.rooms.renameTitle("Cot")).click();
  await album.take(page, "rooms-rename", "Another name for a camera", once);
  await field(page, en.rooms.cameraName).fill("Shed");
  await button(page, en.common.save).click();
  await page.getByRole("alert").waitFor();
  await album.take(page, "rooms-name-taken", "A name that is taken", once);
  await button(page, en.common.cancel).click();
  await button(page, `${en.rooms.removeCamera}: Driveway`).click();
  await page.getByText(en.rooms.eraseToo).waitFor();
  await page.waitForTimeout(600);
  await album.take(page, "rooms-remove-camera", "Removing a camera: what becomes of its recordings?");
  await button(page, en.common.cancel).click();
  await page.getByRole("link", { name: en.rooms.setUp("Cot") }).click();
  await heading(page, en.addCamera.again("Cot")).waitFor();
  await album.take(page, "rooms-set-up", "Another address, password or sound for a camera", once);
  await button(page, en.common.back).click();
  await page.getByRole("link", { name: en.rooms.setUp(en.firstRun.demoName) }).click();
  await button(page, en.addCamera.isDemo).click();
  await heading(page, en.addCamera.soundTitle).waitFor();
  await album.take(page, "rooms-sound", "Should it record sound?", once);
  await page.getByRole("radio", { name: new RegExp(`^${en.addCamera.soundOff}`) }).check();
  await button(page, en.addCamera.change).click();
  await page.getByText(en.addCamera.changed(en.firstRun.demoName), { exact: true }).first().waitFor();
  await album.take(page, "rooms-changed", "A camera with new settings", { ...once, keepToast: true });
}

/** Resolves to the groups of the new kit: the old one is of no use any more. */
export async function settings(album: Album, page: Page): Promise<readonly string[]> {
  album.section("Settings");
  await open(page, "settings");
  await heading(page, en.settings.title).waitFor();
  await page.getByRole("meter").waitFor();
  await album.take(page, "settings", "Storage, looks, keys, and the way to security and devices", { whole: true });
  await page.keyboard.press("?");
  await heading(page, en.shortcuts.title).last().waitFor();
  await page.waitForTimeout(300);
  await album.take(page, "shortcuts", "The keys, behind “?”");
  await page.keyboard.press("Escape");
  await page.getByText(en.settings.licences, { exact: true }).click();
  await page.getByText(en.settings.licences, { exact: true }).scrollIntoViewIfNeeded();
  await album.take(page, "settings-about", "Versions and licences", once);
  await open(page, "activity");
  await page.getByText(en.activity.watched, { exact: true }).waitFor();
  await album.take(page, "activity", "What happened, and who watched");
  await open(page, "settings");
  await page.getByRole("link", { name: en.security.title }).click();
  await page.getByText(en.security.codes, { exact: true }).waitFor();
  await album.take(page, "security", "Ways in, and the second step", { whole: true });
  await button(page, en.security.changePassword).click();
  await field(page, en.firstRun.passwordLabel).fill("four words");
  await album.take(page, "settings-password", "A new password", once);
  await button(page, en.common.cancel).click();
  await button(page, `${en.security.setUpApp}: ${en.security.app}`).click();
  await page.getByRole("img", { name: en.security.appQr }).waitFor();
  await album.take(page, "security-app", "An authenticator app", once);
  await button(page, en.common.cancel).click();
  await page.getByRole("link", { name: en.security.makeKit }).click();
  await heading(page, en.kit.makeNewTitle).waitFor();
  const groups = await kit(album, page, "settings-new-kit", false);
  await page.getByText(en.kit.kept).first().waitFor();
  return groups;
}
