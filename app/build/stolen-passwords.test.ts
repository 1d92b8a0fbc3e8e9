/** @file Holds the filter of stolen passwords that is shipped, and what makes another one. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readStolenPasswords } from "../src/crypto/stolenPasswords";
import { defaultList, digestsOf, makeFilter } from "./stolen-passwords.mjs";

const shipped = readFileSync(new URL("../public/stolen-passwords.bin", import.meta.url));

test("the filter that is shipped is what the script makes, and is small", async () => {
  expect(Buffer.compare(makeFilter(digestsOf(await defaultList())), shipped)).toBe(0);
  expect(shipped.length).toBeLessThan(100_000);
});

test("every password of its list is found, in capital letters too, and hardly another one", async () => {
  const filter = readStolenPasswords(shipped)!;
  const long = (await defaultList()).filter((password) => Array.from(password).length >= 8);
  expect(long.length).toBeGreaterThan(15_000);
  expect(long.filter((password) => !filter.has(password))).toEqual([]);
  expect(filter.has("PASSWORD1234")).toBe(true);
  const wrong = Array.from({ length: 20_000 }, (_, at) => `never stolen ${at} ${at * 7919}`).filter((password) => filter.has(password));
  expect(wrong.length).toBeLessThan(20_000 / 250); // one in a thousand, twice asked, and chance
});

test("a provider's own list, as passwords or as published hashes, makes the same filter", () => {
  const passwords = ["maple syrup on toast", "the quick brown fox"];
  const hashes = passwords.map((password, at) => `${createHash("sha1").update(password).digest("hex").toUpperCase()}:${at}`);
  const [one, other] = [makeFilter(digestsOf(passwords)), makeFilter(digestsOf(hashes))];
  expect(Buffer.compare(one, other)).toBe(0);
  expect(readStolenPasswords(one)?.has("Maple Syrup on Toast")).toBe(true);
  expect(readStolenPasswords(one)?.has("maple syrup on bread")).toBe(false);
});

test("what is no filter is not taken for one", () => {
  for (const file of [new Uint8Array(0), shipped.subarray(0, 40), Buffer.concat([shipped, Buffer.from("x")]), Buffer.from("<!doctype html><p>not here</p>")]) {
    expect(readStolenPasswords(file)).toBeNull();
  }
});
