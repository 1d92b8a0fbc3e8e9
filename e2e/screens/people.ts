/** @file Pictures of letting somebody in and putting them out, on both sides; and of a camera that was turned off. */

import type { Browser, Page } from "playwright-core";
import { visit } from "../harness/browser.ts";
import { answerKit, pictureMoves, type Person } from "../harness/person.ts";
import { once, type Album } from "./album.ts";
import { button, en, field, heading, open } from "./controls.ts";
import { openCamera } from "./living.ts";

const words = en.people;
const guest: Person = { name: "Nana Wexcombe", password: "seven grey herons on the weir" };

export async function people(album: Album, browser: Browser, origin: string, page: Page, room: string): Promise<void> {
  album.section("People");
  await page.goto(`${origin}/people`);
  await page.getByText(words.onlyYou).waitFor();
  await album.take(page, "people-only-you", "Nobody else yet", once);
  const link = await invitation(album, page, room);
  const visitor = await visit(browser, origin);
  await visitor.page.goto(link);
  await page.getByText(words.open).waitFor();
  await asks(album, visitor.page);
  await heading(page, words.asks(guest.name)).waitFor({ timeout: 30_000 });
  await album.take(page, "people-asks", "Somebody asks to come in");
  await button(page, words.letIn(guest.name)).click();
  await heading(visitor.page, en.kit.title).waitFor({ timeout: 60_000 });
  await answerKit(visitor.page);
  await heading(visitor.page, en.home.title).waitFor({ timeout: 60_000 });
  await pictureMoves(visitor.page, 2, 60_000);
  await album.take(visitor.page, "people-guest-home", "What a guest sees", once);
  await page.getByRole("list", { name: words.title }).getByText(guest.name).waitFor();
  await album.take(page, "people", "Who is in");
  await putOut(album, page, visitor.page);
  await visitor.close();
}

/** Makes a link for `room`; resolves to it. */
async function invitation(album: Album, page: Page, room: string): Promise<string> {
  await page.getByRole("link", { name: words.invite }).click();
  await heading(page, words.asWhat).waitFor();
  await album.take(page, "invite-role", "As what?", once);
  await button(page, en.common.next).click();
  await field(page, room).check();
  await album.take(page, "invite-rooms", "Which rooms?");
  await button(page, en.common.next).click();
  await page.getByRole("radio", { name: new RegExp(`^${words.reachToday}`) }).check();
  await album.take(page, "invite-reach", "From when on?", once);
  await button(page, words.makeLink).click();
  await heading(page, words.linkTitle).waitFor();
  await album.take(page, "invite-link", "The link, for one person");
  const link = await page.getByRole("textbox", { name: words.linkLabel }).inputValue();
  await page.getByRole("link", { name: en.common.done }).click();
  return link;
}

async function asks(album: Album, page: Page): Promise<void> {
  await button(page, words.join.start).waitFor({ timeout: 60_000 });
  await album.take(page, "join", "The invitation, in the guest’s browser");
  await button(page, words.join.start).click();
  await field(page, en.firstRun.nameLabel).fill(guest.name);
  await album.take(page, "join-name", "The guest’s name", once);
  await button(page, en.common.next).click();
  await field(page, en.firstRun.passwordLabel).fill(guest.password);
  await button(page, words.join.finish).click();
  await page.getByRole("status").getByText(words.waiting.status).waitFor({ timeout: 120_000 });
  await album.take(page, "join-waiting", "Waiting to be let in", once);
}

async function putOut(album: Album, page: Page, theirs: Page): Promise<void> {
  await page.getByRole("list", { name: words.title }).getByText(guest.name).click();
  await button(page, words.putOut).waitFor();
  await album.take(page, "person", "One person: rooms and role", { whole: true });
  await button(page, words.putOut).click();
  await button(page, words.putOutNow(guest.name)).waitFor();
  await album.take(page, "person-put-out", "Putting somebody out: what it means", once);
  await button(page, words.putOutNow(guest.name)).click();
  await page.getByText(words.onlyYou).waitFor({ timeout: 60_000 });
  await theirs.getByText(en.signIn.reasons["put-out"]).waitFor({ timeout: 10_000 });
  await album.take(theirs, "people-out", "For who was put out", once);
}

/** The camera is on again afterwards. */
export async function turnedOff(album: Album, page: Page, name: string): Promise<void> {
  album.section("One camera");
  await openCamera(page, name);
  await button(page, en.camera.turnOff).click();
  await button(page, en.camera.turnOn).waitFor({ timeout: 30_000 });
  await album.take(page, "camera-off", "A camera that was turned off");
  await open(page, "home");
  await heading(page, en.home.title).waitFor();
  await album.take(page, "home-camera-off", "The same on Home", once);
  await openCamera(page, name);
  await button(page, en.camera.turnOn).click();
  await button(page, en.camera.turnOff).waitFor({ timeout: 60_000 });
}
