/** @file What axe-core finds on a page, in light and in dark; and moving by keyboard alone. */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type axe from "axe-core";
import type { Locator, Page } from "playwright-core";
import { expect } from "../harness/expect.ts";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const TABS_MAX = 60;

/** Fails with what is wrong and where. */
export async function findNothing(page: Page, screen: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.locator(`html[data-theme=${colorScheme}]`).waitFor();
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    await page.evaluate(source); // through the debugger, which the page's security policy does not bind
    const found = await page.evaluate(async (rules) => {
      const { axe: tool } = window as unknown as { axe: typeof axe };
      // Looking once colours no longer move, and without fetching anything.
      await Promise.all(document.getAnimations().map((one) => one.finished.catch(() => undefined)));
      const { violations } = await tool.run(document, { preload: false, runOnly: { type: "tag", values: rules } });
      return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary ?? ""}`));
    }, RULES);
    expect(found.length === 0, `${screen}, ${colorScheme}:\n${found.join("\n")}`);
  }
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "no-preference" });
}

/** Tab, until the focus is there. */
export async function tabTo(page: Page, target: Locator, name: string): Promise<void> {
  await target.waitFor();
  for (let i = 0; i < TABS_MAX; i += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  expect(false, `${name} is reached by Tab`);
}

/** Goes there by Tab and presses Enter. */
export async function press(page: Page, target: Locator, name: string): Promise<void> {
  await tabTo(page, target, name);
  await page.keyboard.press("Enter");
}
