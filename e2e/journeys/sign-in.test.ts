/**
 * @file Signing in with passkeys of every kind and with every second step, in browsers that were never here; and what does
 * not let anybody in: another address, a person who was not verified, a right password alone.
 */

import { after, before, describe, it } from "node:test";
import type { Browser, Page } from "playwright-core";
import { Authenticator } from "../harness/authenticator.ts";
import { launch, phone, picture, visit, type Visit } from "../harness/browser.ts";
import { startHome, type Home } from "../harness/eaves.ts";
import { expect } from "../harness/expect.ts";
import { answerKit, en, givePassword, parent, useDemoCamera } from "../harness/person.ts";
import { nextTotp, totp } from "../harness/totp.ts";

const words = en.signIn;
const second = words.second;
const PRF_SALT = "eaves/prf/member-secret/v1";

const button = (page: Page, name: string | RegExp) => page.getByRole("button", { name, exact: typeof name === "string" });
const heading = (page: Page, name: string) => page.getByRole("heading", { name, exact: true });
const isIn = (page: Page) => heading(page, en.home.title).waitFor({ timeout: 20_000 });

/** A browser of somebody else, as far as vault and app can tell; what is plugged in stays plugged in. */
async function forgetEverything(page: Page, origin: string): Promise<void> {
  // A file of the same address, so that nothing of the app runs while it is cleared.
  await page.goto(`${origin}/manifest.webmanifest`);
  await page.context().clearCookies();
  // Left open: one that is closed takes the page's authenticators with it.
  const session = await page.context().newCDPSession(page);
  await session.send("Storage.clearDataForOrigin", { origin, storageTypes: "indexeddb,local_storage" });
  await page.goto(origin);
}

/** By the button, in a browser that offers nothing by itself: else the finger may answer what waits beside the name field. */
async function signInWithPasskey(page: Page, authenticator: Authenticator): Promise<void> {
  await page.addInitScript(() => {
    PublicKeyCredential.isConditionalMediationAvailable = () => Promise.resolve(false);
  });
  await page.reload();
  await button(page, words.usePasskey).waitFor();
  await authenticator.touch(true);
  await button(page, words.usePasskey).click();
}

interface Answered {
  readonly status: number;
  readonly body: string;
  readonly cookies: number;
}

/** Sends the vault an assertion that was signed by the right key, over what `wishes` says. */
async function sendForged(origin: string, authenticator: Authenticator, wishes: { origin: string; isVerified: boolean }): Promise<Answered> {
  const post = (path: string, body: object) =>
    fetch(`${origin}/api/v1/passkeys/login/${path}`, { method: "POST", headers: { "x-eaves": "1", origin, "content-type": "application/json" }, body: JSON.stringify(body) });
  const { login, options } = (await (await post("start", {})).json()) as { login: string; options: { challenge: string } };
  const answer = await post("finish", { login, assertion: await authenticator.forge({ challenge: options.challenge, ...wishes }) });
  return { status: answer.status, body: await answer.text(), cookies: answer.headers.getSetCookie().length };
}

const isRefused = ({ status, body, cookies }: Answered) => status === 401 && cookies === 0 && !body.includes("ciphertext");
const isOpened = ({ status, body, cookies }: Answered) => status === 200 && cookies > 0 && body.includes("ciphertext");

describe("signing in", () => {
  let browser: Browser;
  let home: Home;
  let owner: Visit;
  let phoneVisit: Visit;
  let passkey: Authenticator;
  let secret = "";
  let codes: string[] = [];
  const others: Visit[] = [];
  /** Every body that the owner's page sent. */
  const sent: string[] = [];

  const stranger = async (): Promise<Visit> => {
    const made = await visit(browser, home.origin, { viewport: phone });
    others.push(made);
    await made.page.goto(home.origin);
    await heading(made.page, words.title).waitFor();
    return made;
  };
  const askedForMore = async (made: Visit): Promise<void> => {
    await givePassword(made.page);
    await heading(made.page, second.title).waitFor({ timeout: 20_000 });
  };

  before(async () => {
    browser = await launch();
    home = await startHome();
    owner = await visit(browser, home.origin);
    owner.page.on("request", (request) => {
      const body = request.postData();
      if (body !== null) sent.push(body);
    });
    passkey = await Authenticator.plug(owner.page, { prf: "at-once" });
  });

  after(async () => {
    await picture(owner.page, "sign-in-last").catch(() => undefined);
    for (const [at, other] of others.entries()) await picture(other.page, `sign-in-last-${String(at)}`).catch(() => undefined);
    await browser.close();
    await home.process.stop();
  });

  it("first run refuses a password made of one's own name, and offers a passkey after the kit", async () => {
    const { page } = owner;
    await page.goto(`${home.origin}/#claim=${await home.claimCode()}`);
    await button(page, en.common.next).click();
    await page.getByLabel(en.firstRun.nameLabel, { exact: true }).fill(parent.name);
    await button(page, en.common.next).click();
    const password = page.getByLabel(en.firstRun.passwordLabel, { exact: true });
    await password.fill(parent.name);
    await button(page, en.firstRun.claim).click();
    await page.getByText(en.firstRun.passwordFaults["home-words"]).waitFor({ timeout: 20_000 });
    await password.fill(parent.password);
    await button(page, en.firstRun.claim).click();
    await heading(page, en.kit.title).waitFor({ timeout: 60_000 });
    await answerKit(page);
    await heading(page, words.offer.title).waitFor();
    await picture(page, "sign-in-offer");
    await passkey.touch(true);
    await button(page, words.offer.make).click();
    await heading(page, en.firstRun.cameraTitle).waitFor();
    await passkey.touch(false);
    await useDemoCamera(page, "Garden");
    await page.goto(`${home.origin}/settings/security`);
    await page.getByText(en.security.waysEnough(3)).waitFor();
  });

  it("the browser offers the passkey by itself, and it opens the home in a browser that was never here", async () => {
    const { page } = owner;
    await passkey.touch(true);
    await forgetEverything(page, home.origin);
    await isIn(page);
    await passkey.touch(false);
  });

  it("the button does the same, and what the passkey gives to open with was sent to nobody", async () => {
    const { page } = owner;
    await forgetEverything(page, home.origin);
    await signInWithPasskey(page, passkey);
    await isIn(page);
    // The value itself, asked for by the page's own origin, to look for it in everything that was sent.
    const prf = await page.evaluate(async (salt) => {
      const first = new TextEncoder().encode(salt);
      const publicKey = { challenge: new Uint8Array(32), rpId: location.hostname, userVerification: "required" as const, extensions: { prf: { eval: { first } } } };
      const credential = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
      const result = credential.getClientExtensionResults().prf?.results?.first as ArrayBuffer;
      return Array.from(new Uint8Array(result), (byte) => byte.toString(16).padStart(2, "0")).join("");
    }, PRF_SALT);
    await passkey.touch(false);
    expect(prf.length === 64, "32 bytes of PRF");
    const bytes = Buffer.from(prf, "hex");
    const carried = sent.join("\n");
    expect(carried.includes(`"clientExtensionResults"`) && carried.includes(`"authenticatorData"`), "assertions were sent: the positive control");
    for (const form of [prf, prf.toUpperCase(), bytes.toString("base64url"), bytes.toString("base64"), `"results"`]) expect(!carried.includes(form), "no PRF result in any body");
  });

  it("an assertion without user verification unwraps nothing, one of a look-alike address gets no session", async () => {
    const { origin } = home;
    const unverified = await sendForged(origin, passkey, { origin, isVerified: false });
    expect(isRefused(unverified), `nobody was verified: ${String(unverified.status)} ${unverified.body}`);
    for (const lookAlike of [origin.replace("localhost", "eaves.localhost"), origin.replace("http:", "https:"), "http://localhost", "https://eaves.example"]) {
      const misled = await sendForged(origin, passkey, { origin: lookAlike, isVerified: true });
      expect(isRefused(misled), `a page at ${lookAlike}: ${String(misled.status)} ${misled.body}`);
    }
    const honest = await sendForged(origin, passkey, { origin, isVerified: true });
    expect(isOpened(honest), `the same key, honestly: ${String(honest.status)}`);
  });

  it("the same vault under another name asks for no passkey, and the browser gives it none", async () => {
    const lookAlike = home.origin.replace("localhost", "eaves.localhost");
    const { page, context } = await visit(browser, lookAlike);
    await (await Authenticator.plug(page, { prf: "never" })).touch(true);
    await page.goto(lookAlike);
    await button(page, words.submit).waitFor();
    expect((await button(page, words.usePasskey).count()) === 0, "no button for it");
    const refusal = await page.evaluate(async () => {
      try {
        await navigator.credentials.get({ publicKey: { challenge: new Uint8Array(32), rpId: "localhost" } });
        return "";
      } catch (error) {
        return error instanceof Error ? error.name : "unknown";
      }
    });
    expect(refusal !== "", "the browser gives a page of another name nothing of ours");
    await context.close();
  });

  it("an authenticator app and recovery codes are set up", async () => {
    const { page } = owner;
    await page.goto(`${home.origin}/settings/security`);
    await button(page, `${en.security.setUpApp}: ${en.security.app}`).click();
    await page.getByRole("img", { name: en.security.appQr }).waitFor();
    secret = await page.getByRole("group", { name: en.security.appSecret }).innerText();
    await picture(page, "sign-in-app");
    await button(page, en.security.appNext).click();
    await page.getByLabel(en.security.appCode, { exact: true }).fill(totp(secret));
    await button(page, en.security.appConfirm).click();
    await page.getByText(en.security.appOn).waitFor();
    await button(page, en.security.makeCodes).click();
    const list = page.getByRole("list", { name: en.security.codesLabel });
    await list.waitFor();
    codes = await list.getByRole("listitem").allInnerTexts();
    expect(codes.length === 8 && new Set(codes).size === 8, `eight codes: ${String(codes.length)}`);
    await picture(page, "sign-in-codes");
    await button(page, en.security.codesWritten).click();
    await page.getByText(en.security.codesLeft(8)).waitFor();
  });

  it("a second browser with the right password gets in by the code, and a wrong one is told to the first", async () => {
    phoneVisit = await stranger();
    const { page } = phoneVisit;
    await askedForMore(phoneVisit);
    await picture(page, "sign-in-second");
    await button(page, second.choices.totp.label).click();
    await page.getByLabel(second.totpLabel, { exact: true }).fill("000000");
    await button(page, second.check).click();
    await page.getByText(en.problems["second-step-wrong"].what).waitFor();
    await owner.page.goto(`${home.origin}/activity`);
    await owner.page.getByText(en.notices["second-step-failed"].what({ isMine: true, name: null })).waitFor();
    await picture(owner.page, "sign-in-activity");
    await page.getByLabel(second.totpLabel, { exact: true }).fill(nextTotp(secret));
    await button(page, second.check).click();
    await isIn(page);
    await owner.page.getByText(en.notices["new-device"].what({ isMine: true, name: null })).first().waitFor();
  });

  it("another device says no, and then yes by the number; a recovery code does too, once", async () => {
    const third = await stranger();
    await askedForMore(third);
    const ask = async (): Promise<string> => {
      await button(third.page, second.choices.approval.label).click();
      await button(third.page, second.approvalAsk).click();
      return (await third.page.getByRole("img", { name: /^Number/ }).innerText()).trim();
    };
    await ask();
    await button(owner.page, en.approval.notMe).click();
    await owner.page.getByText(en.approval.denied).waitFor();
    await button(owner.page, en.common.close).click();
    await third.page.getByText(en.problems["approval-denied"].what).waitFor();
    await askedForMore(third);
    const number = await ask();
    await picture(phoneVisit.page, "sign-in-approval");
    await picture(third.page, "sign-in-number");
    await button(phoneVisit.page, en.approval.number(number)).click();
    await isIn(third.page);
    await owner.page.getByRole("dialog").waitFor({ state: "hidden" });

    const fourth = await stranger();
    await askedForMore(fourth);
    await button(fourth.page, second.choices["recovery-code"].label).click();
    await fourth.page.getByLabel(second.codeLabel, { exact: true }).fill((codes[2] ?? "").toLowerCase().replaceAll("-", " "));
    await button(fourth.page, second.check).click();
    await isIn(fourth.page);
  });

  it("the first ends all others, and they are out within five seconds", async () => {
    const { page } = owner;
    await page.goto(`${home.origin}/settings/devices`);
    const list = page.getByRole("list", { name: en.devices.title });
    await list.getByRole("listitem").nth(3).waitFor();
    expect((await list.getByRole("listitem").count()) === 4, "this one and three more");
    await picture(page, "sign-in-devices");
    const pressed = performance.now();
    await button(page, en.devices.endOthers).click();
    await Promise.all(others.map((other) => other.page.getByText(words.reasons.ended).waitFor({ timeout: 5_000 })));
    console.log(`# others signed out after ${String(Math.round(performance.now() - pressed))} ms`);
    // Their browsers are not known any more either.
    await askedForMore(phoneVisit);
    await button(phoneVisit.page, second.startOver).click();
  });

  it("a key that gives nothing at creation opens after one more touch", async () => {
    const { page } = owner;
    await passkey.unplug();
    passkey = await Authenticator.plug(page, { prf: "later" });
    await passkey.touch(true);
    await page.goto(`${home.origin}/settings/security`);
    await button(page, en.security.addPasskey).click();
    await page.getByLabel(en.security.passkeyName, { exact: true }).fill("Blue key");
    await button(page, words.offer.make).click();
    await page.getByRole("dialog", { name: words.offer.touchTitle }).waitFor();
    await button(page, words.offer.touch).click();
    await page.getByRole("list", { name: en.security.passkeys }).getByText("Blue key").waitFor();
    await page.getByText(en.security.waysEnough(4)).waitFor();
    await passkey.touch(false);
    await forgetEverything(page, home.origin);
    await signInWithPasskey(page, passkey);
    await isIn(page);
    await passkey.touch(false);
  });

  it("a passkey that gives nothing at all signs in, and the password opens", async () => {
    const { page } = owner;
    await passkey.unplug();
    passkey = await Authenticator.plug(page, { prf: "never" });
    await passkey.touch(true);
    await page.goto(`${home.origin}/settings/security`);
    await button(page, en.security.addPasskey).click();
    await page.getByLabel(en.security.passkeyName, { exact: true }).fill("Old key");
    await button(page, words.offer.make).click();
    await page.getByText(en.security.signsInOnly).waitFor();
    await picture(page, "sign-in-security");
    await passkey.touch(false);
    await forgetEverything(page, home.origin);
    await signInWithPasskey(page, passkey);
    await heading(page, words.unlock.title).waitFor();
    await passkey.touch(false);
    expect((await heading(page, en.home.title).count()) === 0, "nothing is open yet");
    await page.getByLabel(words.nameLabel, { exact: true }).fill(parent.name);
    await page.getByLabel(words.passwordLabel, { exact: true }).fill(parent.password);
    await button(page, words.unlock.submit).click();
    await isIn(page);
  });

  it("never asked anybody else for anything, and broke no security policy", () => {
    // A browser whose session was just ended may knock once more with its live picture before it hears of it.
    const turnedAway = /Failed to load resource|ERR_|WebSocket connection to 'ws:\/\/localhost.*HTTP Authentication failed/;
    const complaints = [owner, ...others].flatMap((one) => one.complaints).filter((one) => !turnedAway.test(one));
    expect(complaints.length === 0, complaints.join("\n"));
  });
});
