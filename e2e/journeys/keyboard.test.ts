/** @file The first hour without a mouse: claim, kit, demo camera, its sound, the timeline, saving; and axe on every screen of it. */

import { after, before, describe, it } from "node:test";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { launch, picture, visit, type Visit } from "../harness/browser.ts";
import { startHome, type Home } from "../harness/eaves.ts";
import { eventually, expect } from "../harness/expect.ts";
import { decodeErrors, ffprobe } from "../harness/media.ts";
import { freshFolder } from "../harness/paths.ts";
import { parent, pictureMoves } from "../harness/person.ts";
import { findNothing, press, tabTo } from "../screens/accessibility.ts";
import { button, en, field, heading } from "../screens/controls.ts";

describe("the first hour by keyboard alone", () => {
  let browser: Browser;
  let home: Home;
  let tab: Visit;

  before(async () => {
    browser = await launch();
    home = await startHome();
    tab = await visit(browser, home.origin);
    // Whoever uses a pointer here breaks the promise.
    await tab.page.addInitScript(() => {
      for (const kind of ["pointerdown", "mousedown", "touchstart"]) {
        document.addEventListener(kind, () => { throw new Error("a pointer was used"); }, true);
      }
    });
  });

  after(async () => {
    await picture(tab.page, "keyboard-last").catch(() => undefined);
    await browser.close();
    await home.process.stop();
  });

  it("claims the box: each question has the focus in its field, and Enter goes on", async () => {
    const { page } = tab;
    await page.goto(`${home.origin}/#claim=${await home.claimCode()}`);
    await heading(page, en.firstRun.codeTitle).waitFor();
    await findNothing(page, "claim code");
    await tabTo(page, field(page, en.firstRun.codeLabel), "the code");
    await page.keyboard.press("Enter");
    await tabTo(page, field(page, en.firstRun.nameLabel), "the name");
    await page.keyboard.type(parent.name);
    await page.keyboard.press("Enter");
    await tabTo(page, field(page, en.firstRun.passwordLabel), "the password");
    await page.keyboard.type(parent.password);
    await findNothing(page, "password");
    await page.keyboard.press("Enter");
  });

  it("keeps the recovery kit by typing two of its groups back", async () => {
    const { page } = tab;
    await heading(page, en.kit.title).waitFor({ timeout: 60_000 });
    await page.locator("ol[aria-busy=false]").waitFor();
    const groups = (await page.getByLabel(en.kit.groupsLabel).innerText()).match(/\b[0-9A-HJKMNP-TV-Z]{4}\b/g) ?? [];
    await findNothing(page, "kit");
    await press(page, button(page, en.kit.written), "“I have it on paper”");
    await heading(page, en.kit.confirmTitle).waitFor();
    await findNothing(page, "kit check");
    for (const [index, group] of groups.entries()) {
      const input = field(page, en.kit.confirmLabel(index + 1));
      if ((await input.count()) === 0) continue;
      await tabTo(page, input, `group ${String(index + 1)}`);
      await page.keyboard.type(group);
    }
    await page.keyboard.press("Enter");
    await heading(page, en.firstRun.cameraTitle).waitFor({ timeout: 60_000 });
  });

  it("takes the demo camera and sees it live", async () => {
    const { page } = tab;
    await findNothing(page, "first camera");
    await tabTo(page, field(page, en.firstRun.roomLabel), "the room");
    await page.keyboard.type("Garden");
    await press(page, button(page, en.firstRun.useDemo), "the demo camera");
    await heading(page, en.home.title).waitFor({ timeout: 30_000 });
    await pictureMoves(page);
    await findNothing(page, "home");
  });

  it("turns its sound off under Rooms", async () => {
    const { page } = tab;
    await press(page, page.getByRole("link", { name: en.nav.rooms, exact: true }).first(), "Rooms");
    await heading(page, en.rooms.title).waitFor();
    await findNothing(page, "rooms");
    await press(page, page.getByRole("link", { name: en.rooms.setUp(en.firstRun.demoName) }), "the camera's settings");
    await heading(page, en.addCamera.again(en.firstRun.demoName)).waitFor();
    await findNothing(page, "address");
    await press(page, button(page, en.addCamera.isDemo), "“It is the demo camera”");
    await heading(page, en.addCamera.soundTitle).waitFor();
    await findNothing(page, "sound");
    await tabTo(page, page.getByRole("radio", { name: new RegExp(`^${en.addCamera.soundOn}`) }), "the choice");
    await page.keyboard.press("ArrowDown");
    await press(page, button(page, en.addCamera.change), "“Use these settings”");
    await heading(page, en.rooms.title).waitFor({ timeout: 30_000 });
  });

  it("sees the settings and the list of keys", async () => {
    const { page } = tab;
    await press(page, page.getByRole("link", { name: en.nav.settings, exact: true }).first(), "Settings");
    await heading(page, en.settings.title).waitFor();
    await page.getByRole("meter").waitFor();
    await findNothing(page, "settings");
    await page.keyboard.press("?");
    const list = page.getByRole("dialog", { name: en.shortcuts.title });
    await list.waitFor();
    await findNothing(page, "keys");
    await page.keyboard.press("Escape");
    await list.waitFor({ state: "hidden" });
  });

  it("goes back along the timeline to what is recorded", async () => {
    const { page } = tab;
    await press(page, page.getByRole("link", { name: en.nav.home, exact: true }).first(), "Home");
    await press(page, page.getByRole("link", { name: new RegExp(`^${en.firstRun.demoName}`) }).first(), "the camera");
    const timeline = page.getByRole("slider", { name: en.timeline.label(en.firstRun.demoName) });
    await tabTo(page, timeline, "the timeline");
    await pictureMoves(page);
    await findNothing(page, "camera, live");
    for (let i = 0; i < 4; i += 1) await page.keyboard.press("+");
    let steps = 0;
    await eventually("the timeline to say that it is recorded there", 90_000, async () => {
      await page.keyboard.press("ArrowLeft");
      const said = (await timeline.getAttribute("aria-valuetext")) ?? "";
      if (said.includes(en.timeline.recorded) && !said.includes(en.timeline.notRecorded)) return true;
      // Gone past it before it was there: from the live picture again.
      steps += 1;
      if (steps % 20 === 0) await page.keyboard.press("End");
      return null;
    });
    await page.locator("video").first().waitFor();
    await findNothing(page, "camera, back in time");
  });

  it("saves it as a file", async () => {
    const { page } = tab;
    await press(page, button(page, en.camera.export), "“Save video”");
    await findNothing(page, "what to save");
    await press(page, button(page, en.export.thisRecording), "“This recording”");
    await press(page, button(page, en.export.start), "“Make the file”");
    const save = button(page, en.export.save);
    await save.waitFor({ timeout: 60_000 });
    await findNothing(page, "file ready");
    const download = page.waitForEvent("download", { timeout: 30_000 });
    await press(page, save, "“Save the file”");
    const file = join(freshFolder("keyboard"), "saved.mp4");
    await (await download).saveAs(file);
    const { streams } = await ffprobe(file);
    expect(streams.some((stream) => stream.codec_type === "video"), "a picture in it");
    const errors = await decodeErrors(file);
    expect(errors === "", `decodes without complaint, said: ${errors}`);
    await press(page, button(page, en.common.done), "“Done”");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    const isBack = await page.evaluate(() => document.activeElement?.getAttribute("role") === "slider");
    expect(isBack, "the focus is back on the timeline");
  });

  it("used no pointer, and broke no security policy", () => {
    expect(tab.complaints.length === 0, tab.complaints.join("\n"));
  });
});
