/** @file The pictures of the guide: takes each screen in the sizes and colours wanted, and writes the page that lists them. */

import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { en } from "./controls.ts";
import { desktop, phone } from "../harness/browser.ts";
import { repository } from "../harness/paths.ts";

const folder = join(repository, "docs/guide/pictures");
const index = join(repository, "docs/guide/screens.md");
const QUALITY = "72";
const SETTLE_MS = 350;

const sizes = { phone, desktop } as const;
type Size = keyof typeof sizes;
type Scheme = "light" | "dark";

export interface Wanted {
  readonly sizes?: readonly Size[];
  readonly schemes?: readonly Scheme[];
  /** The whole page instead of what the window shows. */
  readonly whole?: boolean;
  /** Until what the new size shows has come. */
  readonly settleMs?: number;
  /** The passing message is the point of the picture. */
  readonly keepToast?: boolean;
}

/** States of which one size and one colour say enough: problems and their words, passing moments. */
export const once: Wanted = { sizes: ["phone"], schemes: ["light"] };

interface Entry {
  readonly section: string;
  readonly name: string;
  readonly caption: string;
  readonly files: readonly { readonly size: Size; readonly file: string; readonly alt: string }[];
}

export class Album {
  readonly #entries: Entry[] = [];
  #section = "";

  constructor() {
    mkdirSync(folder, { recursive: true });
    for (const name of readdirSync(folder)) rmSync(join(folder, name));
  }

  section(title: string): void {
    this.#section = title;
  }

  async take(page: Page, name: string, caption: string, wanted: Wanted = {}): Promise<void> {
    const before = page.viewportSize();
    if (wanted.keepToast !== true) await dismissToasts(page);
    const files: Entry["files"][number][] = [];
    for (const size of wanted.sizes ?? (["phone", "desktop"] as const))
      for (const colorScheme of wanted.schemes ?? (["light", "dark"] as const)) {
        await page.setViewportSize(sizes[size]);
        await page.emulateMedia({ colorScheme });
        if (wanted.whole === true) await page.setViewportSize({ ...sizes[size], height: await wholeHeight(page, sizes[size].height) });
        await page.waitForTimeout(wanted.settleMs ?? SETTLE_MS);
        const png = await page.screenshot();
        const file = `${name}-${size}-${colorScheme}.webp`;
        toWebp(png, join(folder, file));
        files.push({ size, file, alt: `${caption} (${size}, ${colorScheme})` });
      }
    if (before !== null) await page.setViewportSize(before);
    await page.emulateMedia({ colorScheme: "light" });
    this.#entries.push({ section: this.#section, name, caption, files });
    process.stdout.write(`${name}\n`);
  }

  /** The page that lists every picture. */
  write(): void {
    const lines = [
      "# Every screen",
      "",
      "Status: current. Made by `make screenshots`, with the real program and real cameras; what goes wrong in them went wrong.",
    ];
    for (const section of new Set(this.#entries.map((entry) => entry.section))) {
      lines.push("", `## ${section}`);
      for (const { caption, files } of this.#entries.filter((entry) => entry.section === section)) {
        lines.push("", `**${caption}**`, "");
        lines.push(files.map(({ size, file, alt }) => `<img src="pictures/${file}" alt="${alt}" width="${size === "phone" ? 180 : 420}">`).join(" "));
      }
    }
    writeFileSync(index, `${lines.join("\n")}\n`);
  }
}

async function dismissToasts(page: Page): Promise<void> {
  const close = page.getByRole("button", { name: en.common.dismiss });
  while ((await close.count()) > 0) await close.first().click({ timeout: 1_000, force: true }).catch(() => undefined);
}

/** A window as high as the page, so that bars at its edges stay at the edges. */
function wholeHeight(page: Page, least: number): Promise<number> {
  return page.evaluate((height) => Math.max(height, document.documentElement.scrollHeight), least);
}

function toWebp(png: Buffer, file: string): void {
  execFileSync("ffmpeg", ["-v", "error", "-y", "-f", "png_pipe", "-i", "pipe:0", "-c:v", "libwebp", "-quality", QUALITY, file], { input: png });
}
