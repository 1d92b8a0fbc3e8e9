/**
 * @file A guest is let into one of two rooms and put out again: what is made from then on does not open with anything
 * that they kept, recorded or live.
 */

import { after, before, describe, it } from "node:test";
import { cp, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { launch, picture, visit, type Visit } from "../harness/browser.ts";
import { startHome, type Home } from "../harness/eaves.ts";
import { eventually, expect } from "../harness/expect.ts";
import { eavesProgram, freshFolder, openProgram } from "../harness/paths.ts";
import { answerKit, claim, en, openCamera, pictureMoves, useDemoCamera, type Person } from "../harness/person.ts";
import { run, start } from "../harness/process.ts";

const words = en.people;
const guest: Person = { name: "Nana Wexcombe", password: "seven grey herons on the weir" };
const SECOND_US = 1_000_000;

interface Link {
  readonly room: string;
  readonly epoch: number;
  readonly startUs: number;
  readonly endUs: number;
  readonly kind: string;
}

interface Recorded {
  readonly link: Link;
  /** Sealed parts that lie beside the link. */
  readonly files: readonly string[];
}

/** Every recording of an archive with its sealed parts. */
async function recordings(archive: string): Promise<Recorded[]> {
  const devices = join(archive, "devices");
  const found: Recorded[] = [];
  for (const device of await readdir(devices)) {
    const names = await readdir(join(devices, device));
    for (const name of names.filter((one) => /^\d{10}\.json$/.test(one))) {
      const entry = JSON.parse(await readFile(join(devices, device, name), "utf8")) as { link: { payload: string } };
      const link = JSON.parse(Buffer.from(entry.link.payload, "base64url").toString("utf8")) as Link;
      const own = names.filter((one) => one.startsWith(name.slice(0, 10)) && one.endsWith(".age"));
      if (link.kind === "recording") found.push({ link, files: own.map((one) => join(devices, device, one)) });
    }
  }
  return found;
}

/** A room without a camera. */
async function addRoom(page: Page, origin: string, name: string): Promise<void> {
  await page.goto(`${origin}/rooms`);
  await page.getByRole("button", { name: en.rooms.addRoom }).click();
  await page.getByLabel(en.rooms.roomName, { exact: true }).fill(name);
  await page.getByRole("dialog").getByRole("button", { name: en.common.save }).click();
  await page.getByRole("heading", { name }).waitFor();
}

async function archiveOf(home: Home): Promise<string> {
  const out = join(freshFolder("archive"), "archive");
  await run(eavesProgram, ["archive", "--data-dir", home.dataDir, "--out", out]);
  return out;
}

/** One after the other: live keys as the vault relays them to whoever watches. */
interface LiveKeySeen {
  readonly room: string;
  readonly epoch: number;
  readonly sealedKey: string;
  readonly issuedUs: number;
}

describe("somebody is let in and put out again", () => {
  let browser: Browser;
  let home: Home;
  let owner: Visit;
  let visitor: Visit;
  let link = "";
  let kit: readonly string[] = [];
  let kept = "";
  let outAtUs = 0;
  const liveKeys: LiveKeySeen[] = [];

  before(async () => {
    browser = await launch();
    home = await startHome();
    owner = await visit(browser, home.origin);
    owner.page.on("websocket", (socket) => {
      socket.on("framereceived", ({ payload }) => {
        if (typeof payload !== "string" || !payload.includes("live-key")) return;
        const message = JSON.parse(payload) as { key?: { payload: string } };
        if (message.key === undefined) return;
        liveKeys.push(JSON.parse(Buffer.from(message.key.payload, "base64url").toString("utf8")) as LiveKeySeen);
      });
    });
  });

  after(async () => {
    await picture(owner.page, "people-last-owner").catch(() => undefined);
    await picture(visitor.page, "people-last-guest").catch(() => undefined);
    await browser.close();
    await home.process.stop();
  });

  it("has two rooms, and something of yesterday in one", async () => {
    await claim(owner.page, home.origin, await home.claimCode());
    await useDemoCamera(owner.page, "Garden");
    await addRoom(owner.page, home.origin, "Nursery");
    await owner.page.goto(`${home.origin}/`);
    await openCamera(owner.page, en.firstRun.demoName);
    await pictureMoves(owner.page, 3, 60_000);
    await eventually("a sealed body in the vault", 120_000, async () => {
      const entries = await readdir(home.dataDir, { recursive: true });
      return entries.some((name) => name.endsWith(".media")) ? true : null;
    });
  });

  it("an owner makes a link for one room, from today", async () => {
    const { page } = owner;
    await page.goto(`${home.origin}/people`);
    await page.getByText(words.onlyYou).waitFor();
    await page.getByRole("link", { name: words.invite }).click();
    await page.getByRole("button", { name: en.common.next }).click();
    await page.getByLabel("Garden", { exact: true }).check();
    await page.getByRole("button", { name: en.common.next }).click();
    await page.getByRole("radio", { name: new RegExp(`^${words.reachToday}`) }).check();
    await page.getByRole("button", { name: words.makeLink }).click();
    await page.getByRole("heading", { name: words.linkTitle }).waitFor();
    link = await page.getByRole("textbox", { name: words.linkLabel }).inputValue();
    expect(/\/#join=([0-9A-Z]{4}-){8}[0-9A-Z]{4}$/.test(link), "a link with its secret behind the hash");
    await page.getByRole("img", { name: words.qrLabel }).waitFor();
    await picture(page, "people-link");
    await page.getByRole("link", { name: en.common.done }).click();
    await page.getByText(words.open).waitFor();
  });

  it("the guest opens it in a browser of their own, sees who invites to what, and waits", async () => {
    visitor = await visit(browser, home.origin, { viewport: { width: 390, height: 844 } });
    const { page } = visitor;
    await page.goto(link);
    await page.getByRole("heading", { name: words.join.title("Quillon Ashgrove") }).waitFor({ timeout: 60_000 });
    expect(!page.url().includes("join"), "the secret leaves the address bar at once");
    await page.getByText(words.join.lead(words.roles.guest, "Garden")).waitFor();
    await page.getByRole("button", { name: words.join.start }).click();
    await page.getByLabel(en.firstRun.nameLabel, { exact: true }).fill(guest.name);
    await page.getByRole("button", { name: en.common.next }).click();
    await page.getByLabel(en.firstRun.passwordLabel, { exact: true }).fill(guest.password);
    await page.getByRole("button", { name: words.join.finish }).click();
    await page.getByRole("status").getByText(words.waiting.status).waitFor({ timeout: 120_000 });
    await picture(page, "people-waiting");
  });

  it("the owner sees the name and says yes; the guest's page goes on by itself and shows that room only", async () => {
    await owner.page.getByRole("heading", { name: words.asks(guest.name) }).waitFor({ timeout: 30_000 });
    await picture(owner.page, "people-asks");
    await owner.page.getByRole("button", { name: words.letIn(guest.name) }).click();
    const { page } = visitor;
    await page.getByRole("heading", { name: en.kit.title }).waitFor({ timeout: 60_000 });
    kit = await answerKit(page);
    await page.getByRole("heading", { name: en.home.title }).waitFor({ timeout: 60_000 });
    await pictureMoves(page, 3, 60_000);
    expect((await page.locator("video").count()) === 1, "one camera");
    expect((await page.getByText("Nursery").count()) === 0, "nothing of the other room");
    await picture(page, "people-guest-home");
    await owner.page.getByRole("list", { name: words.title }).getByText(guest.name).waitFor();
  });

  it("the guest keeps what a guest holds, while something is recorded that is theirs to see", async () => {
    await openCamera(owner.page, en.firstRun.demoName).catch(async () => {
      await owner.page.goto(`${home.origin}/`);
      await openCamera(owner.page, en.firstRun.demoName);
    });
    await pictureMoves(owner.page, 3, 60_000);
    // A home that stops well ends its recordings and hands them over.
    await home.process.stop();
    kept = await archiveOf(home);
    home = await startHome({ dataDir: home.dataDir, port: home.port });
    await pictureMoves(visitor.page, 3, 90_000);
    await pictureMoves(owner.page, 3, 90_000);
  });

  it("one tap and a yes put them out: their page says so within five seconds", async () => {
    const page = await owner.context.newPage();
    await page.goto(`${home.origin}/people`);
    await page.getByRole("list", { name: words.title }).getByText(guest.name).click({ timeout: 60_000 });
    await page.getByRole("button", { name: words.putOut }).click();
    await page.getByText(words.putOutLead(guest.name, 1, 1)).waitFor();
    await picture(page, "people-put-out");
    await page.getByRole("button", { name: words.putOutNow(guest.name) }).click();
    await page.getByText(words.onlyYou).waitFor({ timeout: 60_000 });
    outAtUs = Date.now() * 1000;
    await visitor.page.getByText(en.signIn.reasons["put-out"]).waitFor({ timeout: 5_000 });
    await picture(visitor.page, "people-out");
    expect((await page.getByRole("list", { name: words.title }).getByText(guest.name).count()) === 0, "gone from the list");
    await page.close();
    // Live goes on for who stays, and so does recording.
    await eventually("a live key of the new epoch", 60_000, () => (liveKeys.at(-1)?.epoch === 3 ? true : null));
    await pictureMoves(owner.page, 10, 60_000);
  });

  it("what they kept opens what was theirs, and nothing that was made a second later", async () => {
    await home.process.stop();
    const archive = await archiveOf(home);
    // The vault has given up everything of theirs; they have not.
    const left = new Set(await readdir(join(archive, "keys")));
    const theirs = (await readdir(join(kept, "keys"))).filter((name) => !left.has(name));
    expect(theirs.length >= 2, `the vault has no wrap of theirs any more: ${theirs.join(" ")}`);
    const member = theirs[0]?.replace(/^.*-([0-9a-f]{32})\.age$/, "$1") ?? "";
    expect(!(await readdir(join(archive, "ways"))).includes(`${member}-kit.json`), "nor a way in");
    await mkdir(join(archive, "ways"), { recursive: true });
    await cp(join(kept, "ways", `${member}-kit.json`), join(archive, "ways", `${member}-kit.json`));
    for (const name of theirs) await cp(join(kept, "keys", name), join(archive, "keys", name));
    const folder = freshFolder("theirs");
    await writeFile(join(folder, "kit"), kit.join("-"));
    const printed = start(openProgram, ["identities", "--archive", archive, "--kit-file", join(folder, "kit")]);
    await printed.exited;
    const identities = printed.stdout().match(/AGE-SECRET-KEY-PQ-1[0-9A-Z]+/g) ?? [];
    expect(identities.length >= 2, `their kit gives what they held: ${printed.output()}`);
    const files = await Promise.all(
      identities.map(async (line, at) => {
        const path = join(folder, `identity-${String(at)}`);
        await writeFile(path, `${line}\n`);
        return path;
      }),
    );
    let tried = 0;
    const opens = async (sealed: string): Promise<boolean> => {
      for (const identity of files) {
        tried += 1;
        const opened = start(openProgram, ["open", sealed, "--identity-file", identity, "--out", join(folder, `out-${String(tried)}`)]);
        if ((await opened.exited) === 0) return true;
      }
      return false;
    };

    const made = await recordings(archive);
    const before = made.filter(({ link: one }) => one.epoch === 2);
    const later = made.filter(({ link: one }) => one.endUs > outAtUs + SECOND_US);
    const past = made.filter(({ link: one }) => one.epoch === 1);
    expect(before.length > 0 && later.length > 0 && past.length > 0, `recordings of each time: ${String([past.length, before.length, later.length])}`);
    for (const { files: parts } of before) for (const part of parts) expect(await opens(part), "what was theirs opens: the positive control");
    for (const { files: parts } of [...later, ...past]) for (const part of parts) expect(!(await opens(part)), `${part} must not open`);

    const asFile = async (key: LiveKeySeen, at: number): Promise<string> => {
      const path = join(folder, `live-${String(at)}.age`);
      await writeFile(path, Buffer.from(key.sealedKey, "base64url"));
      return path;
    };
    const garden = before[0]?.link.room;
    const lived = liveKeys.filter(({ room }) => room === garden);
    const liveBefore = lived.filter(({ epoch }) => epoch === 2);
    const liveLater = lived.filter(({ issuedUs }) => issuedUs > outAtUs + SECOND_US);
    const newEpoch = lived.filter(({ epoch }) => epoch === 3);
    expect(liveBefore.length > 0 && newEpoch.length > 0, "live keys of both times");
    expect(liveLater.every(({ epoch }) => epoch === 3), "no key of the old epoch a second later");
    expect(await opens(await asFile(liveBefore[0] as LiveKeySeen, 0)), "live was theirs to see");
    for (const [at, key] of newEpoch.entries()) expect(!(await opens(await asFile(key, at + 1))), "and is not any more");
    expect((await stat(archive)).isDirectory() && tried > 0, "something was tried");
  });

  it("never asked anybody else for anything, and broke no security policy", () => {
    const lost = /Failed to load resource|WebSocket connection|ERR_/;
    const complaints = [...owner.complaints, ...visitor.complaints].filter((one) => !lost.test(one));
    expect(complaints.length === 0, complaints.join("\n"));
    const requests = [...owner.requests, ...visitor.requests].join("\n");
    expect(!requests.includes(link.split("#join=")[1] ?? "-"), "the secret of the link was sent to nobody");
  });
});
