/** @file Pictures of adding a camera: each question, each failure made for real, and what was found. */

import { createServer, type AddressInfo, type Socket } from "node:net";
import type { Page } from "playwright-core";
import type { Camera } from "../harness/camera.ts";
import { once, type Album } from "./album.ts";
import { button, en, field, heading, open } from "./controls.ts";
import type { House } from "./house.ts";

const PROBE_MS = 60_000;
const words = en.addCamera;

interface Typed {
  readonly address: string;
  readonly user?: string;
  readonly password?: string;
}

async function ask(page: Page, { address, user = "", password = "" }: Typed): Promise<void> {
  await field(page, words.addressLabel).fill(address);
  await button(page, en.common.next).click();
  await field(page, words.userLabel).fill(user);
  await field(page, words.passwordLabel).fill(password);
  await button(page, words.find).click();
}

async function begin(page: Page): Promise<void> {
  await open(page, "rooms");
  await page.getByRole("link", { name: en.home.add }).click();
  await heading(page, words.addressTitle).waitFor();
}

async function place(page: Page, name: string, room: string): Promise<void> {
  await button(page, words.yes).click();
  await field(page, words.nameLabel).fill(name);
  const there = page.getByRole("radio", { name: room, exact: true });
  if ((await there.count()) > 0) await there.check();
  else {
    const fresh = page.getByRole("radio", { name: words.newRoom, exact: true });
    if ((await fresh.count()) > 0) await fresh.check();
    await field(page, words.newRoomLabel).fill(room);
  }
}

/** Adds without pictures. */
export async function add(page: Page, camera: Camera, name: string, room: string): Promise<void> {
  await begin(page);
  await ask(page, { address: camera.url(), user: camera.user, password: camera.password });
  await heading(page, words.foundTitle).waitFor({ timeout: PROBE_MS });
  await place(page, name, room);
  await button(page, words.add).click();
  await heading(page, en.home.title).waitFor({ timeout: 30_000 });
}

/** Takes connections and never says a word. */
async function silence(): Promise<{ readonly url: string; close(): void }> {
  const open = new Set<Socket>();
  const server = createServer((socket) => void open.add(socket.on("error", () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `rtsp://127.0.0.1:${String(port)}/stream`,
    close: () => {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}

export interface Cameras {
  /** With a password and a sub stream. */
  readonly good: Camera;
  /** With the password that it was sold with. */
  readonly sold: Camera;
  /** H.265, and no password. */
  readonly modern: Camera;
  /** Lets one viewer in, and has one. */
  readonly busy: Camera;
}

export async function addCameras(album: Album, page: Page, house: House, { good, sold, modern, busy }: Cameras): Promise<void> {
  album.section("Adding a camera");
  const silent = await silence();
  await begin(page);
  await album.take(page, "add-address", "Where is the camera?");
  await field(page, words.addressLabel).fill(silent.url);
  await button(page, en.common.next).click();
  await field(page, words.userLabel).fill(good.user);
  await field(page, words.passwordLabel).fill("not-the-password");
  await album.take(page, "add-password", "Does it have a password?");
  await button(page, words.find).click();
  await heading(page, words.probingTitle).waitFor();
  await album.take(page, "add-searching", "Looking for the camera", once);
  await page.getByRole("alert").waitFor({ timeout: PROBE_MS });
  await album.take(page, "add-timed-out", "No answer", once);
  silent.close();

  const failures: readonly [name: string, caption: string, typed: Typed][] = [
    ["add-wrong-password", "A wrong password", { address: good.url(), user: good.user, password: "not-the-password" }],
    ["add-password-needed", "No password, where one is needed", { address: good.url() }],
    ["add-no-path", "No video at this path", { address: good.url("/nowhere"), user: good.user, password: good.password }],
    ["add-not-rtsp", "Something else answers", { address: house.origin.replace("http", "rtsp") + "/stream" }],
    ["add-no-route", "Nothing listens there", { address: "rtsp://127.0.0.1:9/stream" }],
    ["add-no-name", "A name that nobody has", { address: "rtsp://no-such-camera.invalid/stream" }],
    ["add-busy", "A camera that is watched by too many", { address: busy.url(), user: busy.user, password: busy.password }],
    ["add-address-invalid", "Not an address", { address: "https://camera/live" }],
  ];
  for (const [name, caption, typed] of failures) {
    await open(page, "home");
    await begin(page);
    await ask(page, typed);
    await page.getByRole("alert").or(heading(page, words.foundTitle)).first().waitFor({ timeout: PROBE_MS });
    await album.take(page, name, caption, once);
  }

  await open(page, "home");
  await begin(page);
  await ask(page, { address: good.url(), user: good.user, password: good.password });
  await heading(page, words.foundTitle).waitFor({ timeout: PROBE_MS });
  await album.take(page, "add-found", "Is this the right camera?", { whole: true });
  await place(page, "Cot", "Nursery");
  await album.take(page, "add-name", "Its name, its room, and its sound", { whole: true });
  await button(page, words.add).click();
  await heading(page, en.home.title).waitFor({ timeout: 30_000 });

  for (const [name, caption, camera, called, room] of [
    ["add-default-password", "A password that the camera was sold with", sold, "Driveway", "Outside"],
    ["add-no-password", "No password at all, and video that this browser cannot play", modern, "Shed", "Outside"],
  ] as const) {
    await begin(page);
    await ask(page, { address: camera.url(), user: camera.user, password: camera.password });
    await heading(page, words.foundTitle).waitFor({ timeout: PROBE_MS });
    await album.take(page, name, caption, { ...once, whole: true });
    await place(page, called, room);
    await button(page, words.add).click();
    await heading(page, en.home.title).waitFor({ timeout: 30_000 });
  }

  await begin(page);
  await button(page, words.demo).click();
  await album.take(page, "add-demo", "The demo camera", once);
}
