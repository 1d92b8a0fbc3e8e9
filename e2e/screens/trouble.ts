/** @file Pictures of what goes wrong around the app: a camera, the hub or the vault away, and a vault that hides a recording. */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { startCamera, type Camera } from "../harness/camera.ts";
import { pictureMoves } from "../harness/person.ts";
import { run } from "../harness/process.ts";
import { once, type Album } from "./album.ts";
import { button, en, heading, open } from "./controls.ts";
import type { House } from "./house.ts";
import { backUntil, openCamera } from "./living.ts";

/** Switches a camera off, looks, and switches it on again at the same port. */
export async function cameraAway(album: Album, page: Page, camera: Camera): Promise<Camera> {
  await camera.process.stop();
  await open(page, "home");
  await page.getByText(en.state.away("").trim(), { exact: false }).first().waitFor({ timeout: 90_000 });
  await page.waitForTimeout(1_000);
  await album.take(page, "home-camera-away", "A camera that does not answer", { settleMs: 2_500 });
  await openCamera(page, "Cot");
  await page.getByText(en.camera.waiting("").trim(), { exact: false }).first().waitFor({ timeout: 60_000 });
  await album.take(page, "camera-away", "The page of a camera that does not answer", once);
  const again = await startCamera({ clip: "small", audio: "aac", port: camera.port });
  await open(page, "home");
  await page.getByText(en.state.away("").trim(), { exact: false }).first().waitFor({ state: "hidden", timeout: 120_000 });
  return again;
}

export async function nothingThere(album: Album, page: Page, house: House): Promise<void> {
  album.section("When something is away");
  await page.goto(`${house.origin}/camera/no-such-camera`);
  await heading(page, en.notFound.title).waitFor();
  await album.take(page, "not-found", "An address that leads nowhere", once);
}

export async function hubAway(album: Album, page: Page, house: House): Promise<void> {
  await open(page, "home");
  await pictureMoves(page);
  await house.stopHub();
  await page.getByText("Your hub has not answered since", { exact: false }).waitFor({ timeout: 60_000 });
  await page.waitForTimeout(4_000);
  await album.take(page, "home-hub-away", "The hub does not answer", { settleMs: 2_000 });
  await house.startHub();
  await page.getByText("Your hub has not answered since", { exact: false }).waitFor({ state: "hidden", timeout: 60_000 });
}

export async function waitOffline(album: Album, page: Page): Promise<void> {
  await page.context().setOffline(true);
  await page.getByText(en.connection.offline).waitFor();
  await album.take(page, "offline", "This device is offline", once);
  await page.context().setOffline(false);
  await page.getByText(en.connection.offline).waitFor({ state: "hidden", timeout: 60_000 });
}

export async function vaultAway(album: Album, page: Page, house: House): Promise<void> {
  await house.cutVault();
  await page.getByText(en.connection.reconnecting).waitFor({ timeout: 60_000 });
  await album.take(page, "reconnecting", "The vault does not answer any more", once);
  // The app opens from what this device keeps of it.
  await page.reload();
  await heading(page, en.starting.unreachableTitle).waitFor({ timeout: 60_000 });
  await album.take(page, "unreachable", "The vault did not answer at all");
  await house.startVault();
  await button(page, en.common.tryAgain).click();
  await heading(page, en.home.title).waitFor({ timeout: 60_000 });
}

const HIDE = `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
rows = db.execute("SELECT idx FROM link WHERE device = ? ORDER BY idx", (sys.argv[2],)).fetchall()
db.execute("DELETE FROM link WHERE device = ? AND idx = ?", (sys.argv[2], rows[len(rows) // 2][0]))
db.commit()
`;

/** A vault whose operator takes one recording out of the list. */
export async function alarm(album: Album, page: Page, house: House, name: string): Promise<void> {
  album.section("When the vault lies");
  await openCamera(page, name);
  const device = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  await house.cutVault();
  const files = readdirSync(house.vaultFolder, { recursive: true, encoding: "utf8" });
  const database = files.find((file) => /\.(db|sqlite3?)$/.test(file)) ?? "";
  await run("/usr/bin/python3", ["-c", HIDE, join(house.vaultFolder, database), device]).finally(() => house.startVault());
  await page.reload();
  const timeline = page.getByRole("slider", { name: en.timeline.label(name) });
  await timeline.waitFor({ timeout: 60_000 });
  await timeline.focus();
  await page.keyboard.press(" "); // paused: playing runs over what is not shown
  await backUntil(page, timeline, (said) => said.includes(en.alarms.missing.what));
  await page.waitForTimeout(800);
  await album.take(page, "camera-alarm", "A recording that the vault does not give out any more");
}
