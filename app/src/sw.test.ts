/** @file Tests of the service worker: it keeps the shell, and never anything of a home. */
import { readFileSync } from "node:fs";
import ts from "typescript";
import { beforeEach, expect, test, vi } from "vitest";

const ORIGIN = "https://home.example";
const SHELL = { version: "v2", files: ["/", "/assets/index-1.js"] };

type Listener = (event: unknown) => void;
let listeners: Map<string, Listener>;
let stored: Map<string, Map<string, Response>>;
let fetched: ReturnType<typeof vi.fn<(request: Request) => Promise<Response>>>;

const keyOf = (request: Request | string) => new URL(typeof request === "string" ? request : request.url, ORIGIN).href;

class FakeRequest extends Request {
  constructor(input: string | URL | Request, init?: RequestInit) {
    super(typeof input === "string" ? new URL(input, ORIGIN) : input, init);
  }
}

/** Runs the very source, with a browser's surroundings made up. */
beforeEach(() => {
  listeners = new Map();
  stored = new Map([["eaves-shell-v1", new Map([[keyOf("/"), new Response("old")]])], ["another-app", new Map<string, Response>()]]);
  fetched = vi.fn((request: Request) => Promise.resolve(new Response(`fresh ${new URL(request.url).pathname}`)));
  const caches = {
    keys: () => Promise.resolve([...stored.keys()]),
    delete: (name: string) => Promise.resolve(stored.delete(name)),
    open(name: string) {
      const cache = stored.get(name) ?? new Map<string, Response>();
      stored.set(name, cache);
      return Promise.resolve({
        addAll: async (requests: readonly Request[]) => {
          for (const request of requests) cache.set(keyOf(request), await fetched(request));
        },
        put: (request: Request, response: Response) => Promise.resolve(void cache.set(keyOf(request), response)),
      });
    },
    match: (request: Request | string, { cacheName }: { cacheName: string }) => Promise.resolve(stored.get(cacheName)?.get(keyOf(request))),
  };
  const scope = {
    location: new URL(ORIGIN),
    clients: { claim: () => Promise.resolve() },
    skipWaiting: () => Promise.resolve(),
    addEventListener: (type: string, listener: Listener) => listeners.set(type, listener),
  };
  const source = readFileSync(new URL("./sw.ts", import.meta.url), "utf8").replace("__EAVES_SHELL__", JSON.stringify(SHELL)).replace("export {};", "");
  const { outputText } = ts.transpileModule(source, { compilerOptions: { target: ts.ScriptTarget.ES2023 } });
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- our own source
  const run = new Function("globalThis", "caches", "fetch", "Request", outputText) as (...surroundings: unknown[]) => void;
  run(scope, caches, fetched, FakeRequest);
});

async function happen(type: "install" | "activate"): Promise<void> {
  let work: Promise<unknown> = Promise.resolve();
  listeners.get(type)?.({ waitUntil: (promise: Promise<unknown>) => { work = promise; } });
  await work;
}

/** What the worker answers, or null when it leaves the request to the browser. */
async function ask(path: string, more: { readonly mode?: string; readonly method?: string } = {}): Promise<string | null> {
  const request = new Request(new URL(path, ORIGIN), { method: more.method ?? "GET" });
  if (more.mode !== undefined) Object.defineProperty(request, "mode", { value: more.mode });
  const answers: Promise<Response>[] = [];
  listeners.get("fetch")?.({ request, respondWith: (response: Promise<Response>) => answers.push(response) });
  const [answer] = answers;
  return answer === undefined ? null : (await answer).clone().text();
}

test("installing keeps the shell and nothing else", async () => {
  await happen("install");
  expect([...(stored.get("eaves-shell-v2")?.keys() ?? [])]).toEqual([`${ORIGIN}/`, `${ORIGIN}/assets/index-1.js`]);
});

test("taking over removes older shells and leaves what is not ours", async () => {
  await happen("install");
  await happen("activate");
  expect([...stored.keys()].sort()).toEqual(["another-app", "eaves-shell-v2"]);
});

test.each(["/api/v1/state", "/api/v1/recordings/abc/media", "/hub/v1/channel", "/ca.pem"])("%s is left to the browser and reaches no cache", async (path) => {
  await happen("install");
  const before = stored.get("eaves-shell-v2")?.size;
  expect(await ask(path)).toBeNull();
  expect(stored.get("eaves-shell-v2")?.size).toBe(before);
});

test("what is sent, and what is another host's, is left to the browser", async () => {
  expect(await ask("/assets/x.js", { method: "POST" })).toBeNull();
  expect(await ask("https://elsewhere.example/assets/x.js")).toBeNull();
});

test("without a connection any page of the app opens from the shell", async () => {
  await happen("install");
  fetched.mockRejectedValue(new TypeError("no network"));
  expect(await ask("/camera/abc", { mode: "navigate" })).toBe("fresh /");
});

test("with a connection the page is the newest", async () => {
  await happen("install");
  expect(await ask("/settings", { mode: "navigate" })).toBe("fresh /settings");
});

test("a file of the build is kept when first used, and then not fetched again", async () => {
  await happen("install");
  fetched.mockImplementation(() => {
    const response = new Response("late chunk");
    Object.defineProperty(response, "type", { value: "basic" });
    return Promise.resolve(response);
  });
  expect(await ask("/assets/late.js")).toBe("late chunk");
  fetched.mockRejectedValue(new TypeError("no network"));
  expect(await ask("/assets/late.js")).toBe("late chunk");
});
