/** @file Starts the app over a model: the real one (main.tsx), or a made-up home in development (dev/). */
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App.tsx";
import type { HomeModel } from "./domain/home.ts";
import { claimCodeIn } from "./domain/route.ts";
import { startTheme } from "./features/settings/theme.ts";
import { takeFragment } from "./navigation/location.ts";
import "./styles/app.css";

export function start(model: HomeModel): void {
  startTheme();
  const claimCode = claimCodeIn(takeFragment());
  const root = document.getElementById("app");
  if (root === null) throw new Error("index.html has no #app");
  createRoot(root).render(
    <StrictMode>
      <App model={model} claimCode={claimCode} />
    </StrictMode>,
  );
}
