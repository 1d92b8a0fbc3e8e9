/**
 * @file The service worker: keeps the shell of the app, so that it opens at once and without a connection.
 *
 * It caches nothing but the files of the build. Answers of the API, sealed or not, and anything opened from them never
 * pass through a cache: requests under /api are not even looked at.
 */
interface Shell {
  readonly version: string;
  readonly files: readonly string[];
}

interface WaitingEvent extends Event {
  waitUntil(promise: Promise<unknown>): void;
}
interface RequestEvent extends WaitingEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}
interface WorkerScope {
  readonly location: Location;
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: WaitingEvent) => void): void;
  addEventListener(type: "fetch", listener: (event: RequestEvent) => void): void;
}

const scope = globalThis as unknown as WorkerScope;
/** Replaced by the build (build/shell-list.ts). */
const shell = JSON.parse(`__EAVES_SHELL__`) as Shell;
const PREFIX = "eaves-shell-";
const cacheName = PREFIX + shell.version;

async function install(): Promise<void> {
  const cache = await caches.open(cacheName);
  await cache.addAll(shell.files.map((file) => new Request(file, { cache: "reload" })));
  await scope.skipWaiting();
}

async function activate(): Promise<void> {
  for (const name of await caches.keys()) {
    if (name.startsWith(PREFIX) && name !== cacheName) await caches.delete(name);
  }
  await scope.clients.claim();
}

/** A page of the app: the newest from the vault when it answers soon, else the one that is kept. */
async function page(request: Request): Promise<Response> {
  const kept = await caches.match("/", { cacheName });
  if (kept === undefined) return fetch(request);
  const fresh = fetch(request).then((response) => (response.ok ? response : kept));
  const patience = new Promise<Response>((resolve) => setTimeout(() => resolve(kept.clone()), 1000));
  return Promise.race([fresh, patience]).catch(() => kept);
}

/** Files of the build carry their hash in the name: what is kept is right for ever. */
async function asset(request: Request): Promise<Response> {
  const kept = await caches.match(request, { cacheName });
  if (kept !== undefined) return kept;
  const response = await fetch(request);
  if (response.ok && response.type === "basic") {
    const cache = await caches.open(cacheName);
    await cache.put(request, response.clone());
  }
  return response;
}

scope.addEventListener("install", (event) => event.waitUntil(install()));
scope.addEventListener("activate", (event) => event.waitUntil(activate()));
scope.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== scope.location.origin || url.pathname.startsWith("/api/")) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (url.pathname.startsWith("/assets/")) event.respondWith(asset(request));
});
export {};
