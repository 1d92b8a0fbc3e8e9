/** @file A household with cameras, made once through the app and copied for every fault. */

import { copyFile, cp, readdir } from "node:fs/promises";
import { join } from "node:path";
import { launch, visit } from "../harness/browser.ts";
import { startCamera, type Camera } from "../harness/camera.ts";
import { startHome } from "../harness/eaves.ts";
import { eventually } from "../harness/expect.ts";
import { freshFolder } from "../harness/paths.ts";
import { addCamera, claim, later } from "../harness/person.ts";

export const PATHS = ["/porch", "/garden", "/cellar", "/attic"] as const;

export interface Household {
  /** A data folder of its own, as the template left it. */
  copy(): Promise<string>;
  /** A ledger of its own, with what the cameras sent so far. */
  ledger(): Promise<string>;
  /** The cameras, on the port that the household knows. */
  startCameras(ledger: string): Promise<Camera>;
  /** Nine groups, as on paper. */
  readonly kit: string;
}

const cameras = (ledger: string, port: number): Promise<Camera> =>
  startCamera({ clip: "brisk", audio: "aac", paths: PATHS.join(","), ledger, port });

/** Claims a box, adds every camera of `paths`, and stops. */
export async function makeHousehold(paths: readonly string[] = PATHS): Promise<Household> {
  const ledger = join(freshFolder("ledger"), "ledger");
  const camera = await cameras(ledger, 0);
  const home = await startHome();
  const browser = await launch();
  try {
    const { page } = await visit(browser, home.origin);
    const { kit } = await claim(page, home.origin, await home.claimCode());
    await later(page);
    for (const path of paths) await addCamera(page, camera, path.slice(1), `Room of the ${path.slice(1)}`, path);
    // The hub has the last of them when it writes for it.
    await eventually("a spool for every camera", 60_000, async () => {
      const devices = await readdir(join(home.dataDir, "hub/spool")).catch(() => []);
      return devices.length >= paths.length ? true : null;
    });
    return {
      kit: kit.join("-"),
      copy: async () => {
        const folder = freshFolder("fault");
        await cp(home.dataDir, folder, { recursive: true });
        return folder;
      },
      ledger: async () => {
        const copied = join(freshFolder("ledger"), "ledger");
        await copyFile(ledger, copied);
        return copied;
      },
      startCameras: (own) => cameras(own, camera.port),
    };
  } finally {
    await browser.close();
    await home.process.stop();
    await camera.process.stop();
  }
}
