/**
 * @file Opens the sealed parts of `vectors/` with the npm package `age-encryption`, which is written by the authors of
 * age and knows nothing of Eaves: a part is an ordinary age file.
 *
 * Run from anywhere: `node vectors/interop/open-parts.mjs`. The package comes with the app's development dependencies.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const vectors = new URL("../", import.meta.url);
const fromApp = createRequire(new URL("../app/package.json", vectors));
const { Decrypter } = await import(pathToFileURL(fromApp.resolve("age-encryption")).href);

const page = JSON.parse(readFileSync(new URL("sealed-part.json", vectors), "utf8"));
const decrypter = new Decrypter();
decrypter.addIdentity(page.identity);

const whole = page.cases.filter(({ expect, edits }) => expect === "ok" && edits.length === 0);
assert.ok(whole.length >= 6, "the vectors hold parts of six sizes");
for (const { file, plaintext, plaintextBytes } of whole) {
  const sealed = new Uint8Array(readFileSync(new URL(file, vectors)));
  const opened = await decrypter.decrypt(sealed);
  assert.equal(opened.length, plaintextBytes, file);
  assert.equal(createHash("sha256").update(opened).digest("hex"), plaintext, file);
  sealed[sealed.length - 1] ^= 1;
  await assert.rejects(decrypter.decrypt(sealed), `${file} with a flipped bit`);
}
console.log(`age-encryption opens ${whole.length} parts and refuses each with a flipped bit`);
