/** @file Development only: all screens over a made-up home. The scene is chosen by `?scene=…` and remembered for the tab. */
import { start } from "../src/start.tsx";
import { FakeHome, isScene } from "./FakeHome.ts";

const asked = new URLSearchParams(location.search).get("scene");
if (asked !== null) sessionStorage.setItem("scene", asked);
const scene = sessionStorage.getItem("scene") ?? "home";
if (asked !== null) history.replaceState(null, "", location.pathname + location.hash);
if (location.pathname.startsWith("/dev/")) history.replaceState(null, "", `/${location.hash}`);
start(() => new FakeHome(isScene(scene) ? scene : "home"));
