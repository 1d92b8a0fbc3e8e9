/** @file Searches files, folders, traffic and memory images for anything that a stranger could read. */

import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** Something that must not be found. */
export interface Needle {
  readonly name: string;
  readonly bytes: Buffer;
}

export interface Find {
  readonly needle: string;
  readonly where: string;
  readonly offset: number;
}

export interface Search {
  readonly finds: readonly Find[];
  readonly files: number;
  readonly bytes: number;
}

/** Shorter ones turn up by chance. */
export const NEEDLE_BYTES_MIN = 6;
const ANCHOR_BYTES = 4;

/** Bytes in every encoding in which they could lie around. */
export function encoded(name: string, bytes: Buffer): Needle[] {
  const shifted = [0, 1, 2].flatMap((pad) => {
    // The three alignments of base64, each without the characters that depend on neighbours.
    const text = Buffer.concat([Buffer.alloc(pad), bytes]).toString("base64");
    const from = pad === 0 ? 0 : pad === 1 ? 2 : 3;
    const to = text.length - ((pad + bytes.length) % 3 === 0 ? 0 : 4);
    const plain = text.slice(from, to);
    return [
      { name: `${name}, base64 shifted by ${String(pad)}`, bytes: Buffer.from(plain) },
      { name: `${name}, base64url shifted by ${String(pad)}`, bytes: Buffer.from(plain.replaceAll("+", "-").replaceAll("/", "_")) },
    ];
  });
  const hex = bytes.toString("hex");
  return [
    { name, bytes },
    { name: `${name}, hexadecimal`, bytes: Buffer.from(hex) },
    { name: `${name}, HEXADECIMAL`, bytes: Buffer.from(hex.toUpperCase()) },
    { name: `${name}, list of numbers`, bytes: Buffer.from([...bytes].join(",")) },
    { name: `${name}, spaced list of numbers`, bytes: Buffer.from([...bytes].join(", ")) },
    ...shifted,
  ];
}

/** A word in every encoding in which it could lie around. */
export function word(text: string): Needle[] {
  const name = `"${text}"`;
  const wide = Buffer.from(text, "utf16le");
  const escaped = text.replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return [
    ...encoded(name, Buffer.from(text, "utf8")),
    { name: `${name} as UTF-16`, bytes: wide },
    { name: `${name} as big-endian UTF-16`, bytes: Buffer.from(wide).swap16() },
    { name: `${name} as Latin-1`, bytes: Buffer.from(text, "latin1") },
    { name: `${name} escaped for JSON`, bytes: Buffer.from(escaped) },
    { name: `${name} escaped for an address`, bytes: Buffer.from(encodeURIComponent(text)) },
    { name: `${name} in small letters`, bytes: Buffer.from(text.toLowerCase()) },
    { name: `${name} in capitals`, bytes: Buffer.from(text.toUpperCase()) },
  ];
}

const tagged = (name: string, ...parts: (string | number[])[]): Needle => ({
  name,
  bytes: Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.from(part)))),
});

/** What media in the clear cannot hide. Each is long enough not to turn up in random bytes. */
export const mediaSignatures: readonly Needle[] = [
  tagged("MP4 ftyp box", [0, 0, 0], "ftypiso"),
  tagged("MP4 moof box", "moof", [0, 0, 0, 16], "mfhd"),
  tagged("MP4 avc1 box", "avc1", [0, 0, 0, 0, 0, 0, 0, 1]),
  tagged("MP4 hvc1 box", "hvc1", [0, 0, 0, 0, 0, 0, 0, 1]),
  tagged("MP4 avcC box", [0, 0, 0], "avcC", [1]),
  tagged("MP4 hvcC box", [0, 0, 0], "hvcC", [1]),
  tagged("MP4 mp4a box", "mp4a", [0, 0, 0, 0, 0, 0, 0, 1]),
  tagged("JPEG start", [0xff, 0xd8, 0xff, 0xe0, 0, 16], "JFIF"),
  tagged("JPEG table", [0xff, 0xd8, 0xff, 0xdb, 0, 0x43, 0]),
];

/** Up to `count` pieces of `bytes` that tell enough to be recognised, spread over its whole length. */
export function slices(name: string, bytes: Buffer, count: number, length = 32): Needle[] {
  const step = Math.max(length, Math.floor(bytes.length / count));
  const found: Needle[] = [];
  for (let at = 0; at + length <= bytes.length; at += step) {
    const piece = bytes.subarray(at, at + length);
    // Filler and silence look alike everywhere.
    if (new Set(piece).size >= length / 2) found.push({ name: `${name} at ${String(at)}`, bytes: piece });
  }
  return found;
}

/** Looks for many needles in one pass. */
export class Searcher {
  readonly longest: number;
  /** Which pairs of bytes begin an anchor. */
  readonly #pairs = new Uint8Array(1 << 16);
  /** By the four bytes of the needle that are least like filler. */
  readonly #anchored = new Map<number, { readonly needle: Needle; readonly at: number }[]>();

  constructor(needles: readonly Needle[]) {
    const seen = new Set<string>();
    this.longest = Math.max(1, ...needles.map((needle) => needle.bytes.length));
    for (const needle of needles) {
      const content = needle.bytes.toString("latin1");
      if (needle.bytes.length < NEEDLE_BYTES_MIN || seen.has(content)) continue;
      seen.add(content);
      const at = anchorOf(needle.bytes);
      const anchor = needle.bytes.readUInt32LE(at);
      this.#pairs[anchor & 0xffff] = 1;
      this.#anchored.set(anchor, [...(this.#anchored.get(anchor) ?? []), { needle, at }]);
    }
  }

  /** Tells `found` of every occurrence. */
  search(bytes: Buffer, found: (needle: Needle, offset: number) => void): void {
    const end = bytes.length - ANCHOR_BYTES;
    for (let i = 0; i <= end; i += 1) {
      if (this.#pairs[(bytes[i] ?? 0) | ((bytes[i + 1] ?? 0) << 8)] === 0) continue;
      for (const { needle, at } of this.#anchored.get(bytes.readUInt32LE(i)) ?? []) {
        const from = i - at;
        const to = from + needle.bytes.length;
        if (from >= 0 && to <= bytes.length && bytes.compare(needle.bytes, 0, needle.bytes.length, from, to) === 0) found(needle, from);
      }
    }
  }
}

function anchorOf(bytes: Buffer): number {
  let best = 0;
  let most = 0;
  for (let at = 0; at + ANCHOR_BYTES <= bytes.length; at += 1) {
    const piece = bytes.subarray(at, at + ANCHOR_BYTES);
    const different = new Set(piece).size - (piece.includes(0) ? 1 : 0);
    if (different > most) [best, most] = [at, different];
  }
  return best;
}

async function* filesBelow(path: string): AsyncGenerator<string> {
  const info = await stat(path).catch(() => null);
  if (info?.isFile()) yield path;
  else if (info?.isDirectory())
    for (const name of await readdir(path)) yield* filesBelow(join(path, name));
}

/** Notes the first occurrence of each needle. */
function noter(where: string, finds: Find[]): (needle: Needle, offset: number) => void {
  const noted = new Set<string>();
  return (needle, offset) => {
    if (noted.has(needle.name)) return;
    noted.add(needle.name);
    finds.push({ needle: needle.name, where, offset });
  };
}

/** Searches every file below `paths`, streaming, and the files' names. */
export async function search(paths: readonly string[], searcher: Searcher, chunkBytes = 4 << 20): Promise<Search> {
  const finds: Find[] = [];
  let [files, bytes] = [0, 0];
  for (const path of paths)
    for await (const file of filesBelow(path)) {
      files += 1;
      const note = noter(file, finds);
      searcher.search(Buffer.from(file.slice(path.length)), note);
      let tail = Buffer.alloc(0);
      let before = 0;
      for await (const chunk of createReadStream(file, { highWaterMark: chunkBytes })) {
        const window = Buffer.concat([tail, chunk as Buffer]);
        const base = before - tail.length;
        searcher.search(window, (needle, offset) => note(needle, base + offset));
        before += (chunk as Buffer).length;
        tail = window.subarray(Math.max(0, window.length - (searcher.longest - 1)));
      }
      bytes += before;
    }
  return { finds, files, bytes };
}

/** Searches bytes at hand, for example captured traffic. */
export function searchBytes(where: string, bytes: Buffer, searcher: Searcher): Search {
  const finds: Find[] = [];
  searcher.search(bytes, noter(where, finds));
  return { finds, files: 0, bytes: bytes.length };
}
