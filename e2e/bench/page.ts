/** @file What the benches need in every page before they run functions in it. */

import type { Page } from "playwright-core";

/** The compiler of these files wraps named functions in a helper that a page does not have. */
export async function readyForScripts(page: Page): Promise<void> {
  await page.addInitScript("globalThis.__name = (f) => f;");
}
