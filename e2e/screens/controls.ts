/** @file Buttons, fields and headings by the words on them. */

import type { Locator, Page } from "playwright-core";
import { en } from "../../app/src/text/en.ts";

export { en };

export const button = (page: Page, name: string | RegExp): Locator => page.getByRole("button", { name, exact: typeof name === "string" });
export const field = (page: Page, label: string): Locator => page.getByLabel(label, { exact: true });
export const heading = (page: Page, name: string): Locator => page.getByRole("heading", { name, exact: true });

export async function open(page: Page, place: keyof Pick<typeof en.nav, "home" | "rooms" | "activity" | "settings">): Promise<void> {
  // Before a place stands what is new there.
  await page.getByRole("link", { name: new RegExp(`${en.nav[place]}$`) }).first().click();
}
