/** @file Every key of a household, from outside: an archive folder, the recovery kit and the formats as docs/spec has them. */

import { createDecipheriv, hkdfSync } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { encoded, word, type Needle } from "./forensics.ts";
import { expect } from "./expect.ts";
import { freshFolder, openProgram, repository } from "./paths.ts";
import { run } from "./process.ts";

// The authors' own age, which the app brings along.
const fromApp = createRequire(join(repository, "app/package.json"));
const { Decrypter } = (await import(fromApp.resolve("age-encryption"))) as typeof import("../../app/node_modules/age-encryption/dist/index.js");
const { bech32 } = (await import(fromApp.resolve("@scure/base"))) as typeof import("../../app/node_modules/@scure/base/index.js");

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const NONCE_BYTES = 16;
const TAG_BYTES = 16;

export interface Secrets {
  /** Everything that opens something, in every encoding. */
  readonly needles: readonly Needle[];
  readonly fileKeyCount: number;
  readonly liveKeyCount: number;
  /** The opaque ids of the cameras. */
  readonly devices: readonly string[];
  /** The folder with what was sealed, opened. */
  readonly opened: string;
}

interface Named {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Opens everything in `archive`, and every live key in `traffic`. */
export async function secretsOf(archive: string, kit: readonly string[], traffic: Buffer): Promise<Secrets> {
  const own = freshFolder("opened");
  const kitFile = join(own, "kit.txt");
  writeFileSync(kitFile, kit.join("-"));
  const opened = join(own, "recordings");
  await run(openProgram, ["export", "--archive", archive, "--kit-file", kitFile, "--out", opened]);
  const texts = (await run(openProgram, ["identities", "--archive", archive, "--kit-file", kitFile])).match(/AGE-SECRET-KEY-PQ-1\S+/g) ?? [];
  expect(texts.length >= 2, "the kit opens the identities of household and room");
  const decrypter = new Decrypter();
  for (const text of texts) decrypter.addIdentity(text);

  const fileKeys = await fileKeysOf(archive, decrypter);
  const liveKeys = await liveKeysOf(traffic, decrypter);
  const seeds = texts.map((text, i) => ({ name: `shared identity ${String(i)}`, bytes: seedOf(text) }));
  const keys = [...fileKeys, ...liveKeys, ...seeds, ...memberKeysOf(archive, kit)];
  const words = [...texts, kit.join("-"), kit.join(""), kit.join(" ")];
  return {
    needles: [...keys.flatMap(({ name, bytes }) => encoded(name, bytes)), ...words.flatMap((text) => word(text))],
    fileKeyCount: fileKeys.length / 2,
    liveKeyCount: liveKeys.length,
    devices: readdirSync(join(archive, "devices")),
    opened,
  };
}

function seedOf(identity: string): Buffer {
  return Buffer.from(bech32.decodeToBytes(identity.toLowerCase()).bytes);
}

/** The file key of every part that is kept, and the payload key that comes out of it. */
async function fileKeysOf(archive: string, decrypter: InstanceType<typeof Decrypter>): Promise<Named[]> {
  const files = readdirSync(join(archive, "devices"), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".age"));
  const keys: Named[] = [];
  for (const name of files) {
    const file = readFileSync(join(archive, "devices", name));
    const end = file.indexOf(0x0a, file.indexOf("\n--- ") + 1) + 1;
    const fileKey = await decrypter.decryptHeader(new Uint8Array(file.subarray(0, end)));
    expect(fileKey !== null && fileKey.length === 16, `a file key of ${name}`);
    const payload = hkdf(fileKey, file.subarray(end, end + NONCE_BYTES), "payload");
    keys.push({ name: `file key of ${name}`, bytes: Buffer.from(fileKey) }, { name: `payload key of ${name}`, bytes: payload });
  }
  return keys;
}

/** The keys of the live pictures that passed. */
async function liveKeysOf(traffic: Buffer, decrypter: InstanceType<typeof Decrypter>): Promise<Named[]> {
  const keys = new Map<string, Named>();
  for (const [, payload = ""] of traffic.toString("latin1").matchAll(/"payload":"([\w-]+)"/g)) {
    const document = Buffer.from(payload, "base64url").toString("utf8");
    if (!document.includes('"sealedKey"')) continue;
    const { key, sealedKey } = JSON.parse(document) as { key: string; sealedKey: string };
    if (keys.has(key)) continue;
    const bytes = Buffer.from(await decrypter.decrypt(new Uint8Array(Buffer.from(sealedKey, "base64url"))));
    expect(bytes.length === 32, "a live key of 32 bytes");
    keys.set(key, { name: `live key ${key}`, bytes });
  }
  return [...keys.values()];
}

/** What the kit opens: the member secret, and what grows from it. */
function memberKeysOf(archive: string, kit: readonly string[]): Named[] {
  const [file = ""] = readdirSync(join(archive, "ways")).filter((name) => name.endsWith("-kit.json"));
  const member = file.slice(0, -"-kit.json".length);
  const { household } = JSON.parse(readFileSync(join(archive, "eaves-archive.json"), "utf8")) as { household: string };
  const wrapped = JSON.parse(readFileSync(join(archive, "ways", file), "utf8")) as { nonce: string; ciphertext: string };
  const bits = [...kit.join("")].slice(0, 32).map((digit) => CROCKFORD.indexOf(digit).toString(2).padStart(5, "0")).join("");
  const kitSecret = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const wayKey = hkdf(kitSecret, Buffer.alloc(0), "eaves/way/kit/v1");
  const ciphertext = Buffer.from(wrapped.ciphertext, "base64url");
  const cipher = createDecipheriv("chacha20-poly1305", wayKey, Buffer.from(wrapped.nonce, "base64url"), { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(`eaves/wrapped-secret/v1|${household}|${member}|kit`), { plaintextLength: ciphertext.length - TAG_BYTES });
  cipher.setAuthTag(ciphertext.subarray(-TAG_BYTES));
  const secret = Buffer.concat([cipher.update(ciphertext.subarray(0, -TAG_BYTES)), cipher.final()]);
  return [
    { name: "the kit's secret", bytes: kitSecret },
    { name: "the kit's wrapping key", bytes: wayKey },
    { name: "the member secret", bytes: secret },
    { name: "the member's identity", bytes: hkdf(secret, Buffer.alloc(0), "eaves/member/identity/v1") },
    { name: "the member's signing key", bytes: hkdf(secret, Buffer.alloc(0), "eaves/member/signing/v1") },
  ];
}

function hkdf(secret: Uint8Array, salt: Uint8Array, label: string): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, salt, label, 32));
}
