/** @file What a large archive costs: a day of it drawn in the app, and the start of the program with a million recordings. */

import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { launch, visit } from "../../harness/browser.ts";
import { startHome } from "../../harness/eaves.ts";
import { expect } from "../../harness/expect.ts";
import { appFolder, eavesProgram, freshFolder, repository } from "../../harness/paths.ts";
import { claim, en, openCamera, useDemoCamera } from "../../harness/person.ts";
import { run, start, type Running } from "../../harness/process.ts";
import { quantile, report } from "../figure.ts";
import { outcome, readyForScripts } from "../page.ts";

/** Fills a data folder; see crates/eaves-testkit/examples/seed-archive. */
const seedProgram = process.env["EAVES_SEED_PROGRAM"] ?? join(repository, "target/release/examples/seed-archive");
const HOUR_S = 3_600;
const DAY_RECORDINGS = 1_760;
const DAYS_DRAWN = 11;
const MANY = 1_000_000;
const STARTS = 7;

/** The strip as the bench sets it: pressed "-" so often, it shows more than a day. */
const ZOOMS = 7;
const S_PER_PX = 3 * 1.6 ** ZOOMS;

export default async function archive(): Promise<void> {
  const browser = await launch();
  const home = await startHome();
  let vault: Running | null = null;
  try {
    const { page } = await visit(browser, home.origin);
    await readyForScripts(page);
    await claim(page, home.origin, await home.claimCode());
    await home.process.stop();

    // The camera is added while there is only a vault: no hub records, so its chain begins with what is made up below.
    vault = await startVault(home.dataDir, home.port);
    await useDemoCamera(page, "Garden");
    await page.goto("about:blank");
    await vault.stop();
    await run(seedProgram, ["day", home.dataDir, String((Math.floor(Date.now() / 1000) - 67.3 * HOUR_S) * 1e6), String(DAY_RECORDINGS)]);
    vault = await startVault(home.dataDir, home.port);
    const days: number[] = [];
    for (let i = 0; i <= DAYS_DRAWN; i += 1) {
      await page.goto(home.origin);
      await openCamera(page, en.firstRun.demoName);
      days.push(await drawDay(page));
    }
    // The first one warms up.
    report({ name: "timeline-day", value: quantile(days.slice(1), 0.5), unit: "ms" });
    await browser.close();
    await vault.stop();

    await run(seedProgram, ["many", home.dataDir, String(MANY)]);
    const starts: number[] = [];
    for (let i = 0; i < STARTS; i += 1) starts.push(await startUp(home.dataDir));
    report({ name: "startup-1m", value: quantile(starts, 0.5), unit: "s" });
  } finally {
    await browser.close();
    await vault?.kill();
    await home.process.kill();
    rmSync(home.dataDir, { recursive: true, force: true });
  }
}

async function startVault(dataDir: string, port: number): Promise<Running> {
  const secret = join(freshFolder("secret"), "secret");
  writeFileSync(secret, "a secret that pairs nobody in here\n", { mode: 0o600 });
  const listen = `127.0.0.1:${String(port)}`;
  const vault = start(eavesProgram, ["vault", "--data-dir", dataDir, "--app-dir", appFolder, "--listen", listen, "--pairing-secret-file", secret]);
  for (let i = 0; i < 300; i += 1) {
    if (await answers(`http://${listen}/`)) return vault;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the vault does not answer\n${vault.output()}`);
}

const answers = (address: string): Promise<boolean> =>
  fetch(address).then(
    (response) => response.ok,
    () => false,
  );

/** Goes back to a day that was not looked at yet; the milliseconds until all of it is drawn. */
async function drawDay(page: Page): Promise<number> {
  const strip = page.getByRole("slider", { name: en.timeline.label(en.firstRun.demoName) });
  await strip.focus();
  for (let i = 0; i < ZOOMS; i += 1) await page.keyboard.press("-");
  // What is around now is loaded and drawn before.
  await page.waitForLoadState("networkidle").catch(() => undefined);
  await page.waitForTimeout(1_000);
  const box = await strip.boundingBox();
  if (box === null) throw new Error("the strip is not on the screen");
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await watchDayDrawn(page);
  await page.mouse.wheel((-52 * HOUR_S) / S_PER_PX, 0);
  const { ms, columns } = await outcome<{ ms: number; columns: number }>(page);
  expect(columns > 200, `the whole strip was looked at: ${String(columns)}`);
  return ms;
}

/** Watches from now on: from the next turn of the wheel to the first frame in which the strip is recorded from end to end. */
function watchDayDrawn(page: Page): Promise<void> {
  return page.evaluate(() => {
    const strip = document.querySelector<HTMLElement>("[role=slider]");
    const canvas = strip?.querySelector("canvas");
    const context = canvas?.getContext("2d");
    const scratch = document.createElement("canvas").getContext("2d");
    if (strip === null || canvas == null || context == null || scratch === null) throw new Error("there is no strip");
    // The colour as the strip resolves it: it depends on light and dark.
    const probe = strip.appendChild(document.createElement("span"));
    probe.style.color = "var(--recorded)";
    scratch.fillStyle = getComputedStyle(probe).color;
    probe.remove();
    scratch.fillRect(0, 0, 1, 1);
    const wanted = scratch.getImageData(0, 0, 1, 1).data.join();
    const isDrawn = (): number => {
      const row = context.getImageData(0, Math.round(40 * devicePixelRatio), canvas.width, 1).data;
      let [columns, recorded] = [0, 0];
      for (let x = 4; x < canvas.width - 4; x += 4) {
        columns += 1;
        if (row.slice(x * 4, x * 4 + 4).join() === wanted) recorded += 1;
      }
      return recorded >= columns * 0.9 ? columns : 0;
    };
    if (isDrawn() > 0) throw new Error("the day is there before it was asked for");
    window.benched = new Promise<{ ms: number; columns: number }>((resolve, reject) => {
      setTimeout(() => reject(new Error("the day is not drawn")), 60_000);
      document.addEventListener(
        "wheel",
        ({ timeStamp }) => {
          const look = (): void => {
            const columns = isDrawn();
            if (columns > 0) resolve({ ms: performance.now() - timeStamp, columns });
            else requestAnimationFrame(look);
          };
          requestAnimationFrame(look);
        },
        { capture: true, once: true },
      );
    });
    window.benched.catch(() => undefined);
  });
}

/** From the start of the process to its first answer, with nothing of the database in memory, in seconds. */
async function startUp(dataDir: string): Promise<number> {
  execFileSync("sync");
  // Writes nothing; asks the system to forget the file.
  execFileSync("dd", [`of=${join(dataDir, "vault/vault.db")}`, "oflag=nocache", "conv=notrunc,fdatasync", "count=0"], { stdio: "ignore" });
  const begin = performance.now();
  const home = await startHome({ dataDir });
  const response = await fetch(home.origin);
  await response.arrayBuffer();
  const took = (performance.now() - begin) / 1000;
  expect(response.ok, "the program answers");
  await home.process.stop();
  return took;
}
