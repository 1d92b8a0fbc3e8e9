/**
 * @file What a family would find: the archive of a stopped vault, verified and exported with the recovery kit.
 *
 * The judge shares nothing with the writing side: links are read as text, pictures are found by the numbers that the camera
 * put into them, and a stranger's decoder plays every file.
 */

import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startHome } from "../harness/eaves.ts";
import { expect } from "../harness/expect.ts";
import { decodeErrors } from "../harness/media.ts";
import { eavesProgram, freshFolder, openProgram } from "../harness/paths.ts";
import { run, start } from "../harness/process.ts";

export interface Link {
  readonly index: number;
  readonly startUs: number;
  readonly endUs: number;
  readonly kind: "recording" | "gap";
  readonly cause: string | null;
  readonly cut: boolean;
  /** The numbered pictures that its file shows, in order, as `session number`. */
  readonly pictures: readonly string[];
}

export interface Reading {
  /** The chain of each camera, by name. */
  readonly chains: ReadonlyMap<string, readonly Link[]>;
  /** Everything that is not as it should be; empty when all is well. */
  readonly problems: readonly string[];
}

/** Longer pauses between two links are holes that nobody announced. */
const PAUSE_US_MAX = 300_000;
const OVERLAP_US_MAX = 500_000;
const LATE_US_MAX = 3_000_000;

async function waiting(dataDir: string): Promise<number> {
  const names = await readdir(join(dataDir, "hub/spool"), { recursive: true }).catch(() => []);
  return names.filter((name) => name.endsWith(".item")).length;
}

/** Reads everything that the stopped household in `dataDir` keeps. */
export async function readArchive(dataDir: string, kit: string): Promise<Reading> {
  // What the vault had not taken yet when its hub was stopped, it takes now.
  for (let attempt = 0; attempt < 5 && (await waiting(dataDir)) > 0; attempt += 1) {
    const home = await startHome({ dataDir });
    await home.process.stop(30_000);
  }
  expect((await waiting(dataDir)) === 0, "the vault takes all that the hub holds");
  const work = freshFolder("archive");
  const [archive, out, kitFile] = [join(work, "archive"), join(work, "out"), join(work, "kit")];
  await run(eavesProgram, ["archive", "--data-dir", dataDir, "--out", archive]);
  await writeFile(kitFile, kit, { mode: 0o600 });
  const problems: string[] = [];
  const verify = start(openProgram, ["verify", "--archive", archive, "--kit-file", kitFile]);
  if ((await verify.exited) !== 0 || !verify.stdout().includes("No alarm.")) problems.push(`verify: ${verify.output()}`);
  await mkdir(out);
  const exported = start(openProgram, ["export", "--archive", archive, "--kit-file", kitFile, "--out", out]);
  if ((await exported.exited) !== 0) problems.push(`export: ${exported.output()}`);

  const chains = new Map<string, Link[]>();
  for (const folder of await readdir(out)) {
    const [, name = "", short = ""] = /^(.*)-([0-9a-f]{8})$/.exec(folder) ?? [];
    const device = (await readdir(join(archive, "devices"))).find((id) => id.startsWith(short));
    if (device === undefined) throw new Error(`no device for ${folder}`);
    const links = await readLinks(join(archive, "devices", device), join(out, folder), problems);
    problems.push(...[...holes(links), ...seams(links)].map((problem) => `${name}: ${problem}`));
    chains.set(name, links);
  }
  if (problems.length === 0) await rm(work, { recursive: true });
  return { chains, problems };
}

interface Payload {
  readonly index: number;
  readonly startUs: number;
  readonly endUs: number;
  readonly kind: "recording" | "gap";
  readonly cause?: string;
  readonly cut?: boolean;
}

async function readLinks(chain: string, media: string, problems: string[]): Promise<Link[]> {
  const files = new Map((await readdir(media)).filter((f) => f.endsWith(".mp4")).map((f) => [Number(/-(\d+)\.mp4$/.exec(f)?.[1]), join(media, f)]));
  const links: Link[] = [];
  for (const name of (await readdir(chain)).filter((f) => f.endsWith(".json")).sort()) {
    const entry = JSON.parse(await readFile(join(chain, name), "utf8")) as { link: { payload: string } };
    const link = JSON.parse(Buffer.from(entry.link.payload, "base64url").toString("utf8")) as Payload;
    if (link.index !== links.length) problems.push(`${name} says that it is link ${String(link.index)}`);
    const file = files.get(link.index);
    if (link.kind === "recording" && file === undefined) problems.push(`no file for recording ${String(link.index)}`);
    if (file !== undefined) {
      const complaint = await decodeErrors(file);
      if (complaint !== "") problems.push(`${file}: ${complaint}`);
    }
    const pictures = file === undefined ? [] : numbersIn(await readFile(file));
    const { index, startUs, endUs, kind, cause = null, cut = false } = link;
    links.push({ index, startUs, endUs, kind, cause, cut, pictures });
  }
  return links;
}

/** The numbers that the camera wrote into the pictures of a file; see camera.py. */
function numbersIn(file: Buffer): string[] {
  const mark = Buffer.from("eaves-picture-no");
  const found: string[] = [];
  for (let at = file.indexOf(mark); at >= 0; at = file.indexOf(mark, at + mark.length))
    found.push(file.toString("latin1", at + mark.length, at + mark.length + 17));
  return found;
}

/** Instants that are neither recording nor announced gap, and spans that overlap. */
function holes(links: readonly Link[]): string[] {
  const found: string[] = [];
  let covered: number | null = null;
  for (const { index, startUs, endUs, kind, cause } of links) {
    if (endUs < startUs) found.push(`link ${String(index)} ends before it starts`);
    if (kind === "gap" && cause === "clock-stepped" && startUs === endUs) covered = startUs;
    const pause = startUs - (covered ?? startUs);
    if (pause > PAUSE_US_MAX) found.push(`${String(pause / 1e6)} s before link ${String(index)} are missing without a word`);
    if (pause < -OVERLAP_US_MAX) found.push(`link ${String(index)} overlaps what came before by ${String(-pause / 1e6)} s`);
    covered = Math.max(covered ?? endUs, endUs);
  }
  return found;
}

/** How long each cause lasted, in seconds, over the whole chain. */
export function gaps(links: readonly Link[]): Map<string, { count: number; seconds: number }> {
  const sums = new Map<string, { count: number; seconds: number }>();
  for (const { cause, startUs, endUs } of links) {
    if (cause === null) continue;
    const sum = sums.get(cause) ?? { count: 0, seconds: 0 };
    sum.count += 1;
    sum.seconds += (endUs - startUs) / 1e6;
    sums.set(cause, sum);
  }
  return sums;
}

/**
 * The gap with one of `causes` that covers the moment `ms`. Pictures are dated when they arrive, which on a busy machine
 * is seconds late: so much later a gap may begin.
 */
export function gapAt(links: readonly Link[], ms: number, ...causes: readonly string[]): Link | undefined {
  const us = ms * 1000;
  return links.find((l) => l.cause !== null && causes.includes(l.cause) && l.startUs <= us + LATE_US_MAX && l.endUs >= us - LATE_US_MAX);
}

/** Places where the pictures of one connection follow those of another, later than a gap is worth, and none stands between. */
function seams(links: readonly Link[]): string[] {
  const found: string[] = [];
  let session: string | null = null;
  let [hasGap, endedUs] = [false, 0];
  for (const { index, kind, startUs, endUs, pictures } of links) {
    hasGap ||= kind === "gap" || startUs - endedUs <= PAUSE_US_MAX;
    endedUs = endUs;
    const [first, last] = [pictures[0]?.slice(0, 8), pictures.at(-1)?.slice(0, 8)];
    if (first === undefined || last === undefined) continue;
    if (session !== null && first !== session && !hasGap) found.push(`no gap between two connections, before link ${String(index)}`);
    session = last;
    hasGap = false;
  }
  return found;
}
