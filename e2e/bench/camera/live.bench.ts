/**
 * @file How old the live picture is on the screen, and how soon there is one.
 *
 * The camera burns the time into each picture before it is encoded; the page reads it back from what it shows.
 */

import type { Page } from "playwright-core";
import { launch, visit } from "../../harness/browser.ts";
import { startCamera } from "../../harness/camera.ts";
import { startHome } from "../../harness/eaves.ts";
import { expect } from "../../harness/expect.ts";
import { addCamera, claim, en, later, openCamera, pictureMoves } from "../../harness/person.ts";
import { quantile, report } from "../figure.ts";
import { outcome, readyForScripts } from "../page.ts";

const NAME = "Porch";
const WARM_UP_S = 5;
const SECONDS = 40;
const OPENINGS = 15;

export default async function live(): Promise<void> {
  const browser = await launch();
  const camera = await startCamera({ own: true, clip: "clock", args: ["--size", "1280x720"] });
  const home = await startHome();
  try {
    const { page } = await visit(browser, home.origin);
    await readyForScripts(page);
    await claim(page, home.origin, await home.claimCode());
    await later(page);
    await addCamera(page, camera, NAME, "Porch");

    await openCamera(page, NAME);
    await pictureMoves(page);
    await ages(page, WARM_UP_S);
    const lags = await ages(page, SECONDS);
    expect(lags.length > SECONDS * 5, `enough pictures whose code could be read: ${String(lags.length)}`);
    report({ name: "live-p50", value: quantile(lags, 0.5), unit: "ms" });
    report({ name: "live-p95", value: quantile(lags, 0.95), unit: "ms" });

    const address = page.url();
    const fromHome: number[] = [];
    for (let i = 0; i <= OPENINGS; i += 1) {
      await page.getByRole("button", { name: en.common.back, exact: true }).click();
      await page.getByRole("heading", { name: en.home.title }).waitFor();
      await pictureMoves(page, 2);
      await watchFirstPictureAfterClick(page);
      await page.getByRole("link", { name: new RegExp(`^${NAME}`) }).first().click();
      fromHome.push(await outcome<number>(page));
    }
    // The first one warms up.
    report({ name: "live-first-picture", value: quantile(fromHome.slice(1), 0.5) / 1000, unit: "s" });

    const anew: number[] = [];
    for (let i = 0; i <= OPENINGS; i += 1) {
      await page.goto("about:blank");
      // Nobody watches any more.
      await page.waitForTimeout(2_000);
      await page.goto(address, { waitUntil: "commit" });
      anew.push(await firstPictureSinceStart(page));
    }
    report({ name: "live-first-picture-new-page", value: quantile(anew.slice(1), 0.5) / 1000, unit: "s" });
  } finally {
    await browser.close();
    await home.process.stop();
    await camera.process.stop();
  }
}

/** For so many seconds, how old each new picture is when it is on the screen, in milliseconds. */
function ages(page: Page, seconds: number): Promise<number[]> {
  return page.getByLabel(en.camera.liveOf(NAME)).evaluate(async (element, forMs) => {
    const video = element as HTMLVideoElement;
    const block = Math.floor(video.videoWidth / 24) & ~1;
    const canvas = document.createElement("canvas");
    canvas.width = 24 * block;
    canvas.height = 2 * block;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (context === null) throw new Error("no canvas");
    const lags: number[] = [];
    const until = performance.now() + forMs;
    await new Promise<void>((done) => {
      const look = (_now: number, { expectedDisplayTime }: VideoFrameCallbackMetadata): void => {
        context.drawImage(video, 0, 0, canvas.width, canvas.height, 0, 0, canvas.width, canvas.height);
        const shownAt = Date.now() + Math.max(0, expectedDisplayTime - performance.now());
        const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data;
        // 48 bits in two rows of blocks; see e2e/camera/camera.py.
        let code = 0;
        for (let bit = 0; bit < 48; bit += 1) {
          const x = (bit % 24) * block + block / 2;
          const y = Math.floor(bit / 24) * block + block / 2;
          code = code * 2 + ((pixels[(y * canvas.width + x) * 4 + 1] ?? 0) > 127 ? 1 : 0);
        }
        const stamp = Math.floor(code / 16);
        let sum = 0;
        for (const digit of stamp.toString(16)) sum += Number.parseInt(digit, 16);
        if (sum % 16 === code % 16) lags.push(shownAt - stamp);
        if (performance.now() < until) video.requestVideoFrameCallback(look);
        else done();
      };
      video.requestVideoFrameCallback(look);
    });
    return lags;
  }, seconds * 1000);
}

/** Watches from now on: from the next click to the first picture of the page that it opens, in milliseconds. */
function watchFirstPictureAfterClick(page: Page): Promise<void> {
  return page.evaluate((label) => {
    window.benched = new Promise<number>((resolve, reject) => {
      setTimeout(() => reject(new Error("no picture after the click")), 60_000);
      document.addEventListener(
        "click",
        ({ timeStamp }) => {
          const look = (): void => {
            const video = document.querySelector<HTMLVideoElement>(`video[aria-label="${label}"]`);
            if (video === null) requestAnimationFrame(look);
            else video.requestVideoFrameCallback((_now, { expectedDisplayTime }) => resolve(Math.max(expectedDisplayTime, performance.now()) - timeStamp));
          };
          look();
        },
        { capture: true, once: true },
      );
    });
    window.benched.catch(() => undefined);
  }, en.camera.liveOf(NAME));
}

/** From the start of the navigation to the first picture, in milliseconds. */
function firstPictureSinceStart(page: Page): Promise<number> {
  return page.evaluate(
    (label) =>
      new Promise<number>((resolve) => {
        const look = (): void => {
          const video = document.querySelector<HTMLVideoElement>(`video[aria-label="${label}"]`);
          if (video === null) requestAnimationFrame(look);
          else video.requestVideoFrameCallback((_now, { expectedDisplayTime }) => resolve(Math.max(expectedDisplayTime, performance.now())));
        };
        look();
      }),
    en.camera.liveOf(NAME),
  );
}
