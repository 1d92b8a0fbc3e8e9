/** @file What a person does in the app, by the words on the screen. */

import { expect } from "./expect.ts";
import type { Page } from "playwright-core";
import { en } from "../../app/src/text/en.ts";
import type { Camera } from "./camera.ts";

export { en };

export interface Person {
  readonly name: string;
  readonly password: string;
}

export const parent: Person = { name: "Quillon Ashgrove", password: "violet teapot under nine clouds" };

const button = (page: Page, name: string | RegExp) => page.getByRole("button", { name, exact: typeof name === "string" });
const field = (page: Page, label: string) => page.getByLabel(label, { exact: true });

/** The kit that was last on a screen. */
let lastKit: readonly string[] = [];

/** Reads the nine groups of the kit that is on the screen. */
async function readKit(page: Page): Promise<string[]> {
  const list = page.getByLabel(en.kit.groupsLabel);
  await list.waitFor();
  const text = await list.innerText();
  const groups = text.match(/\b[0-9A-HJKMNP-TV-Z]{4}\b/g) ?? [];
  expect(groups.length === 9, `nine groups on the screen, saw ${String(groups.length)}`);
  lastKit = groups;
  return groups;
}

/** Writes down the kit that is on the screen, and types back what is asked for. */
export async function answerKit(page: Page): Promise<string[]> {
  const kit = await readKit(page);
  await button(page, en.kit.written).click();
  await page.getByRole("heading", { name: en.kit.confirmTitle }).waitFor();
  for (let at = 1; at <= 9; at += 1) {
    const input = page.getByLabel(en.kit.confirmLabel(at), { exact: true });
    if ((await input.count()) > 0) await input.fill(kit[at - 1] ?? "");
  }
  await button(page, en.kit.confirm).click();
  return kit;
}

/** From the printed address to a claimed box and a recovery kit on paper; ends where a first camera is asked for. */
export async function claim(page: Page, origin: string, code: string, who: Person = parent): Promise<{ kit: string[] }> {
  await page.goto(`${origin}/#claim=${code}`);
  await page.getByRole("heading", { name: en.firstRun.codeTitle }).waitFor();
  expect(!page.url().includes(code), "the claim code leaves the address bar at once");
  await button(page, en.common.next).click();
  await field(page, en.firstRun.nameLabel).fill(who.name);
  if (await button(page, en.common.next).isVisible()) await button(page, en.common.next).click();
  await field(page, en.firstRun.passwordLabel).fill(who.password);
  await button(page, en.firstRun.claim).click();
  await page.getByRole("heading", { name: en.kit.title }).waitFor({ timeout: 60_000 });
  const kit = await answerKit(page);
  await page.getByRole("heading", { name: en.firstRun.cameraTitle }).waitFor({ timeout: 60_000 });
  return { kit };
}

/** In first run: one click to the demo camera. */
export async function useDemoCamera(page: Page, room: string): Promise<void> {
  await field(page, en.firstRun.roomLabel).fill(room);
  await button(page, en.firstRun.useDemo).click();
  await page.getByRole("heading", { name: en.home.title }).waitFor({ timeout: 30_000 });
}

/** In first run: leaves the first camera for later. */
export async function later(page: Page): Promise<void> {
  await button(page, en.firstRun.later).click();
  await page.getByRole("heading", { name: en.home.title }).waitFor();
}

/** The whole conversation of adding an RTSP camera, from the home screen. */
export async function addCamera(page: Page, camera: Camera, name: string, room: string, path = "/main"): Promise<void> {
  await page.getByRole("link", { name: en.home.add }).or(button(page, en.home.add)).first().click();
  await answerAddCamera(page, { address: camera.url(path), user: camera.user, password: camera.password });
  await page.getByRole("heading", { name: en.addCamera.foundTitle }).waitFor({ timeout: 120_000 });
  await button(page, en.addCamera.yes).click();
  await field(page, en.addCamera.nameLabel).fill(name);
  const newRoom = page.getByLabel(en.addCamera.newRoom, { exact: true });
  if ((await newRoom.count()) > 0) await newRoom.click();
  await field(page, en.addCamera.newRoomLabel).fill(room);
  await button(page, en.addCamera.add).click();
  await page.getByRole("heading", { name: en.home.title }).waitFor({ timeout: 120_000 });
}

/** Types address, user name and password and asks the hub to look. */
export async function answerAddCamera(page: Page, camera: { address: string; user: string; password: string }): Promise<void> {
  await field(page, en.addCamera.addressLabel).fill(camera.address);
  await button(page, en.common.next).click();
  await field(page, en.addCamera.userLabel).fill(camera.user);
  await field(page, en.addCamera.passwordLabel).fill(camera.password);
  await button(page, en.addCamera.find).click();
}

/** In a browser that was never signed in before the kit is asked for too: the one given, or the last that was read here. */
export async function signIn(page: Page, who: Person = parent, kit?: readonly string[]): Promise<void> {
  await givePassword(page, who);
  const home = page.getByRole("heading", { name: en.home.title });
  const kitField = field(page, en.signIn.kitLabel);
  const choice = page.getByRole("heading", { name: en.signIn.second.title });
  await home.or(kitField).or(choice).first().waitFor({ timeout: 60_000 });
  if (await choice.isVisible()) await button(page, en.signIn.second.choices.kit.label).click();
  else if (await home.isVisible()) return;
  await kitField.fill((kit ?? lastKit).join(""));
  await button(page, en.signIn.second.check).click();
  await home.waitFor({ timeout: 60_000 });
}

/** The first proof: name and password. */
export async function givePassword(page: Page, who: Person = parent): Promise<void> {
  await field(page, en.signIn.nameLabel).fill(who.name);
  await field(page, en.signIn.passwordLabel).fill(who.password);
  await button(page, en.signIn.submit).click();
}

/** Opens the page of the camera called `name` from the home screen. */
export async function openCamera(page: Page, name: string): Promise<void> {
  await page.getByRole("link", { name: new RegExp(`^${name}`) }).first().click();
  await page.getByRole("slider", { name: en.timeline.label(name) }).waitFor();
}

/** A digest of the picture in the page's first video, to see whether it moves. */
export async function pictureDigest(page: Page): Promise<{ width: number; time: number; digest: string }> {
  return page.locator("video").first().evaluate(async (element) => {
    const video = element as HTMLVideoElement;
    const canvas = document.createElement("canvas");
    canvas.width = 64;
    canvas.height = 36;
    const context = canvas.getContext("2d");
    if (context === null || video.videoWidth === 0) return { width: 0, time: video.currentTime, digest: "" };
    context.drawImage(video, 0, 0, 64, 36);
    const pixels = context.getImageData(0, 0, 64, 36).data;
    const hash = await crypto.subtle.digest("SHA-256", pixels);
    return {
      width: video.videoWidth,
      time: video.currentTime,
      digest: Array.from(new Uint8Array(hash).slice(0, 8), (b) => b.toString(16).padStart(2, "0")).join(""),
    };
  });
}

/** Resolves when the first video on the page has shown `changes` different pictures. */
export async function pictureMoves(page: Page, changes = 3, timeoutMs = 20_000): Promise<void> {
  const seen = new Set<string>();
  const until = Date.now() + timeoutMs;
  while (seen.size <= changes) {
    if (Date.now() > until) throw new Error(`the picture does not move: ${String(seen.size)} different ones in ${String(timeoutMs)} ms`);
    const { width, digest } = await pictureDigest(page).catch(() => ({ width: 0, digest: "" }));
    if (width > 0) seen.add(digest);
    await page.waitForTimeout(100);
  }
}

/** Opens the page with rooms and cameras. */
export async function openRooms(page: Page): Promise<void> {
  await page.getByRole("link", { name: en.nav.rooms }).first().click();
  await page.getByRole("heading", { name: en.rooms.title }).waitFor();
}

/** On that page: gives a camera or a room another name. */
export async function rename(page: Page, before: string, after: string, label: string): Promise<void> {
  await button(page, en.rooms.renameTitle(before)).click();
  await field(page, label).fill(after);
  await button(page, en.common.save).click();
  await page.getByText(en.rooms.renamed(before, after)).first().waitFor({ timeout: 30_000 });
}
