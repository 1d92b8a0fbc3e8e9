/** @file What a tile says about a camera, decided from what is known. Pure. */
import type { CameraState, LiveState, TimeUs } from "./home.ts";

export const PASSWORD_LENGTH_MIN = 15;

export type TileState =
  | { readonly kind: "live" }
  | { readonly kind: "connecting" }
  | { readonly kind: "away" }
  | { readonly kind: "trouble" };

/** What is seen wins over what is told: a moving picture is live, whatever the hub last said. */
export function tileState(camera: CameraState, live: LiveState | null): TileState {
  if (live?.kind === "playing") return { kind: "live" };
  if (camera.kind === "unreachable") return { kind: "away" };
  if (live?.kind === "failed") return { kind: "trouble" };
  return { kind: "connecting" };
}

/** Whether a new state says anything that a person would notice: frames come many times a second, screens need not. */
export function isNews(before: LiveState | null, next: LiveState): boolean {
  if (before?.kind !== "playing" || next.kind !== "playing") return true;
  return Math.abs(next.pictureAtUs - before.pictureAtUs) >= 1_000_000;
}

/** A picture this old is worth its age on the tile. */
const FRESH_MS = 5000;

/** Age of the picture on the tile, or null while it is fresh or there is none. */
export function pictureAgeMs(pictureAtUs: TimeUs | null, nowUs: TimeUs): number | null {
  if (pictureAtUs === null) return null;
  const ageMs = (nowUs - pictureAtUs) / 1000;
  return ageMs < FRESH_MS ? null : ageMs;
}

/** Columns of the home grid that waste the least of a wide window. */
export function gridColumns(cameraCount: number, widthPx: number): number {
  const most = Math.max(1, Math.floor(widthPx / 420));
  if (cameraCount <= 1) return 1;
  if (cameraCount <= 4) return Math.min(2, most);
  return Math.min(Math.ceil(Math.sqrt(cameraCount)), most);
}
