/** @file A household lives through a day with words that nobody else uses; what it leaves behind is kept for a search. */

import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, watch } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { visit } from "./browser.ts";
import { clip, startCamera, type Camera } from "./camera.ts";
import { startHub, startVault, type Hub, type Vault } from "./eaves.ts";
import { eventually, expect } from "./expect.ts";
import { freshFolder } from "./paths.ts";
import { addCamera, claim, en, later, openCamera, openRooms, pictureMoves, rename, signIn, type Person } from "./person.ts";
import { run } from "./process.ts";
import { descendants } from "./usage.ts";
import { wiretap } from "./wiretap.ts";

/** Each is in no dictionary, no source file and no library. */
export const said = {
  member: { name: "Quorvane Zülpixer", password: "hastings molk trumbeldy krafoss" } satisfies Person,
  camera: "Snorquaddle",
  cameraLater: "Plimbexter",
  room: "Brimmelnook",
  roomLater: "Fjörwickel",
  user: "grubwinkle",
  password: "moztrafenug-5518",
  path: "/zwiefeltor",
  /** What of them a search looks for. */
  words: [
    ..."Quorvane Zülpixer trumbeldy krafoss Snorquaddle Plimbexter Brimmelnook Fjörwickel".split(" "),
    ..."grubwinkle moztrafenug-5518 zwiefeltor".split(" "),
  ],
} as const;

/** Where something was left. */
export interface Place {
  readonly name: string;
  readonly paths: readonly string[];
  readonly bytes: readonly Buffer[];
}

export interface Day {
  /** All of it. */
  readonly folder: string;
  readonly places: readonly Place[];
  /** Everything that passed, which also holds the sealed live keys. */
  readonly traffic: Buffer;
  readonly kit: readonly string[];
  readonly archive: string;
  /** The clip that the camera served, and what somebody sees of the camera's own process. */
  readonly clip: string;
  readonly cameraArguments: Buffer;
  /** Host and port. */
  readonly cameraAddress: string;
  /** Files that appeared in the folders for temporary files. */
  readonly temporary: readonly string[];
  /** Files that hub or vault had open outside their own folder. */
  readonly openElsewhere: readonly string[];
}

export interface DayOptions {
  readonly program: string;
  /** Records and watches, and leaves out what only adds to the ways in which something could get out. */
  readonly isShort?: boolean;
}

/** Runs hub and vault apart, with a wiretap before and between them. */
export async function liveThroughADay(browser: Browser, { program, isShort = false }: DayOptions): Promise<Day> {
  const own = freshFolder("day");
  const folder = (name: string): string => {
    mkdirSync(join(own, name), { recursive: true });
    return join(own, name);
  };
  const temporary: string[] = [];
  const environment = (role: string): Record<string, string> => {
    const tmp = folder(`tmp-${role}`);
    watch(tmp, (_, name) => temporary.push(join(tmp, name ?? "?"))).unref();
    return { TMPDIR: tmp, EAVES_LOG: "trace", EAVES_ALLOW_MEMORY_IMAGE: "1" };
  };
  const cameraOptions = { own: true, user: said.user, password: said.password, paths: said.path };
  const ending: (() => Promise<unknown>)[] = [];
  const ends = <T>(started: T, end: (started: T) => Promise<unknown>): T => {
    ending.unshift(() => end(started));
    return started;
  };
  try {
    let camera: Camera = await startCamera(cameraOptions);
    ending.unshift(() => camera.process.stop());
    const vault = ends(await startVault({ program, dataDir: folder("vault"), env: environment("vault") }), (one) => one.process.kill());
    const between = ends(await wiretap(vault.port), (one) => one.close());
    const before = ends(await wiretap(vault.port), (one) => one.close());
    const place = { program, dataDir: folder("hub"), env: environment("hub") };
    const hub = ends(await startHub({ ...vault, port: between.port }, place), (one) => one.process.kill());
    const tab = ends(await visit(browser, `http://127.0.0.1:${String(before.port)}`), (one) => one.close());
    const kit = await firstHour(tab.page, before.port, hub, camera);
    // While a recording is being written.
    copy(hub.dataDir, folder("hub-while-recording"));
    copy(vault.dataDir, folder("vault-while-recording"));
    // A camera without power ends the recording at once.
    await camera.process.stop();
    camera = await startCamera({ ...cameraOptions, port: camera.port });
    await recordingIn(vault);
    if (!isShort) await rest(tab.page);
    const running = [vault.process.pid, hub.process.pid, ...descendants(hub.process.pid)];
    const processes = Buffer.concat(running.flatMap((pid) => ["cmdline", "environ"].map((file) => ofProcess(pid, file))));
    const openElsewhere = [...elsewhere(vault.process.pid, vault.dataDir), ...elsewhere(hub.process.pid, hub.dataDir)];
    await run("gcore", ["-o", join(folder("memory"), "vault"), String(vault.process.pid)]);
    const cameraArguments = ofProcess(camera.process.pid, "cmdline");
    await tab.close();
    await hub.process.stop();
    await vault.process.stop();
    await run(program, ["archive", "--data-dir", vault.dataDir, "--out", join(own, "archive")], { env: { EAVES_LOG: "warn" } });
    const left = (name: string, paths: readonly string[], ...bytes: Buffer[]): Place => ({ name, paths, bytes });
    return {
      folder: own,
      places: [
        left("the hub's disk", [hub.dataDir, join(own, "hub-while-recording")]),
        left("the vault's disk", [vault.dataDir, join(own, "vault-while-recording")]),
        left("the hub's temporary files", [join(own, "tmp-hub")]),
        left("the vault's temporary files", [join(own, "tmp-vault")]),
        left("the hub's log", [], Buffer.from(hub.process.output())),
        left("the vault's log", [], Buffer.from(vault.process.output())),
        left("the vault's memory", [join(own, "memory")]),
        left("traffic between hub and vault", [], between.captured()),
        left("traffic between vault and browser", [], before.captured()),
        left("arguments and environments", [], processes),
      ],
      traffic: Buffer.concat([between.captured(), before.captured()]),
      kit,
      archive: join(own, "archive"),
      clip: await clip("small"),
      cameraArguments,
      cameraAddress: `${camera.host}:${String(camera.port)}`,
      temporary,
      openElsewhere,
    };
  } finally {
    for (const end of ending) await end().catch(() => undefined);
  }
}

/** Claim, kit, camera, live; ends while a recording is being written. */
async function firstHour(page: Page, port: number, hub: Hub, camera: Camera): Promise<readonly string[]> {
  const { kit } = await claim(page, `http://127.0.0.1:${String(port)}`, await hub.claimCode(), said.member);
  await later(page);
  await addCamera(page, camera, said.camera, said.room, said.path);
  await pictureMoves(page);
  await openCamera(page, said.camera);
  // Long enough for a recording with some seconds of sound, also on a fast machine.
  await pictureMoves(page, 60, 60_000);
  return kit;
}

async function recordingIn(vault: Vault): Promise<void> {
  await eventually("a sealed recording and its poster in the vault", 90_000, () => {
    const names = readdirSync(vault.dataDir, { recursive: true, encoding: "utf8" });
    return names.some((name) => name.endsWith(".media")) && names.some((name) => name.endsWith(".poster")) ? true : null;
  });
}

/** Plays, exports, renames, and signs in anew. */
async function rest(page: Page): Promise<void> {
  await openRooms(page);
  await rename(page, said.camera, said.cameraLater, en.rooms.cameraName);
  await rename(page, said.room, said.roomLater, en.rooms.roomName);
  await page.getByRole("link", { name: said.cameraLater }).first().click();
  await page.getByRole("button", { name: en.timeline.recordings, exact: true }).click();
  await page.getByRole("region", { name: en.timeline.recordings }).locator("summary").first().click();
  await page.getByRole("button", { name: new RegExp(`^${en.timeline.playAt("")}`) }).first().click();
  await pictureMoves(page);
  await page.getByRole("button", { name: en.camera.export }).click();
  await page.getByRole("button", { name: en.export.thisRecording }).click();
  await page.getByRole("button", { name: en.export.start }).click();
  const download = page.waitForEvent("download", { timeout: 60_000 });
  await page.getByRole("button", { name: en.export.save }).click();
  await (await download).cancel();
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: en.nav.settings }).first().click();
  await page.getByRole("button", { name: en.settings.signOut }).click();
  await signIn(page, said.member);
  await pictureMoves(page);
}

/** A folder as it is now; what comes and goes meanwhile is not waited for. */
function copy(from: string, to: string): void {
  for (const name of readdirSync(from, { recursive: true, encoding: "utf8" })) {
    try {
      cpSync(join(from, name), join(to, name), { recursive: true });
    } catch (error) {
      expect(!existsSync(join(from, name)), `could not copy ${name}: ${String(error)}`);
    }
  }
}

/** What anybody on the machine may see of a process. */
function ofProcess(pid: number, file: string): Buffer {
  try {
    return readFileSync(`/proc/${String(pid)}/${file}`);
  } catch {
    return Buffer.alloc(0); // it has ended
  }
}

/** The files that a process has open and that are neither below `dataDir` nor no files at all. */
function elsewhere(pid: number, dataDir: string): string[] {
  const descriptors = readdirSync(`/proc/${String(pid)}/fd`);
  const files = descriptors.flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${String(pid)}/fd/${fd}`)];
    } catch {
      return []; // closed meanwhile
    }
  });
  return files.filter((file) => file.startsWith("/") && !file.startsWith("/dev/") && !file.startsWith(`${dataDir}/`));
}
