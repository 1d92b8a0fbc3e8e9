/** @file Entry of the app: the screens over the real model, and the service worker that keeps the shell. */
import type { HomeModel } from "./domain/home.ts";
import { start } from "./start.tsx";
import { trustedScriptUrl } from "./trusted-url.ts";

const cores = import.meta.glob<{ readonly createHomeModel: () => HomeModel }>("./core/index.ts");

async function main(): Promise<void> {
  const core = await cores["./core/index.ts"]?.();
  if (core === undefined) throw new Error("the app was built without its core");
  start(core.createHomeModel());
  // Without a service worker the app works all the same, only not without a connection.
  if (import.meta.env.PROD && "serviceWorker" in navigator) await navigator.serviceWorker.register(trustedScriptUrl("/sw.js")).catch(() => undefined);
}

void main();
