/** @file Faults under load, in the running program. What is lost is counted picture by picture, by code that shares nothing with the hub. */

import { execFileSync } from "node:child_process";
import { closeSync, openSync, readdirSync, rmSync, statSync, writeSync, writeFileSync } from "node:fs";
import { afterEach, before, describe, it, type TestContext } from "node:test";
import { join } from "node:path";
import { gapAt, gaps, readArchive, type Link, type Reading } from "../faults/archive.ts";
import { chance } from "../faults/chance.ts";
import { makeHousehold, PATHS, type Household } from "../faults/household.ts";
import { largestGop, readLedger, type Loss } from "../faults/loss.ts";
import { filming, lost, pause, sentSince, setScene, type Scene } from "../faults/scene.ts";
import { report, size } from "../faults/size.ts";
import { launch, visit } from "../harness/browser.ts";
import { startHome, startHub, startVault } from "../harness/eaves.ts";
import { eventually, expect } from "../harness/expect.ts";
import { freshFolder } from "../harness/paths.ts";
import { en, openCamera, signIn } from "../harness/person.ts";
import type { Running } from "../harness/process.ts";
import { wiretap } from "../harness/wiretap.ts";

const CHUNK_BYTES = 65_536;

const worst = (of: readonly Loss[], measure: (loss: Loss) => number): number => of.reduce((most, loss) => Math.max(most, measure(loss)), 0);
const chainOf = (reading: Reading, path: string): readonly Link[] => reading.chains.get(path.slice(1)) ?? [];
const causesOf = (reading: Reading): string => {
  const sums = [...reading.chains.values()].flatMap((chain) => [...gaps(chain)]);
  const causes = [...new Set(sums.map(([cause]) => cause))].sort();
  return causes.map((cause) => `${cause} ${String(sums.reduce((sum, [c, { count }]) => sum + (c === cause ? count : 0), 0))}`).join(", ");
};
const spooled = (dataDir: string): number =>
  readdirSync(join(dataDir, "hub/spool"), { recursive: true }).filter((name) => String(name).endsWith(".item")).length;

/** Recordings in the making that were written to after `ms` and have whole chunks on the disk. */
function recordedSince(dataDir: string, ms: number): number {
  const spool = join(dataDir, "hub/spool");
  const logs = readdirSync(spool, { recursive: true }).map((name) => statSync(join(spool, String(name)), { throwIfNoEntry: false }));
  return logs.filter((file) => file !== undefined && file.mtimeMs > ms && file.size > 4 * CHUNK_BYTES).length;
}

describe("faults", () => {
  let household: Household;
  const running = new Set<Running>();
  const keep = <T extends Running | { readonly process: Running }>(started: T): T => {
    running.add("process" in started ? started.process : started);
    return started;
  };

  before(async () => {
    household = await makeHousehold();
  });

  afterEach(async () => {
    for (const one of running) await one.kill();
    running.clear();
  });

  const scene = async (dataDir?: string): Promise<Scene> => {
    const set = await setScene(household, dataDir);
    keep(set.camera);
    return set;
  };

  it("kill -9 at random moments: at most a group of pictures and a chunk lost, every gap with its cause", async () => {
    const random = chance();
    report("kill-seed", random.seed);
    const here = await scene();
    let home = keep(await startHome({ dataDir: here.dataDir }));
    await filming(here, here.began);
    const kills: number[] = [];
    for (let kill = 0; kill < size.kills; kill += 1) {
      await pause(random.between(50, 4_000));
      kills.push(Date.now());
      await home.process.kill();
      home = keep(await startHome({ dataDir: here.dataDir }));
    }
    await filming(here, kills.at(-1) ?? 0);
    await home.process.stop(30_000);
    await here.camera.process.stop();

    const reading = await readArchive(here.dataDir, household.kit);
    const gop = largestGop(readLedger(here.ledger));
    const all: Loss[] = [];
    const wrong = [...reading.problems];
    for (const path of PATHS) {
      const chain = chainOf(reading, path);
      const counted = lost(here, path, chain, kills);
      all.push(...counted.losses);
      wrong.push(...counted.problems);
      // Between any two connections stands a gap (readArchive looks), and no other cause than these.
      const causes = [...gaps(chain).keys()].filter((cause) => !["hub-interrupted", "hub-stopped", "camera-changed"].includes(cause));
      if (causes.length > 0 || !gaps(chain).has("hub-interrupted")) wrong.push(`${path}: gaps called ${[...gaps(chain).keys()].join(", ")}`);
    }
    for (const loss of all.filter(({ bytes }) => bytes > gop + CHUNK_BYTES)) wrong.push(`lost too much: ${JSON.stringify(loss)}`);
    report("kills", kills.length);
    report("kill-connections", all.length);
    report("kill-pictures-kept", all.reduce((sum, { kept }) => sum + kept, 0));
    report("kill-largest-gop-bytes", gop);
    report("kill-lost-bytes-max", worst(all, ({ bytes }) => bytes));
    report("kill-lost-bytes-mean", Math.round(all.reduce((sum, { bytes }) => sum + bytes, 0) / all.length));
    report("kill-lost-pictures-max", worst(all, ({ pictures }) => pictures));
    report("kill-lost-keyframes-max", worst(all, ({ keyframes }) => keyframes));
    report("kill-recordings-cut", [...reading.chains.values()].flat().filter(({ cut }) => cut).length);
    report("kill-gaps", causesOf(reading));
    expect(wrong.length === 0, wrong.join("\n"));
  });

  it("a camera killed and started again: nothing that arrived is lost, and the timeline says why in words", async () => {
    const random = chance();
    report("camera-seed", random.seed);
    const here = await scene();
    let home = keep(await startHome({ dataDir: here.dataDir }));
    await filming(here, here.began);
    const kills: number[] = [];
    for (let kill = 0; kill < size.cameraKills; kill += 1) {
      await pause(random.between(500, 3_000));
      const at = Date.now();
      kills.push(at);
      await here.camera.process.kill();
      await pause(random.between(0, 1_500));
      here.camera = keep(await household.startCameras(here.ledger));
      await filming(here, at, 10);
    }
    // The words on screen are looked up after a kill of the hub too.
    const killed = Date.now();
    await home.process.kill();
    home = keep(await startHome({ dataDir: here.dataDir }));
    await filming(here, killed);
    const words = await wordsOnTimeline(home.origin, "porch");
    await home.process.stop(30_000);
    await here.camera.process.stop();

    const reading = await readArchive(here.dataDir, household.kit);
    const wrong = [...reading.problems];
    const all: Loss[] = [];
    for (const path of PATHS) {
      const chain = chainOf(reading, path);
      const counted = lost(here, path, chain, kills);
      all.push(...counted.losses);
      wrong.push(...counted.problems);
      for (const ms of kills)
        if (gapAt(chain, ms, "stream-ended", "camera-unreachable", "camera-stalled") === undefined) wrong.push(`${path}: no gap for the camera that was killed at ${String(ms)}`);
    }
    report("camera-kills", kills.length);
    report("camera-lost-pictures-max", worst(all, ({ pictures }) => pictures));
    report("camera-gaps", causesOf(reading));
    // What the camera noted, and its death kept it from sending.
    const gop = largestGop(readLedger(here.ledger));
    for (const loss of all.filter(({ bytes }) => bytes > gop)) wrong.push(`lost too much: ${JSON.stringify(loss)}`);
    for (const cause of ["camera-closed", "hub-crashed"] as const)
      if (!words.includes(en.causes[cause].what)) wrong.push(`the timeline does not say "${en.causes[cause].what}"`);
    for (const { what } of Object.values(en.alarms)) if (words.includes(what)) wrong.push(`the timeline raises an alarm: ${what}`);
    expect(wrong.length === 0, wrong.join("\n"));
  });

  it("a vault that cannot be reached: the spool holds, then drains, and nothing is missing", async () => {
    const here = await scene();
    const vault = keep(await startVault({ dataDir: here.dataDir }));
    const cable = await wiretap(vault.port, false);
    const hub = keep(await startHub({ ...vault, port: cable.port }, { dataDir: here.dataDir }));
    await filming(here, here.began);
    cable.cut();
    await pause(size.vaultAwaySeconds * 1_000);
    // A recording of every camera ends, so that there is something to hand over.
    here.camera.process.signal("SIGKILL");
    await here.camera.process.exited;
    const died = Date.now();
    here.camera = keep(await household.startCameras(here.ledger));
    await filming(here, died);
    const held = await eventually("recordings in the spool", 60_000, () => (spooled(here.dataDir) >= PATHS.length ? spooled(here.dataDir) : null));
    cable.mend();
    await eventually("the spool to drain", 180_000, () => (spooled(here.dataDir) === 0 ? true : null));
    await hub.process.stop(30_000);
    await vault.process.stop();
    await cable.close();
    await here.camera.process.stop();

    const reading = await readArchive(here.dataDir, household.kit);
    const wrong = [...reading.problems];
    for (const path of PATHS) {
      const counted = lost(here, path, chainOf(reading, path), [died]);
      wrong.push(...counted.problems);
      const kept = counted.losses.reduce((sum, { kept }) => sum + kept, 0);
      if (gaps(chainOf(reading, path)).has("spool-full")) wrong.push(`${path}: something gave way`);
      if (kept < sentSince(here, path) - 40) wrong.push(`${path}: ${String(kept)} pictures kept of ${String(sentSince(here, path))}`);
    }
    report("vault-away-seconds", size.vaultAwaySeconds);
    report("vault-away-spooled", held);
    report("vault-away-gaps", causesOf(reading));
    expect(wrong.length === 0, wrong.join("\n"));
  });

  it("a vault away for longer than the spool can hold: the oldest gives way, and a gap says so", async () => {
    const here = await scene();
    const config = join(freshFolder("config"), "eaves.toml");
    // Room for what is on its way, and for nothing else.
    writeFileSync(config, "[hub]\nspool_gib_max = 0\nfree_gib_min = 1\n");
    const vault = keep(await startVault({ dataDir: here.dataDir }));
    const cable = await wiretap(vault.port, false);
    const hub = keep(await startHub({ ...vault, port: cable.port }, { dataDir: here.dataDir, args: ["--config", config] }));
    await filming(here, here.began);
    cable.cut();
    for (let recording = 0; recording < 4; recording += 1) {
      await here.camera.process.kill();
      const died = Date.now();
      here.camera = keep(await household.startCameras(here.ledger));
      await filming(here, died, 40);
    }
    cable.mend();
    await eventually("the spool to drain", 180_000, () => (spooled(here.dataDir) === 0 ? true : null));
    await hub.process.stop(30_000);
    await vault.process.stop();
    await cable.close();
    await here.camera.process.stop();
    const reading = await readArchive(here.dataDir, household.kit);
    const wrong = [...reading.problems];
    for (const path of PATHS) if (!gaps(chainOf(reading, path)).has("spool-full")) wrong.push(`${path}: nothing says that the spool was full`);
    report("spool-full-gaps", causesOf(reading));
    expect(wrong.length === 0, wrong.join("\n"));
  });

  const diskFull = async (test: TestContext, freeGib: 0 | 1): Promise<void> => {
    const disk = freshFolder("disk");
    const mounted = mount(disk, 1_500);
    if (mounted !== null) {
      test.skip(`no small disk can be made here: ${mounted}`);
      return;
    }
    try {
      const dataDir = join(disk, "data");
      const filler = join(disk, "filler");
      execFileSync("cp", ["-a", await household.copy(), dataDir]);
      const config = join(freshFolder("config"), "eaves.toml");
      writeFileSync(config, `[hub]\nfree_gib_min = ${String(freeGib)}\n`);
      const here = await scene(dataDir);
      const home = keep(await startHome({ dataDir, args: ["--config", config] }));
      await filming(here, here.began);
      await pause(3_000);
      const filled = Date.now();
      fill(filler, freeGib === 0 ? null : 700);
      if (freeGib > 0) await home.process.waitFor(/the disk is almost full/, 60_000);
      else await home.process.waitFor(/a recording was given up/, 60_000);
      await pause(4_000);
      const still = Date.now();
      // To the last byte in any case.
      fill(`${filler}-rest`, null);
      await pause(2_000);
      expect((await fetch(`${home.origin}/api/v1/state`)).ok, "the app is still served");
      rmSync(filler);
      rmSync(`${filler}-rest`);
      const freed = Date.now();
      await eventually("every camera to be recorded again", 120_000, () => (recordedSince(dataDir, freed) >= PATHS.length ? true : null));
      await home.process.stop(30_000);
      await here.camera.process.stop();
      const reading = await readArchive(dataDir, household.kit);
      const wrong = [...reading.problems];
      for (const path of PATHS) {
        const chain = chainOf(reading, path);
        wrong.push(...lost(here, path, chain, []).problems.filter((problem) => !problem.includes("stands where")));
        if (gapAt(chain, still, "disk-full") === undefined) wrong.push(`${path}: no gap says that the disk was full`);
        if (!chain.some((l) => l.kind === "recording" && l.endUs > (freed + 2_000) * 1_000)) wrong.push(`${path}: nothing was recorded after the disk was freed`);
        if (!chain.some((l) => l.kind === "recording" && l.endUs > (filled - 4_000) * 1_000 && l.startUs < filled * 1_000)) wrong.push(`${path}: what was recorded before is gone`);
      }
      report(freeGib === 0 ? "disk-last-byte-gaps" : "disk-full-gaps", causesOf(reading));
      expect(wrong.length === 0, wrong.join("\n"));
    } finally {
      for (const one of running) await one.kill();
      execFileSync("umount", ["--lazy", disk]);
    }
  };

  it("a disk that fills up: recording stops before, says so, and goes on when there is space", (test) => diskFull(test, 1));

  it("a disk filled to the last byte while recording: what was kept is whole, the gap says why, and it goes on", (test) => diskFull(test, 0));

  it("a clock that steps an hour back, two forward and one back: every run ends cleanly, and no times contradict each other", async () => {
    const here = await scene();
    const control = join(freshFolder("clock"), "offset");
    writeFileSync(control, "+0\n");
    const env = {
      LD_PRELOAD: "/usr/$LIB/faketime/libfaketime.so.1",
      FAKETIME_TIMESTAMP_FILE: control,
      FAKETIME_CACHE_DURATION: "1",
      // What a wrong clock does not touch.
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    };
    const home = keep(await startHome({ dataDir: here.dataDir, env }));
    await filming(here, here.began);
    for (const offset of ["-3600", "+3600", "+0"]) {
      const stepped = Date.now();
      writeFileSync(control, `${offset}\n`);
      await filming(here, stepped, 60);
    }
    await home.process.stop(30_000);
    await here.camera.process.stop();
    const reading = await readArchive(here.dataDir, household.kit);
    const wrong = [...reading.problems];
    for (const path of PATHS) {
      const chain = chainOf(reading, path);
      wrong.push(...lost(here, path, chain, []).problems);
      const steps = chain.filter(({ cause }) => cause === "clock-stepped");
      const back = steps.filter(({ startUs, endUs }) => startUs === endUs).length;
      const forward = steps.filter(({ startUs, endUs }) => endUs - startUs > 7_000_000_000).length;
      if (back !== 2 || forward !== 1) wrong.push(`${path}: ${String(back)} steps back and ${String(forward)} forward are told`);
    }
    report("clock-gaps", causesOf(reading));
    expect(wrong.length === 0, wrong.join("\n"));
  });
});

/** Everything that the list of recordings of a camera says. */
async function wordsOnTimeline(origin: string, name: string): Promise<string> {
  const browser = await launch();
  try {
    const { page } = await visit(browser, origin);
    await page.goto(origin);
    await signIn(page);
    await openCamera(page, name);
    await page.getByRole("button", { name: en.timeline.recordings, exact: true }).click();
    const list = page.getByRole("region", { name: en.timeline.recordings });
    await list.locator("summary").first().waitFor();
    const closed = list.locator("details:not([open]) > summary");
    while ((await closed.count()) > 0) await closed.first().click();
    await list.getByText(en.causes["hub-crashed"].what).first().waitFor();
    return await list.innerText();
  } finally {
    await browser.close();
  }
}

/** A small disk at `folder`; why not, if not. */
function mount(folder: string, mebibytes: number): string | null {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${String(mebibytes)}m`, "tmpfs", folder], { stdio: "pipe" });
    return null;
  } catch (error) {
    return String(error).split("\n").join(" ");
  }
}

/** Fills a disk with a file: until so many MiB, or until not a byte fits any more. */
function fill(file: string, mebibytes: number | null): void {
  const descriptor = openSync(file, "w");
  let bytes = 1 << 20;
  for (let written = 0; bytes > 0 && (mebibytes === null || written < mebibytes << 20); ) {
    try {
      written += writeSync(descriptor, Buffer.alloc(bytes, 1));
    } catch {
      bytes >>= 1;
    }
  }
  closeSync(descriptor);
}
