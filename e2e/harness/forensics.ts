/** @file Searches files, folders and memory images for anything that a stranger could read. */

import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

export interface Needle {
  readonly name: string;
  readonly bytes: Buffer;
}

export interface Find {
  readonly needle: string;
  readonly where: string;
  readonly offset: number;
}

/** A word in every encoding in which it could lie around. */
export function word(text: string): Needle[] {
  const utf8 = Buffer.from(text, "utf8");
  return [
    { name: `"${text}"`, bytes: utf8 },
    { name: `"${text}" as UTF-16`, bytes: Buffer.from(text, "utf16le") },
    { name: `"${text}" as hex`, bytes: Buffer.from(utf8.toString("hex")) },
    // The three alignments of base64, each without the characters that depend on neighbours.
    ...[0, 1, 2].map((pad) => {
      const encoded = Buffer.concat([Buffer.alloc(pad), utf8]).toString("base64");
      const from = pad === 0 ? 0 : pad === 1 ? 2 : 3;
      const to = encoded.length - ((pad + utf8.length) % 3 === 0 ? 0 : 4);
      return { name: `"${text}" as base64, shifted by ${pad}`, bytes: Buffer.from(encoded.slice(from, to)) };
    }),
  ].filter((needle) => needle.bytes.length >= 6);
}

/** What media in the clear cannot hide. Each is long enough not to turn up in random bytes. */
export const mediaSignatures: readonly Needle[] = [
  { name: "MP4 ftyp box", bytes: Buffer.concat([Buffer.from("ftypiso"), Buffer.alloc(0)]) },
  { name: "MP4 moof box", bytes: Buffer.concat([Buffer.from("moof"), Buffer.from([0, 0, 0, 16]), Buffer.from("mfhd")]) },
  { name: "MP4 avcC box", bytes: Buffer.concat([Buffer.from("avcC"), Buffer.from([1])]) },
  { name: "MP4 hvcC box", bytes: Buffer.concat([Buffer.from("hvcC"), Buffer.from([1])]) },
  { name: "JPEG start", bytes: Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]), Buffer.from("JFIF\0")]) },
];

async function* filesBelow(path: string): AsyncGenerator<string> {
  const info = await stat(path).catch(() => null);
  if (info?.isFile()) yield path;
  else if (info?.isDirectory())
    for (const name of await readdir(path)) yield* filesBelow(join(path, name));
}

/** Streams one file past all needles. */
async function searchFile(file: string, needles: readonly Needle[], finds: Find[]): Promise<number> {
  const overlap = Math.max(...needles.map((n) => n.bytes.length)) - 1;
  let tail = Buffer.alloc(0);
  let read = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 8 << 20 })) {
    const window = Buffer.concat([tail, chunk as Buffer]);
    const base = read - tail.length;
    for (const needle of needles) {
      const at = window.indexOf(needle.bytes);
      if (at >= 0) finds.push({ needle: needle.name, where: file, offset: base + at });
    }
    read += (chunk as Buffer).length;
    tail = window.subarray(Math.max(0, window.length - overlap));
  }
  return read;
}

export interface Search {
  readonly finds: readonly Find[];
  readonly files: number;
  readonly bytes: number;
}

/** Searches every file below `paths`. */
export async function search(paths: readonly string[], needles: readonly Needle[]): Promise<Search> {
  const finds: Find[] = [];
  let files = 0;
  let bytes = 0;
  for (const path of paths)
    for await (const file of filesBelow(path)) {
      files += 1;
      bytes += await searchFile(file, needles, finds);
    }
  return { finds, files, bytes };
}

/** Searches one buffer, for example captured traffic. */
export function searchBytes(where: string, bytes: Buffer, needles: readonly Needle[]): Find[] {
  return needles.flatMap((needle) => {
    const offset = bytes.indexOf(needle.bytes);
    return offset < 0 ? [] : [{ needle: needle.name, where, offset }];
  });
}
