/** @file What the benches need in every page before they run functions in it. */

import type { Page } from "playwright-core";

/** The compiler of these files wraps named functions in a helper that a page does not have. */
export async function readyForScripts(page: Page): Promise<void> {
  await page.addInitScript("globalThis.__name = (f) => f;");
}

declare global {
  interface Window {
    /** What a bench waits for in the page. */
    benched?: Promise<unknown>;
  }
}

/**
 * What a function left in `window.benched`. Watching, acting and waiting are three calls: while one call both watched and
 * waited, the browser could take the click before it.
 */
export function outcome<T>(page: Page): Promise<T> {
  return page.evaluate(() => window.benched as Promise<T>);
}
