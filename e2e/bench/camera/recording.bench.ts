/**
 * @file What recording four cameras costs, beside ffmpeg on the same streams at the same time; and then how soon there is
 * a picture when one seeks in what was recorded.
 */

import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { launch, visit } from "../../harness/browser.ts";
import { startCamera, type Camera } from "../../harness/camera.ts";
import { startHome } from "../../harness/eaves.ts";
import { expect } from "../../harness/expect.ts";
import { freshFolder } from "../../harness/paths.ts";
import { addCamera, claim, later, pictureMoves } from "../../harness/person.ts";
import { start, type Running } from "../../harness/process.ts";
import { cpuSeconds, residentBytes } from "../../harness/usage.ts";
import { quantile, report } from "../figure.ts";
import { seeks } from "./seeks.ts";

const PATHS = ["one", "two", "three", "four"];
const NAMES = ["Gate", "Yard", "Stairs", "Cellar"];
const WARM_UP_S = 30;
const WINDOW_S = 240;
const MIB = 1 << 20;

export default async function recording(): Promise<void> {
  const camera = await startCamera({ own: true, clip: "full", audio: "aac", paths: PATHS.map((path) => `/${path}`).join(",") });
  const home = await startHome();
  const copies = freshFolder("ffmpeg");
  let peers: Running[] = [];
  try {
    const before = await settleIn(home.origin, await home.claimCode(), camera, () => residentBytes([home.process.pid]));
    peers = PATHS.map((path) => copy(camera, path, join(copies, path)));
    await pause(WARM_UP_S);
    const roots = peers.map(({ pid }) => pid);
    const measuredFromS = Date.now() / 1000;
    const from = { ours: cpuSeconds([home.process.pid]), theirs: cpuSeconds(roots), at: performance.now() };
    await pause(WINDOW_S);
    const to = { ours: cpuSeconds([home.process.pid]), theirs: cpuSeconds(roots), at: performance.now() };
    const cameraMinutes = ((to.at - from.at) / 60_000) * PATHS.length;
    for (const peer of peers) expect(peer.output() === "", `ffmpeg has nothing to complain about: ${peer.output()}`);
    report({
      name: "record-cpu-vs-ffmpeg",
      value: (to.ours - from.ours) / cameraMinutes,
      unit: "CPU-s/camera-min",
      peer: (to.theirs - from.theirs) / cameraMinutes,
    });
    report({
      name: "record-rss-per-camera",
      value: (residentBytes([home.process.pid]) - before) / PATHS.length / MIB,
      unit: "MiB",
      peer: residentBytes(roots) / PATHS.length / MIB,
    });
    for (const peer of peers) await peer.kill();
    const times = await seeks(home.origin, NAMES, { fromS: measuredFromS, toS: Date.now() / 1000 - 75 });
    report({ name: "seek-first-frame-p50", value: quantile(times, 0.5), unit: "ms" });
    report({ name: "seek-first-frame-p95", value: quantile(times, 0.95), unit: "ms" });
  } finally {
    for (const peer of peers) await peer.kill();
    await home.process.stop();
    await camera.process.stop();
    rmSync(copies, { recursive: true, force: true });
    rmSync(home.dataDir, { recursive: true, force: true });
  }
}

const pause = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** Claims, looks at the program while it records nothing, adds the cameras, and closes the browser. */
async function settleIn(origin: string, code: string, camera: Camera, measure: () => number): Promise<number> {
  const browser = await launch();
  const { page } = await visit(browser, origin);
  await claim(page, origin, code);
  await later(page);
  await pause(2);
  const measured = measure();
  for (const [at, path] of PATHS.entries()) await addCamera(page, camera, NAMES[at] ?? path, NAMES[at] ?? path, `/${path}`);
  await pictureMoves(page, 1, 90_000);
  await browser.close();
  return measured;
}

/** ffmpeg writes what the camera sends into files of a minute. */
function copy(camera: Camera, path: string, folder: string): Running {
  mkdirSync(folder);
  const address = new URL(camera.url(`/${path}`));
  address.username = camera.user;
  address.password = camera.password;
  const input = ["-nostdin", "-v", "error", "-rtsp_transport", "tcp", "-i", address.href];
  return start("ffmpeg", [...input, "-c", "copy", "-f", "segment", "-segment_time", "60", "-reset_timestamps", "1", join(folder, "%d.mp4")]);
}
