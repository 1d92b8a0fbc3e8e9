/** @file Starts the app over a model: the real one (main.tsx), or a made-up home in development (dev/). */
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App, Unsupported } from "./App.tsx";
import type { HomeModel } from "./domain/home.ts";
import { claimCodeIn, invitationIn } from "./domain/route.ts";
import { startTheme } from "./features/settings/theme.ts";
import { takeFragment } from "./navigation/location.ts";
import "./styles/app.css";

/** A browser gives keys, media and service workers only to secure pages; without them nothing here would work. */
function isSupported(): boolean {
  return window.isSecureContext && ("MediaSource" in window || "ManagedMediaSource" in window) && "indexedDB" in window;
}

export function start(makeModel: () => HomeModel): void {
  startTheme();
  const fragment = takeFragment();
  const [claimCode, invitation] = [claimCodeIn(fragment), invitationIn(fragment)];
  const root = document.getElementById("app");
  if (root === null) throw new Error("index.html has no #app");
  createRoot(root).render(<StrictMode>{isSupported() ? <App model={makeModel()} claimCode={claimCode} invitation={invitation} /> : <Unsupported />}</StrictMode>);
}
