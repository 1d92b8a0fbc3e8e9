/** @file A newcomer's first hour: claim, kit, camera, live, timeline, play, seek, export, erase; and it is really gone. */

import { after, before, describe, it } from "node:test";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { launch, picture, visit, type Visit } from "../harness/browser.ts";
import { cameraIsForeign, startCamera, type Camera } from "../harness/camera.ts";
import { startHome, type Home } from "../harness/eaves.ts";
import { eventually, expect } from "../harness/expect.ts";
import { decodeErrors, ffprobe } from "../harness/media.ts";
import { freshFolder } from "../harness/paths.ts";
import { addCamera, claim, en, later, openCamera, pictureMoves, signIn } from "../harness/person.ts";

/** The bytes of all sealed bodies below the data folder. */
async function bodyFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile() && /\.media$/.test(entry.name)).map((entry) => join(entry.parentPath, entry.name));
}

describe("a newcomer's first hour, with a real camera", () => {
  let browser: Browser;
  let home: Home;
  let camera: Camera;
  let tab: Visit;

  before(async () => {
    browser = await launch();
    camera = await startCamera();
    home = await startHome();
    tab = await visit(browser, home.origin);
  });

  after(async () => {
    await picture(tab.page, "first-sunday-last").catch(() => undefined);
    await browser.close();
    await home.process.stop();
    await camera.process.stop();
  });

  it("claims the box with the printed code, makes an account and a recovery kit", async () => {
    const { kit } = await claim(tab.page, home.origin, await home.claimCode());
    expect(kit.length === 9, "a kit of nine groups");
    await later(tab.page);
    await tab.page.getByText(en.home.emptyTitle).waitFor();
  });

  it("adds an RTSP camera that asks for a password, and sees it live", async () => {
    await addCamera(tab.page, camera, "Nursery cot", "Nursery");
    await pictureMoves(tab.page);
  });

  it("records: the timeline fills without a reload", async () => {
    await openCamera(tab.page, "Nursery cot");
    await pictureMoves(tab.page);
    await eventually("a sealed body in the vault", 90_000, async () => ((await bodyFiles(join(home.dataDir))).length > 0 ? true : null));
  });

  it("goes back along the timeline, plays and seeks", async () => {
    const timeline = tab.page.getByRole("slider", { name: en.timeline.label("Nursery cot") });
    await timeline.focus();
    for (let i = 0; i < 3; i += 1) await tab.page.keyboard.press("ArrowLeft");
    await eventually("the timeline to say that it is recorded there", 90_000, async () => {
      await tab.page.keyboard.press("ArrowLeft");
      const text = (await timeline.getAttribute("aria-valuetext")) ?? "";
      return text.includes(en.timeline.recorded) && !text.includes(en.timeline.notRecorded) ? text : null;
    });
    // Seeking may already have started it; then the button says "Pause".
    const play = tab.page.getByRole("button", { name: en.camera.play, exact: true });
    await play.click({ timeout: 3_000 }).catch(() => undefined);
    await pictureMoves(tab.page);
    await picture(tab.page, "first-sunday-playback");
  });

  it("exports a file that any player opens", async () => {
    await tab.page.getByRole("button", { name: en.camera.export }).click();
    await tab.page.getByRole("button", { name: en.export.thisRecording }).click();
    await tab.page.getByRole("button", { name: en.export.start }).click();
    const download = tab.page.waitForEvent("download", { timeout: 60_000 });
    await tab.page.getByRole("button", { name: en.export.save }).click();
    const file = join(freshFolder("export"), "export.mp4");
    await (await download).saveAs(file);
    const probed = await ffprobe(file);
    const video = probed.streams.find((s) => s.codec_type === "video");
    // A camera from outside sends what it sends.
    const codecs = cameraIsForeign === false ? ["h264"] : ["h264", "hevc"];
    expect(video !== undefined && codecs.includes(video.codec_name), `${codecs.join(" or ")} as the camera sent it`);
    expect(Number(video.nb_read_frames) > 20, `frames in the export: ${String(video.nb_read_frames)}`);
    if (cameraIsForeign === false) expect(probed.streams.some((s) => s.codec_type === "audio"), "with sound");
    const errors = await decodeErrors(file);
    expect(errors === "", `decodes without complaint, said: ${errors}`);
  });

  it("erases a recording, and it is gone from the screen after a reload and from the disk", async () => {
    const before = await bodyFiles(home.dataDir);
    await tab.page.keyboard.press("Escape");
    await tab.page.getByRole("button", { name: en.camera.erase }).click();
    await tab.page.getByRole("button", { name: en.erase.thisRecording }).click();
    await tab.page.getByRole("button", { name: en.erase.check }).click();
    await tab.page.getByRole("button", { name: /^Erase \d+ recording/ }).click();
    await tab.page.getByText(en.erase.doneTitle, { exact: true }).waitFor({ timeout: 60_000 });
    const gone = await eventually("a body to leave the disk", 30_000, async () => {
      for (const file of before) if ((await stat(file).catch(() => null)) === null) return file;
      return null;
    });
    expect(gone !== "", "one body is gone");
    await tab.page.reload();
    await tab.page.getByRole("slider", { name: en.timeline.label("Nursery cot") }).waitFor();
  });

  it("signs out and in again with the password", async () => {
    await tab.page.goto(`${home.origin}/`);
    await tab.page.getByRole("link", { name: en.nav.settings }).first().click();
    await tab.page.getByRole("button", { name: en.settings.signOut }).click();
    await signIn(tab.page);
    await pictureMoves(tab.page);
  });

  it("never asked anybody else for anything, and broke no security policy", () => {
    expect(tab.complaints.length === 0, tab.complaints.join("\n"));
  });
});
