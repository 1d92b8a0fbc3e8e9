/**
 * @file Nothing readable: who takes the disks, the logs, the temporary files, the vault's memory or the traffic finds no word
 * that a household chose, no picture, no sound and no key. The same search of a build that leaks on purpose finds all that.
 */

import { after, before, describe, it } from "node:test";
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { launch } from "../harness/browser.ts";
import { liveThroughADay, said, type Day } from "../harness/day.ts";
import { expect } from "../harness/expect.ts";
import { encoded, mediaSignatures, NEEDLE_BYTES_MIN, search, searchBytes, Searcher, slices, word, type Needle, type Search } from "../harness/forensics.ts";
import { eavesProgram, freshFolder, leakyProgram } from "../harness/paths.ts";
import { run } from "../harness/process.ts";
import { secretsOf, type Secrets } from "../harness/secrets.ts";

const JPEG_SCAN = Buffer.from([0xff, 0xda]);

/** Pieces of every file below `folder`, by what it ends in. */
function piecesOf(folder: string, ending: string, count: number): Needle[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(ending));
  expect(names.length > 0, `${ending} files below ${folder}`);
  return names.flatMap((name) => {
    const bytes = readFileSync(join(folder, name));
    // The tables before a JPEG's scan are the same in every picture, and in every program that can make one.
    return slices(name, ending === ".jpg" ? bytes.subarray(bytes.indexOf(JPEG_SCAN)) : bytes, count);
  });
}

/** The camera's own picture: parameter sets and pieces of coded frames of the clip that it serves. */
async function pictureOf(clip: string): Promise<{ parameterSets: Needle[]; frames: Needle[] }> {
  const stream = join(freshFolder("clip"), "clip.h264");
  await run("ffmpeg", ["-v", "error", "-nostdin", "-i", clip, "-c", "copy", "-bsf:v", "h264_mp4toannexb", stream]);
  const bytes = readFileSync(stream);
  const parameterSets: Needle[] = [];
  for (let at = bytes.indexOf("000001", 0, "hex"); at >= 0; ) {
    const next = bytes.indexOf("000001", at + 3, "hex");
    const unit = bytes.subarray(at + 3, next < 0 ? undefined : bytes[next - 1] === 0 ? next - 1 : next);
    const kind = unit.readUInt8(0) & 31;
    if (kind === 7 && parameterSets.length < 3) {
      const start = Buffer.concat([Buffer.from([0, 0, 0, 1]), unit]);
      parameterSets.push({ name: "sequence parameter set after a start code", bytes: start }, ...encoded("sequence parameter set", unit));
    }
    if (kind === 8 && parameterSets.length < 40) {
      const length = Buffer.from([0, unit.length]);
      parameterSets.push({ name: "picture parameter set", bytes: Buffer.concat([length, unit]) });
    }
    at = next;
  }
  return { parameterSets, frames: slices("coded picture of the clip", bytes, 400) };
}

/** The sound as it was recorded: pieces of AAC frames that hold more than silence. */
async function soundOf(opened: string): Promise<Needle[]> {
  const needles: Needle[] = [];
  const stream = join(freshFolder("sound"), "sound.aac");
  for (const name of readdirSync(opened, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".mp4"))) {
    const args = ["-v", "error", "-nostdin", "-y", "-i", join(opened, name), "-map", "0:a?", "-c", "copy", "-f", "adts", stream];
    // The later recordings have none: the microphone is off.
    if (!(await run("ffprobe", ["-v", "error", "-show_entries", "stream=codec_type", join(opened, name)])).includes("audio")) continue;
    await run("ffmpeg", args);
    const bytes = readFileSync(stream);
    for (let at = 0; at + 7 < bytes.length && needles.length < 200; ) {
      const length = (bytes.readUIntBE(at + 3, 3) >> 5) & 0x1fff;
      needles.push(...slices("coded sound", bytes.subarray(at + 7, at + length), 1));
      at += Math.max(7, length);
    }
  }
  return needles;
}

interface Known {
  readonly secrets: Secrets;
  readonly words: readonly Needle[];
  readonly media: readonly Needle[];
}

/** Everything that must be nowhere. */
async function known(day: Day): Promise<Known> {
  const secrets = await secretsOf(day.archive, day.kit, day.traffic);
  const { parameterSets, frames } = await pictureOf(day.clip);
  const sound = await soundOf(secrets.opened);
  const pieces = `${String(parameterSets.length)} parameter sets, ${String(frames.length)} pictures, ${String(sound.length)} sounds`;
  expect(parameterSets.length >= 10 && frames.length > 200 && sound.length > 10, `pieces of picture and sound to look for: ${pieces}`);
  const recorded = [...piecesOf(secrets.opened, ".mp4", 200), ...piecesOf(secrets.opened, ".jpg", 60)];
  // Otherwise their absence elsewhere would say nothing: this is what passed through hub and vault.
  const control = await search([secrets.opened], new Searcher([...parameterSets, ...frames, ...sound]));
  for (const kind of ["sequence parameter set", "coded picture of the clip", "coded sound"])
    expect(control.finds.some((find) => find.needle.startsWith(kind)), `the opened recordings hold: ${kind}`);
  return { secrets, words: [...said.words, day.cameraAddress].flatMap((text) => word(text)), media: [...mediaSignatures, ...parameterSets, ...frames, ...sound, ...recorded] };
}

/** What was found in each place. */
async function searchAll(day: Day, needles: readonly Needle[]): Promise<Map<string, Search>> {
  const searcher = new Searcher(needles);
  const found = new Map<string, Search>();
  for (const { name, paths, bytes } of day.places) {
    const parts = [await search(paths, searcher), ...bytes.map((piece) => searchBytes(name, piece, searcher))];
    found.set(name, {
      finds: parts.flatMap((part) => part.finds),
      files: parts.reduce((sum, part) => sum + part.files, 0),
      bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
    });
  }
  return found;
}

function has(found: Map<string, Search>, place: string, needles: readonly Needle[]): boolean {
  const names = new Set(needles.map(({ name }) => name));
  return found.get(place)?.finds.some(({ needle }) => names.has(needle)) === true;
}

describe("nothing readable", () => {
  let browser: Browser;
  let day: Day;
  let leaky: Day;
  let all: Known;
  let found: Map<string, Search>;

  before(async () => {
    browser = await launch();
  });

  after(async () => {
    await browser.close();
    // Memory images are large, and full of what a household must not leave around.
    for (const one of [day, leaky]) if (one !== undefined) rmSync(one.folder, { recursive: true, force: true });
  });

  it("the search finds every needle, in every encoding, anywhere in a file and across the seams of what it reads", async () => {
    const needles = [...said.words.flatMap((text) => word(text)), ...mediaSignatures, ...encoded("a key", Buffer.from("00112233445566778899aabbccddeeff", "hex"))];
    const chunk = 4_096;
    const planted = Buffer.alloc((needles.length + 1) * chunk, 0x5a);
    // Across the end of a chunk, just before it, and just after it.
    needles.forEach(({ bytes }, i) => bytes.copy(planted, (i + 1) * chunk - [Math.floor(bytes.length / 2), bytes.length, 0][i % 3]!));
    const folder = freshFolder("planted");
    writeFileSync(join(folder, "file"), planted);
    const { finds } = await search([folder], new Searcher(needles), chunk);
    // Some are alike: without capitals, the word in small letters is the word.
    const content = ({ bytes }: Needle): string => bytes.toString("latin1");
    const names = new Set(finds.map(({ needle }) => needle));
    const seen = new Set(needles.filter(({ name }) => names.has(name)).map(content));
    const missed = needles.filter((needle) => needle.bytes.length >= NEEDLE_BYTES_MIN && !seen.has(content(needle)));
    expect(missed.length === 0, `missed: ${missed.map((needle) => needle.name).join(", ")}`);
  });

  it("a household lives through a day, and every word, picture, sound and key of it is known", async () => {
    day = await liveThroughADay(browser, { program: eavesProgram });
    all = await known(day);
    const { fileKeyCount, liveKeyCount } = all.secrets;
    expect(fileKeyCount >= 3, `file keys of media, card and poster: ${String(fileKeyCount)}`);
    expect(liveKeyCount >= 1, `live keys: ${String(liveKeyCount)}`);
  });

  it("what is searched is what it should be: the vault's memory, disk and traffic hold the camera's opaque id and sealed bodies", async () => {
    const [device = ""] = all.secrets.devices;
    const [vaultDisk = ""] = day.places.find(({ name }) => name === "the vault's disk")?.paths ?? [];
    const id = encoded("the camera's id", Buffer.from(device, "hex"));
    const bodies = piecesOf(vaultDisk, ".media", 50);
    found = await searchAll(day, [...id, ...bodies, ...all.words, ...all.media, ...all.secrets.needles]);
    for (const place of ["the vault's memory", "the vault's disk", "traffic between hub and vault", "traffic between vault and browser"])
      expect(has(found, place, id), `the camera's id in ${place}`);
    for (const place of ["the vault's disk", "traffic between hub and vault", "traffic between vault and browser"])
      expect(has(found, place, bodies), `sealed pictures in ${place}`);
    // As sixteen bytes it is in the frames of the hub's WebSocket only, and there under a mask.
    expect(has(found, "traffic between hub and vault", id.slice(0, 1)), "the search sees into WebSockets");
    expect(!/\r\ncontent-encoding:/i.test(day.traffic.toString("latin1")), "no answer is compressed");
    for (const log of ["the hub's log", "the vault's log"]) expect(found.get(log)!.bytes > 10_000, `${log} says much`);
    expect(found.get("the vault's memory")!.bytes > 4 << 20, "a memory image of some size");
    for (const disk of ["the hub's disk", "the vault's disk"]) expect(found.get(disk)!.files > 3, `files on ${disk}`);
    const commandLine = searchBytes("the camera's own command line", day.cameraArguments, new Searcher(all.words));
    expect(commandLine.finds.length > 0, "a password on a command line is seen: the test camera's own is there");
  });

  it("no word, picture, sound or key is on a disk, in a log, in the vault's memory, in traffic or on a command line", (test) => {
    const readable = new Set([...all.words, ...all.media, ...all.secrets.needles].map(({ name }) => name));
    test.diagnostic(`${String(readable.size)} needles, ${String(all.secrets.fileKeyCount)} file keys`);
    for (const [place, { finds, files, bytes }] of found) {
      test.diagnostic(`${place}: ${String(files)} files, ${String(bytes)} bytes`);
      const some = finds.filter(({ needle }) => readable.has(needle));
      const told = some.slice(0, 20).map((find) => `${find.needle} in ${find.where} at ${String(find.offset)}`);
      expect(some.length === 0, `${place}:\n${told.join("\n")}`);
    }
  });

  it("neither hub nor vault makes a temporary file or has a file open outside its own folder", () => {
    expect(day.temporary.length === 0, `temporary files: ${day.temporary.join(", ")}`);
    expect(day.openElsewhere.length === 0, `open elsewhere: ${day.openElsewhere.join(", ")}`);
  });

  it("the same search of a build that leaks on purpose finds it in every place", async () => {
    leaky = await liveThroughADay(browser, { program: leakyProgram, isShort: true });
    const leaked = await known(leaky);
    const everything = await searchAll(leaky, [...leaked.words, ...leaked.media, ...leaked.secrets.needles]);
    expect(has(everything, "the hub's log", leaked.words), "a camera's password in the hub's log");
    for (const place of ["the hub's disk", "the hub's temporary files"]) expect(has(everything, place, leaked.media), `pictures in ${place}`);
    for (const place of [
      "the vault's disk",
      "the vault's temporary files",
      "the vault's log",
      "the vault's memory",
      "traffic between hub and vault",
      "traffic between vault and browser",
    ]) {
      expect(has(everything, place, leaked.words), `a camera's password in ${place}`);
      expect(has(everything, place, leaked.secrets.needles), `a file key in ${place}`);
    }
    expect(leaky.temporary.length > 0, "temporary files are noticed");
  });
});
