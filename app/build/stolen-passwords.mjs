/**
 * @file Makes the filter of stolen passwords: `node build/stolen-passwords.mjs [list.txt [out.bin [one in how many]]]`.
 *
 * Each line of the list is a password, or its SHA-1 in hexadecimal with or without `:count`, as "Pwned Passwords" has it.
 * Without a list, the common passwords of zxcvbn-ts (MIT) are taken. Form and sizes: docs/spec/password-filter.md.
 */
import { createHash } from "node:crypto";
import { createReadStream, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const SHORTEST = 8;
const ONE_IN = 1000;

export async function defaultList() {
  const { dictionary } = await import("@zxcvbn-ts/language-common");
  return dictionary["passwords-common"];
}

/** Twenty bytes for a line; null for what no password here can be. */
function digestOf(line) {
  const text = line.replace(/\r$/, "");
  const hash = /^([0-9a-fA-F]{40})(:\d+)?$/.exec(text);
  if (hash !== null) return Buffer.from(hash[1], "hex");
  return Array.from(text).length < SHORTEST ? null : createHash("sha1").update(text, "utf8").digest();
}

/** `digests` is an array of twenty bytes each. */
export function makeFilter(digests, oneIn = ONE_IN) {
  const bitCount = Math.max(8, Math.ceil((digests.length * Math.log(oneIn)) / Math.LN2 ** 2));
  if (bitCount >= 2 ** 32) throw new Error("a filter of half a gigabyte and more is not for a browser");
  const hashCount = Math.min(32, Math.max(1, Math.round((bitCount / Math.max(1, digests.length)) * Math.LN2)));
  const file = Buffer.alloc(16 + Math.ceil(bitCount / 8));
  file.write("eavespw1", "latin1");
  file.writeUInt32BE(bitCount, 8);
  file.writeUInt32BE(hashCount, 12);
  for (const digest of digests) {
    const [first, step] = [digest.readUInt32BE(0), digest.readUInt32BE(4)];
    for (let i = 0; i < hashCount; i += 1) {
      const at = (first + i * step) % bitCount;
      const byte = 16 + Math.floor(at / 8);
      file[byte] = (file[byte] ?? 0) | (1 << (at & 7));
    }
  }
  return file;
}

export function digestsOf(lines) {
  return lines.map(digestOf).filter((digest) => digest !== null);
}

async function main([list, out = fileURLToPath(new URL("../public/stolen-passwords.bin", import.meta.url)), oneIn = ONE_IN]) {
  const digests = [];
  const lines = list === undefined || list === "" ? await defaultList() : createInterface({ input: createReadStream(list), crlfDelay: Infinity });
  for await (const line of lines) {
    const digest = digestOf(line);
    if (digest !== null) digests.push(digest);
  }
  const file = makeFilter(digests, Number(oneIn));
  writeFileSync(out, file);
  console.log(`${digests.length} passwords, ${file.length} bytes, wrong once in ${oneIn}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
