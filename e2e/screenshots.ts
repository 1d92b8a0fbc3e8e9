/** @file Makes the pictures of the guide: every screen, dialog and state, phone and desktop, light and dark, and the page that lists them. */

import { desktop, launch, picture, visit } from "./harness/browser.ts";
import { startCamera } from "./harness/camera.ts";
import { start } from "./harness/process.ts";
import { Album } from "./screens/album.ts";
import { addCameras } from "./screens/add-camera.ts";
import { button, en, field, heading } from "./screens/controls.ts";
import { ended, signingIn, throttled } from "./screens/doors.ts";
import { firstRun } from "./screens/first-run.ts";
import { startHouse } from "./screens/house.ts";
import { rooms, settings } from "./screens/house-keeping.ts";
import { camera, erasing, exporting, gap, homeLive, notPlayable } from "./screens/living.ts";
import { people, turnedOff } from "./screens/people.ts";
import { alarm, cameraAway, hubAway, nothingThere, vaultAway, waitOffline } from "./screens/trouble.ts";

const album = new Album();
const browser = await launch();
const house = await startHouse();
const [good, sold, modern, busy] = await Promise.all([
  startCamera({ clip: "small", audio: "aac" }),
  startCamera({ clip: "reordered", user: "admin", password: "admin", audio: "none" }),
  startCamera({ clip: "small-h265", args: ["--codec", "h265"], user: "", password: "", audio: "none" }),
  startCamera({ clip: "tiny", args: ["--max-sessions", "1"] }),
]);
// The busy camera has its one viewer already.
const viewer = start("ffmpeg", ["-nostdin", "-v", "error", "-rtsp_transport", "tcp", "-i", busy.url().replace("//", `//${busy.user}:${busy.password}@`), "-f", "null", "-"]);
const { page, close } = await visit(browser, house.origin);

let kit = await firstRun(album, page, house);
await button(page, en.firstRun.later).click();
await heading(page, en.home.title).waitFor();
album.section("Home");
await album.take(page, "home-empty", "No camera yet");
await page.evaluate(() => sessionStorage.clear());
await page.reload();
await field(page, en.firstRun.roomLabel).fill("Garden");
await button(page, en.firstRun.useDemo).click();
await heading(page, en.home.title).waitFor({ timeout: 30_000 });

/** One that fails is told at the end, and the others are still made. */
async function scene(name: string, act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    process.exitCode = 1;
    console.error(`no pictures of "${name}": ${error instanceof Error ? error.message : String(error)}`);
    await picture(page, `screens-${name}`).catch(() => undefined);
    await page.setViewportSize(desktop);
    await house.startVault();
    await page.goto(house.origin).catch(() => undefined);
  }
}

const demo = en.firstRun.demoName;
let again = good;
await addCameras(album, page, house, { good, sold, modern, busy });
await scene("home", () => homeLive(album, page));
await scene("camera-away", async () => {
  again = await cameraAway(album, page, good);
});
await scene("gap", () => gap(album, page, "Cot"));
await scene("camera", () => camera(album, page, demo));
await scene("not-playable", () => notPlayable(album, page, "Shed"));
await scene("exporting", () => exporting(album, page, demo));
await scene("erasing", () => erasing(album, page, "Driveway"));
await scene("turned-off", () => turnedOff(album, page, demo));
await scene("rooms", () => rooms(album, page));
await scene("people", () => people(album, browser, house.origin, page, "Garden"));
await scene("settings", async () => {
  kit = await settings(album, page);
});
await scene("ended", () => ended(album, browser, house.origin, page, kit));
await scene("nothing-there", () => nothingThere(album, page, house));
await scene("hub-away", () => hubAway(album, page, house));
await scene("offline", () => waitOffline(album, page));
await scene("vault-away", () => vaultAway(album, page, house));
await scene("alarm", () => alarm(album, page, house, "Cot"));
await scene("signing-in", () => signingIn(album, browser, house.origin, kit));
await scene("throttled", () => throttled(album, browser, house.origin));
await close();
album.write();

await browser.close();
await viewer.kill();
await house.stop();
for (const one of [again, sold, modern, busy]) await one.process.stop();
