/** @file Where in the app one is: the address bar as a store. */
import { useSyncExternalStore } from "react";
import { parseRoute, routePath, type Route } from "../domain/route.ts";

const listeners = new Set<() => void>();

function tell(): void {
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) window.addEventListener("popstate", tell);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) window.removeEventListener("popstate", tell);
  };
}

const currentAddress = () => location.pathname + location.search;

export function useRoute(): Route {
  const address = useSyncExternalStore(subscribe, currentAddress);
  const [path = "/", search = ""] = address.split("?");
  return parseRoute(path, search);
}

export function navigate(route: Route, how: "push" | "replace" = "push"): void {
  const path = routePath(route);
  if (how === "push") history.pushState(null, "", path);
  else history.replaceState(null, "", path);
  window.scrollTo(0, 0);
  tell();
}

/** Takes a claim code or an invitation out of the address before anything else can see, keep or share it. */
export function takeFragment(): string {
  const fragment = location.hash;
  if (fragment !== "") history.replaceState(history.state, "", location.pathname + location.search);
  return fragment;
}
