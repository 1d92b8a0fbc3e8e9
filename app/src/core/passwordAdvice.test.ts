/** @file Which new passwords are taken, with the real dictionaries and the filter that is shipped. */
import { readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { Vault } from "../api/vault";
import { strength } from "../advice/strength";
import { PasswordAdvice } from "./passwordAdvice";

const filter = readFileSync(new URL("../../public/stolen-passwords.bin", import.meta.url));
const HOME = ["Quillon Ashgrove", "Front door", "Nursery"];

function advice(answer: () => Response = () => new Response(filter)) {
  const asked: string[] = [];
  const vault = new Vault({
    fetch: (path) => {
      asked.push(path);
      return Promise.resolve(answer());
    },
  });
  return { asked, on: new PasswordAdvice(vault, (password, words) => Promise.resolve(strength(password, words))) };
}

test("four words that nobody else would put together will do, and what is short, stolen, repeated or the family's name will not", async () => {
  const { on, asked } = advice();
  expect(await on.judge("violet teapot under nine clouds", 15, HOME)).toBeNull();
  expect(await on.judge("violet teapot", 15, HOME)).toBe("short");
  expect(await on.judge("violet teapot", 8, HOME)).toBeNull();
  expect(await on.judge("Password1", 8, HOME)).toBe("stolen");
  expect(await on.judge("aaaaaaaaaaaaaaaaaa", 15, HOME)).toBe("easy");
  expect(await on.judge("qwertyuiopasdfgh", 15, HOME)).not.toBeNull();
  expect(await on.judge("QuillonAshgrove1", 15, HOME)).toBe("home-words");
  expect(await on.judge("ashgrove nursery", 15, HOME)).toBe("home-words");
  expect(asked).toEqual(["/stolen-passwords.bin"]);
});

test("without the filter, or with a page in its place, the rest of the advice goes on", async () => {
  for (const answer of [() => new Response(null, { status: 404 }), () => new Response("<html>")]) {
    const { on } = advice(answer);
    expect(await on.judge("violet teapot under nine clouds", 15, [])).toBeNull();
    expect(await on.judge("aaaaaaaaaaaaaaaaaa", 15, [])).toBe("easy");
  }
});

test("a strength that cannot be told in time holds nobody up", async () => {
  vi.useFakeTimers();
  const vault = new Vault({ fetch: () => Promise.resolve(new Response(filter)) });
  const on = new PasswordAdvice(vault, () => new Promise(() => undefined));
  const judged = on.judge("violet teapot under nine clouds", 15, []);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await judged).toBeNull();
  vi.useRealTimers();
});
