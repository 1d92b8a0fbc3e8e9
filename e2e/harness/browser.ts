/** @file Real Chromium, watched: a page that asks a third party for anything, breaks the security policy or throws fails its journey. */

import { chromium as driver, type Browser, type BrowserContext, type Page } from "playwright-core";
import { join } from "node:path";
import { chromium, results } from "./paths.ts";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--autoplay-policy=no-user-gesture-required",
];

export const phone = { width: 390, height: 844 };
export const desktop = { width: 1280, height: 800 };

export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What went wrong in the page so far: console errors, exceptions, requests to elsewhere. */
  readonly complaints: string[];
  /** Every request's address, without fragment, in order. */
  readonly requests: string[];
  close(): Promise<void>;
}

export interface VisitOptions {
  readonly viewport?: { width: number; height: number };
  readonly colorScheme?: "light" | "dark";
  readonly ignoreTlsErrors?: boolean;
  /** Console messages that this journey provokes on purpose. */
  readonly expected?: RegExp;
}

export async function launch(): Promise<Browser> {
  return driver.launch({ executablePath: chromium, headless: true, args: FLAGS });
}

/** A new profile with one page. */
export async function visit(browser: Browser, origin: string, options: VisitOptions = {}): Promise<Visit> {
  const context = await browser.newContext({
    viewport: options.viewport ?? desktop,
    colorScheme: options.colorScheme ?? "light",
    ignoreHTTPSErrors: options.ignoreTlsErrors ?? false,
    acceptDownloads: true,
    locale: "en-GB",
    timezoneId: "Europe/London",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => {
    if (message.type() !== "error") return;
    const text = message.text();
    // The browser reports every 4xx answer as an error of its own; the screens' words are checked instead.
    if (/Failed to load resource: the server responded with a status of (401|404|409|410|429|503)/.test(text)) return;
    if (options.expected?.test(text)) return;
    complaints.push(`console: ${text}`);
  });
  page.on("pageerror", (error) => complaints.push(`exception: ${error.message}`));
  context.on("request", (request) => {
    const url = request.url();
    requests.push(url.split("#")[0] ?? url);
    if (!url.startsWith(origin) && !url.startsWith(origin.replace("http", "ws")) && !/^(blob|data):/.test(url))
      complaints.push(`request to elsewhere: ${url}`);
  });
  return { page, context, complaints, requests, close: () => context.close() };
}

/** Leaves a picture of the page in the results folder. */
export async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(results, `${name}.png`), fullPage: false });
}
