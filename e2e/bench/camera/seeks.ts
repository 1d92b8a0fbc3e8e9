/** @file Seeks as a person does: a tap on the strip, on one camera after the other; and how soon there is the new picture. */

import type { Page } from "playwright-core";
import { launch, visit } from "../../harness/browser.ts";
import { en, openCamera, pictureMoves, signIn } from "../../harness/person.ts";
import { outcome, readyForScripts } from "../page.ts";

const PER_CAMERA = 8;
const PATIENCE_MS = 30_000;
/** How much time a pixel of the strip holds at first, and after so many presses of "+". */
const START_S_PER_PX = 3;
const ZOOMS = 5;
const S_PER_PX = START_S_PER_PX / 1.6 ** ZOOMS;

/** The milliseconds from each tap to its first picture, somewhere in the recorded time from `fromS` to `toS`. */
export async function seeks(origin: string, cameras: readonly string[], { fromS, toS }: { fromS: number; toS: number }): Promise<number[]> {
  const browser = await launch();
  try {
    const { page } = await visit(browser, origin);
    await readyForScripts(page);
    await page.goto(origin);
    await signIn(page);
    const times: number[] = [];
    for (const name of cameras) {
      await openCamera(page, name);
      times.push(...(await seeksIn(page, name, fromS, toS)));
      await page.getByRole("button", { name: en.common.back, exact: true }).click();
      await page.getByRole("heading", { name: en.home.title }).waitFor();
    }
    return times;
  } finally {
    await browser.close();
  }
}

async function seeksIn(page: Page, name: string, fromS: number, toS: number): Promise<number[]> {
  const strip = page.getByRole("slider", { name: en.timeline.label(name) });
  await strip.focus();
  for (let i = 0; i < ZOOMS; i += 1) await page.keyboard.press("+");
  const box = await strip.boundingBox();
  if (box === null) throw new Error("the strip is not on the screen");
  const times: number[] = [];
  let target = toS;
  for (let i = 0; i <= PER_CAMERA; i += 1) {
    // Told every ten seconds only while it plays: the taps land a little off, which is no matter.
    const shift = target - Number(await strip.getAttribute("aria-valuenow"));
    const x = Math.min(box.width / 2 - 2, Math.max(2 - box.width / 2, shift / S_PER_PX));
    await watchNextPicture(page, en.camera.recordingOf(name), i === 0 ? null : x * S_PER_PX);
    await page.mouse.click(box.x + box.width / 2 + x, box.y + box.height / 2);
    const took = await outcome<number>(page);
    // The first one goes from live to recorded: it is not a seek.
    if (i > 0) times.push(took);
    await pictureMoves(page, 2);
    // Steps of the golden ratio: never near to where one is.
    target = fromS + ((target - fromS + 0.618 * (toS - fromS)) % (toS - fromS));
  }
  return times;
}

/**
 * Watches from now on: from the next tap to the first picture of where it leads, in milliseconds; `outcome` has it. `byS` is
 * how far that is from here.
 */
function watchNextPicture(page: Page, label: string, byS: number | null): Promise<void> {
  return page.evaluate(
    ({ label, byS, patienceMs }) => {
      const videoNow = (): HTMLVideoElement | null => document.querySelector<HTMLVideoElement>(`video[aria-label="${label}"]`);
      const fromS = videoNow()?.currentTime ?? 0;
      const seen: string[] = [];
      window.benched = new Promise<number>((resolve, reject) => {
        setTimeout(() => reject(new Error(`no picture after a seek by ${String(byS)} s from ${String(fromS)}; at ${String(videoNow()?.currentTime)}, saw ${seen.join(" ")}`)), patienceMs);
        document.addEventListener(
          "pointerup",
          ({ timeStamp }) => {
            const look = (): void => {
              const video = videoNow();
              if (video === null) {
                requestAnimationFrame(look);
                return;
              }
              video.requestVideoFrameCallback((_now, { expectedDisplayTime, mediaTime }) => {
                if (seen.length < 20) seen.push(mediaTime.toFixed(1));
                // A picture of before, that was on its way, does not count.
                if (byS === null || Math.abs(mediaTime - fromS - byS) < 6) resolve(Math.max(expectedDisplayTime, performance.now()) - timeStamp);
                else look();
              });
            };
            look();
          },
          { capture: true, once: true },
        );
      });
      window.benched.catch(() => undefined);
    },
    { label, byS, patienceMs: PATIENCE_MS },
  );
}
