/** @file Entry of the app: the screens over the real model, and the service worker that keeps the shell. */
import { createHomeModel } from "./core/index.ts";
import { start } from "./start.tsx";
import { trustedScriptUrl } from "./trusted-url.ts";

// A new release took the files of this one away while it was open: the new one is a reload away, and not in a circle.
const RELOADED_AT = "eaves-reloaded-at";
window.addEventListener("vite:preloadError", (event) => {
  if (Date.now() - Number(sessionStorage.getItem(RELOADED_AT) ?? 0) < 60_000) return;
  sessionStorage.setItem(RELOADED_AT, String(Date.now()));
  event.preventDefault();
  location.reload();
});

start(createHomeModel);

// Without a service worker the app works all the same, only not without a connection.
if (import.meta.env.PROD && "serviceWorker" in navigator) navigator.serviceWorker.register(trustedScriptUrl("/sw.js")).catch(() => undefined);
