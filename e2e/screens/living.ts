/** @file Pictures of a home in use: tiles, one camera live and back in time, gaps, saving and erasing. */

import { eventually } from "../harness/expect.ts";
import type { Locator, Page } from "playwright-core";
import { pictureMoves } from "../harness/person.ts";
import { once, type Album } from "./album.ts";
import { button, en, heading, open } from "./controls.ts";

/** A line so slow that progress can be seen. */
const SLOW_BYTES_PER_SECOND = 60_000;

export async function openCamera(page: Page, name: string): Promise<Locator> {
  await open(page, "home");
  await page.getByRole("link", { name: new RegExp(`^${name}`) }).first().click();
  const timeline = page.getByRole("slider", { name: en.timeline.label(name) });
  await timeline.waitFor();
  return timeline;
}

export async function homeLive(album: Album, page: Page): Promise<void> {
  album.section("Home");
  await open(page, "home");
  await pictureMoves(page);
  await album.take(page, "home", "Every camera live", { settleMs: 2_500 });
}

/** Moves the timeline back until `isThere` likes what it says. */
export async function backUntil(page: Page, timeline: Locator, isThere: (said: string) => boolean): Promise<void> {
  await timeline.focus();
  // Closer, so that a step is shorter than what is looked for.
  for (let i = 0; i < 4; i += 1) await page.keyboard.press("+");
  await eventually("the timeline to say so", 120_000, async () => {
    await page.keyboard.press("ArrowLeft");
    await page.waitForTimeout(150);
    return isThere((await timeline.getAttribute("aria-valuetext")) ?? "") ? true : null;
  });
}

const isRecorded = (said: string): boolean => said.includes(en.timeline.recorded) && !said.includes(en.timeline.notRecorded);

export async function camera(album: Album, page: Page, name: string): Promise<void> {
  album.section("One camera");
  const timeline = await openCamera(page, name);
  await pictureMoves(page);
  await album.take(page, "camera-live", "Live");
  await timeline.focus();
  for (let i = 0; i < 4; i += 1) await page.keyboard.press("ArrowLeft");
  await backUntil(page, timeline, isRecorded);
  await page.waitForTimeout(2_500);
  await button(page, en.camera.pause).click({ timeout: 3_000 }).catch(() => undefined);
  await album.take(page, "camera-playback", "Back in time");
  await timeline.focus();
  for (const [keys, level, caption] of [
    [5, "close", "The timeline, close"],
    [-12, "hours", "The timeline, hours"],
    [-5, "days", "The timeline, days"],
  ] as const) {
    for (let i = 0; i < Math.abs(keys); i += 1) await page.keyboard.press(keys > 0 ? "+" : "-");
    await album.take(page, `timeline-${level}`, caption, { schemes: ["light"] });
  }
  for (let i = 0; i < 12; i += 1) await page.keyboard.press("+");
  await button(page, en.timeline.recordings).click();
  await album.take(page, "camera-list", "The list of recordings, opened or closed by a button", { schemes: ["light"] });
}

export async function gap(album: Album, page: Page, name: string): Promise<void> {
  const timeline = await openCamera(page, name);
  await pictureMoves(page);
  await timeline.focus();
  await page.keyboard.press(" "); // paused: playing runs over gaps
  for (let i = 0; i < 4; i += 1) await page.keyboard.press("+");
  await backUntil(page, timeline, (said) => Object.values(en.causes).some(({ what }) => said.includes(what)));
  await page.waitForTimeout(800);
  await album.take(page, "camera-gap", "A gap, with its cause and length");
}

async function slow(page: Page, latencyMs = 40): Promise<() => Promise<void>> {
  const line = await page.context().newCDPSession(page);
  const set = (latency: number, throughput: number) =>
    line.send("Network.emulateNetworkConditions", { offline: false, latency, downloadThroughput: throughput, uploadThroughput: throughput });
  await line.send("Network.enable");
  await set(latencyMs, SLOW_BYTES_PER_SECOND);
  return async () => {
    await set(0, -1);
    await line.detach();
  };
}

export async function exporting(album: Album, page: Page, name: string): Promise<void> {
  album.section("Saving and erasing");
  const timeline = await openCamera(page, name);
  await timeline.focus();
  for (let i = 0; i < 3; i += 1) await page.keyboard.press("Shift+ArrowLeft");
  await backUntil(page, timeline, isRecorded);
  await button(page, en.camera.export).click();
  await button(page, en.export.minutes(1)).click();
  await album.take(page, "export-choose", "Choosing what to save");
  const fast = await slow(page);
  await button(page, en.export.start).click();
  await page.getByRole("progressbar").waitFor();
  await page.waitForTimeout(900);
  await album.take(page, "export-working", "The file is being made", once);
  await fast();
  await button(page, en.export.save).waitFor({ timeout: 60_000 });
  await album.take(page, "export-done", "The file is ready");
  await button(page, en.common.done).click();
}

export async function erasing(album: Album, page: Page, name: string): Promise<void> {
  const timeline = await openCamera(page, name);
  await timeline.focus();
  for (let i = 0; i < 3; i += 1) await page.keyboard.press("Shift+ArrowLeft");
  await backUntil(page, timeline, isRecorded);
  await button(page, en.camera.erase).click();
  await button(page, en.erase.thisRecording).click();
  await album.take(page, "erase-choose", "Choosing what to erase");
  await button(page, en.erase.allBefore).click();
  await button(page, en.erase.check).click();
  await button(page, /^Erase \d+ recording/).waitFor();
  await album.take(page, "erase-confirm", "What it reaches, in numbers, before it is done");
  const fast = await slow(page, 4_000);
  await button(page, /^Erase \d+ recording/).click();
  await page.getByRole("progressbar").waitFor();
  await album.take(page, "erase-working", "Erasing", once);
  await fast();
  await heading(page, en.erase.doneTitle).waitFor({ timeout: 60_000 });
  await album.take(page, "erase-done", "Erased, and confirmed by every place");
  await button(page, en.common.done).click();
}

/** H.265 in a browser that cannot play it. */
export async function notPlayable(album: Album, page: Page, name: string): Promise<void> {
  await openCamera(page, name);
  await button(page, en.camera.saveInstead).waitFor({ timeout: 30_000 });
  await album.take(page, "camera-not-playable", "Video that this browser cannot play can be saved");
}
