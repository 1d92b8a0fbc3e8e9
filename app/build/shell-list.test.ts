/** @file Tests of the list of files that the service worker keeps. */
import { expect, test } from "vitest";
import { shellList } from "./shell-list.ts";

type Bundle = Record<string, { type: "chunk" | "asset"; code?: string; source?: string; imports?: string[] }>;

function shellOf(bundle: Bundle): { version: string; files: string[] } {
  const plugin = shellList();
  const hook = plugin.generateBundle;
  if (typeof hook !== "object") throw new Error("the plugin has no hook");
  const context = { error: (message: string) => { throw new Error(message); } };
  Reflect.apply(hook.handler, context, [{}, bundle, true]);
  const literal = /JSON\.parse\(`(.*)`\)/.exec(bundle["sw.js"]?.code ?? "")?.[1] ?? "";
  return JSON.parse(literal) as { version: string; files: string[] };
}

const bundle = (): Bundle => ({
  "sw.js": { type: "chunk", code: "const shell = JSON.parse(`__EAVES_SHELL__`)", imports: [] },
  "index.html": { type: "asset", source: "<html>" },
  "assets/index-1.js": { type: "chunk", code: "1" },
  "assets/opaqueWorker-1.js": { type: "asset", source: "big" },
  "assets/index-1.css": { type: "asset", source: "a{}" },
  "assets/font-latin-wght-normal-1.woff2": { type: "asset", source: "f" },
  "assets/font-latin-ext-wght-normal-1.woff2": { type: "asset", source: "f" },
});

test("the page, its scripts, style and fonts are kept; what only signing in needs is not", () => {
  expect(shellOf(bundle()).files).toEqual(["/assets/font-latin-wght-normal-1.woff2", "/assets/index-1.css", "/assets/index-1.js", "/"]);
});

test("the version changes with the content", () => {
  const changed = bundle();
  changed["index.html"] = { type: "asset", source: "<html lang>" };
  expect(shellOf(changed).version).not.toBe(shellOf(bundle()).version);
  expect(shellOf(bundle()).version).toBe(shellOf(bundle()).version);
});

test("a service worker that needs other files stops the build", () => {
  const torn = bundle();
  torn["sw.js"] = { type: "chunk", code: "", imports: ["assets/index-1.js"] };
  expect(() => shellOf(torn)).toThrow("must stand alone");
});
