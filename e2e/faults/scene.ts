/** @file What the faults have in common: a home under load, and waiting for it. */

import type { Camera } from "../harness/camera.ts";
import { eventually } from "../harness/expect.ts";
import { PATHS, type Household } from "./household.ts";
import { losses, readLedger, type Losses, type Session } from "./loss.ts";
import type { Link } from "./archive.ts";

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const lastOf = (sessions: readonly Session[], path: string): Session | undefined =>
  sessions.filter((session) => session.path === path).sort((a, b) => (a.pictures[0]?.ms ?? 0) - (b.pictures[0]?.ms ?? 0)).at(-1);

/** Cameras that run, and the ledger of what they sent. */
export interface Scene {
  readonly dataDir: string;
  readonly ledger: string;
  readonly began: number;
  camera: Camera;
}

export async function setScene(household: Household, dataDir?: string): Promise<Scene> {
  const ledger = await household.ledger();
  const began = Date.now();
  return { dataDir: dataDir ?? (await household.copy()), ledger, began, camera: await household.startCameras(ledger) };
}

/** Resolves when every camera has sent `pictures` of a connection that began after `ms`. */
export async function filming({ ledger }: Scene, ms: number, pictures = 30): Promise<void> {
  await eventually("every camera to be filmed again", 120_000, () => {
    const sessions = readLedger(ledger);
    const isOn = (path: string): boolean => {
      const session = lastOf(sessions, path);
      return session !== undefined && (session.pictures[0]?.ms ?? 0) >= ms && session.pictures.length >= pictures;
    };
    return PATHS.every(isOn) ? true : null;
  });
}

/** What was lost of one camera by the faults at `faults`: a connection that none of them ended has lost nothing. */
export function lost(scene: Scene, path: string, chain: readonly Link[], faults: readonly number[]): Losses {
  const sessions = readLedger(scene.ledger).filter((session) => session.path === path);
  return losses(sessions, chain, ({ pictures }) => {
    const first = pictures[0]?.ms ?? 0;
    return first < scene.began ? 0 : (faults.find((ms) => ms >= first) ?? 0);
  });
}

/** Pictures that a camera has sent since the scene began. */
export function sentSince(scene: Scene, path: string): number {
  const sessions = readLedger(scene.ledger).filter((session) => session.path === path && (session.pictures[0]?.ms ?? 0) >= scene.began);
  return sessions.reduce((sum, { pictures }) => sum + pictures.length, 0);
}
