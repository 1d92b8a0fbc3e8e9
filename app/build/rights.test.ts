/** @file Holds invariant A6: in the app only src/crypto touches keys and only src/api calls the network. */
import { fileURLToPath } from "node:url";
import { ESLint } from "eslint";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const eslint = new ESLint({ cwd: root, ruleFilter: ({ ruleId }) => ruleId.startsWith("no-restricted-") });

async function complaints(filePath: string, code: string): Promise<number> {
  const [result] = await eslint.lintText(`${code}\nexport {};\n`, { filePath: `${root}/${filePath}` });
  if (result === undefined || result.fatalErrorCount > 0) throw new Error(`could not lint as ${filePath}: ${result?.messages[0]?.message ?? "ignored"}`);
  return result.messages.length;
}

const SCREEN = "src/features/home/Home.tsx";
const CRYPTO = "src/crypto/hash.ts";
const API = "src/api/transport.ts";

describe("network", () => {
  test.each(['void fetch("/x");', 'void window.fetch("/x");', 'new WebSocket("wss://x");', 'new EventSource("/x");', "new XMLHttpRequest();", 'navigator.sendBeacon("/x");'])("%s is refused everywhere but in src/api", async (code) => {
    for (const file of [SCREEN, CRYPTO, "src/App.tsx", "src/domain/clock.ts", "src/ui/Button.tsx"]) expect(await complaints(file, code), file).toBe(1);
    expect(await complaints(API, code)).toBe(0);
  });
});

describe("keys", () => {
  test.each(["crypto.getRandomValues(new Uint8Array(1));", "void globalThis.crypto;", "void navigator.credentials;", 'import "@noble/hashes/sha2.js";', 'import "age-encryption";'])("%s is refused everywhere but in src/crypto", async (code) => {
    for (const file of [SCREEN, API, "src/App.tsx", "src/ui/Button.tsx"]) expect(await complaints(file, code), file).toBe(1);
    expect(await complaints(CRYPTO, code)).toBe(0);
  });
});

describe("imports go one way", () => {
  test.each([
    [SCREEN, 'import "../../crypto/hash.ts";'],
    [SCREEN, 'import "../../api/transport.ts";'],
    [SCREEN, 'import "../../core/answers.ts";'],
    ["src/ui/Button.tsx", 'import "../features/home/Home.tsx";'],
    ["src/ui/Button.tsx", 'import "../domain/clock.ts";'],
    ["src/domain/clock.ts", 'import "react";'],
    ["src/domain/clock.ts", 'import "../features/home/Home.tsx";'],
    [CRYPTO, 'import "../api/transport.ts";'],
    [API, 'import "../crypto/hash.ts";'],
  ])("%s may not say %s", async (file, code) => {
    expect(await complaints(file, code)).toBe(1);
  });
});
