/** @file Makes the pictures of the guide: every main screen, phone and desktop, light and dark, with the demo camera. */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { desktop, launch, phone, visit } from "./harness/browser.ts";
import { startHome } from "./harness/eaves.ts";
import { repository } from "./harness/paths.ts";
import { claim, en, openCamera, parent, pictureMoves, signIn, useDemoCamera } from "./harness/person.ts";

const folder = join(repository, "docs/guide/pictures");
mkdirSync(folder, { recursive: true });

const browser = await launch();
const home = await startHome();
const first = await visit(browser, home.origin, { viewport: phone });
const code = await home.claimCode();
await first.page.goto(`${home.origin}/#claim=${code}`);
await first.page.getByRole("heading", { name: en.firstRun.codeTitle }).waitFor();
await first.page.screenshot({ path: join(folder, "claim-phone-light.png") });
await first.page.goto("about:blank");
await claim(first.page, home.origin, code, parent);
await useDemoCamera(first.page, "Garden");
await pictureMoves(first.page);
await first.close();

for (const [size, viewport] of [["phone", phone], ["desktop", desktop]] as const)
  for (const colorScheme of ["light", "dark"] as const) {
    const { page, close } = await visit(browser, home.origin, { viewport, colorScheme });
    const shot = (name: string): Promise<unknown> => page.screenshot({ path: join(folder, `${name}-${size}-${colorScheme}.png`) });
    await page.goto(home.origin);
    await page.getByLabel(en.signIn.nameLabel, { exact: true }).waitFor();
    await shot("sign-in");
    await signIn(page, parent);
    await pictureMoves(page);
    await shot("home");
    await openCamera(page, en.firstRun.demoName);
    await pictureMoves(page);
    await shot("camera");
    await page.goto(`${home.origin}/`);
    await page.getByRole("link", { name: en.nav.rooms }).first().click();
    await page.getByRole("heading", { name: en.rooms.title }).waitFor();
    await shot("rooms");
    await page.getByRole("link", { name: en.nav.settings }).first().click();
    await page.getByRole("heading", { name: en.settings.title, exact: true }).waitFor();
    await shot("settings");
    await close();
  }
await browser.close();
await home.process.stop();
