/** @file Signing in with all its second steps and passkeys, step-up, ways in and notices, against a vault that asks. */
import { describe, expect, test, vi } from "vitest";
import type { HomeModel } from "../domain/home";
import { kitGroups, makeKit } from "../crypto/kit";
import { access, browser, claimedHome, memoryStore, must, NAME, PASSWORD, settled, until } from "./testing/home";
import { TestAuthenticator, type Prf } from "./testing/testAuthenticator";

vi.setConfig({ testTimeout: 120_000 }); // Argon2 with 64 MiB and 600 000 rounds, on whatever machine this is

const typed = { memberName: NAME, password: PASSWORD };
const asked = (model: HomeModel) => {
  const now = model.snapshot().access;
  return now.kind === "second-step" ? now : null;
};

/** A home whose owner stands before a browser that was never signed in. */
async function newBrowser(authenticators: TestAuthenticator | null = null) {
  const home = await claimedHome();
  home.vault.isSignedIn = false;
  home.vault.isKnownBrowser = false;
  const model = browser(home.vault, memoryStore(), authenticators);
  await settled(model);
  return { ...home, owner: home.model, model };
}

/** A home whose owner's browser has an authenticator. */
async function withAuthenticator(prf: Prf) {
  const home = await claimedHome();
  const authenticator = new TestAuthenticator(prf);
  const model = browser(home.vault, home.store, authenticator);
  await settled(model);
  return { ...home, model, authenticator };
}

const byPasskey = (model: HomeModel) => model.signingIn.withPasskey({ quietly: false, signal: new AbortController().signal });

describe("the second step", () => {
  test("a password alone gets a question and no secret, and each proof answers it", async () => {
    const { vault, model, kit } = await newBrowser();
    Object.assign(vault.ways, { hasTotp: true, codes: ["AAAA-BBBB-CCCC-0000"] });
    must(await model.signIn(typed));
    expect(asked(model)).toEqual({ kind: "second-step", after: "password", offers: ["totp", "recovery-code", "kit"], number: null });
    expect(await model.signingIn.withTotp("000000")).toMatchObject({ problem: { code: "second-step-wrong" } });
    expect(vault.isSignedIn).toBe(false);
    vault.ways.totpCode = "123456";
    must(await model.signingIn.withTotp("123 456"));
    expect(access(model)).toBe("in");

    must(await model.signOut());
    must(await model.signIn(typed));
    expect(await model.signingIn.withTotp("123456")).toMatchObject({ problem: { code: "second-step-wrong" } });
    must(await model.signingIn.withRecoveryCode("aaaa-bbbb-cccc-0000"));
    must(await model.signOut());
    must(await model.signIn(typed));
    expect(asked(model)?.offers).toEqual(["totp", "kit"]);
    expect(await model.signingIn.withKitToo(kitGroups(makeKit()).join(""))).toMatchObject({ problem: { code: "kit-wrong" } });
    must(await model.signingIn.withKitToo(kit.join("")));
    expect(access(model)).toBe("in");
  });

  test("after five wrong ones one starts from the beginning", async () => {
    const { vault, model } = await newBrowser();
    vault.ways.hasTotp = true;
    must(await model.signIn(typed));
    for (let at = 0; at < 4; at += 1) await model.signingIn.withTotp("000000");
    expect(access(model)).toBe("second-step");
    expect(await model.signingIn.withTotp("000000")).toMatchObject({ problem: { code: "second-step-over" } });
    expect(model.snapshot().access).toEqual({ kind: "signed-out", reason: "none", problem: { code: "second-step-over" } });
    expect(vault.ways.notices.map(({ kind }) => kind)).toEqual(["second-step-failed"]);
  });

  test("another device says yes by the number that this one shows, and the app goes on by itself", async () => {
    const { vault, model } = await newBrowser();
    vault.ways.hasOtherDevice = true;
    must(await model.signIn(typed));
    must(await model.signingIn.askOtherDevice());
    expect(asked(model)?.number).toBe("42");
    const other = browser(vault, memoryStore());
    await settled(other);
    const approval = String(vault.ways.approvals[0]?.approval);
    await vault.fetch(`/api/v1/approvals/${approval}`, { method: "POST", body: JSON.stringify({ number: "42" }) });
    await until(model, (now) => now.access.kind === "in");
  });

  test("a no from the other device ends it", async () => {
    const { vault, model } = await newBrowser();
    vault.ways.hasOtherDevice = true;
    must(await model.signIn(typed));
    must(await model.signingIn.askOtherDevice());
    await vault.fetch(`/api/v1/approvals/${String(vault.ways.approvals[0]?.approval)}`, { method: "DELETE" });
    const now = await until(model, ({ access: at }) => at.kind === "signed-out");
    expect(now.access).toMatchObject({ problem: { code: "approval-denied" } });
  });

  test("the kit asks for the password too, and is no recovery then", async () => {
    const { vault, model, kit } = await newBrowser();
    must(await model.signInWithKit({ memberName: NAME, kit: kit.join("") }));
    expect(asked(model)).toMatchObject({ after: "kit", offers: ["password", "wait"] });
    expect(await model.signingIn.withPasswordToo("wrong horse battery")).toMatchObject({ problem: { code: "name-or-password-wrong" } });
    must(await model.signingIn.withPasswordToo(PASSWORD));
    expect(access(model)).toBe("in");
    expect(vault.ways.powersFromUs).toBeNull();
  });

  test("the kit with nothing else waits three days", async () => {
    const { model, kit } = await newBrowser();
    must(await model.signInWithKit({ memberName: NAME, kit: kit.join("") }));
    must(await model.signingIn.waitThreeDays());
    expect(model.snapshot().access).toEqual({ kind: "recovery-waits", untilUs: 259_200_000_000 });
  });

  test("a recovery is in without a new password, and its powers wait", async () => {
    const { vault, model, kit } = await newBrowser();
    Object.assign(vault.ways, { hasTotp: true, totpCode: "123456" });
    must(await model.signInWithKit({ memberName: NAME, kit: kit.join("") }));
    must(await model.signingIn.withTotp("123456"));
    expect(access(model)).toBe("in");
    expect(await model.security.makeRecoveryCodes()).toMatchObject({ problem: { code: "powers-wait" } });
  });
});

describe("passkeys", () => {
  test("one that gives a key at once signs in and opens, and nothing of the key was ever sent", async () => {
    const { vault, model, authenticator } = await withAuthenticator("at-once");
    expect(must(await model.security.addPasskey("My phone"))).toMatchObject({ opens: true });
    must(await model.signOut());
    vault.isKnownBrowser = false;
    const other = browser(vault, memoryStore(), authenticator);
    await settled(other);
    must(await byPasskey(other));
    expect(access(other)).toBe("in");
    const [passkey] = must(await other.security.view()).passkeys;
    expect(passkey).toMatchObject({ name: "My phone", opens: true });
    expect(authenticator.results.length).toBeGreaterThan(1);
    const carried = vault.requests.join("\n");
    for (const result of authenticator.results) {
      expect(carried).not.toContain(result);
      expect(carried).not.toContain(Buffer.from(result, "hex").toString("base64url"));
    }
    expect(carried).not.toContain("My phone");
    expect(carried).not.toContain(`"results"`);
  });

  test("one that gives a key only later opens after one more touch", async () => {
    const { vault, model, authenticator } = await withAuthenticator("later");
    const made = must(await model.security.addPasskey("Key"));
    expect(made).toMatchObject({ opens: false, mayOpenLater: true });
    must(await model.security.openWithPasskey(made.id));
    must(await model.signOut());
    const other = browser(vault, memoryStore(), authenticator);
    await settled(other);
    must(await byPasskey(other));
    expect(access(other)).toBe("in");
  });

  test("one that gives a key only later, and was not touched again, opens from the second sign-in on", async () => {
    const { vault, model, authenticator } = await withAuthenticator("later");
    must(await model.security.addPasskey("Key"));
    must(await model.signOut());
    const other = browser(vault, memoryStore(), authenticator);
    await settled(other);
    must(await byPasskey(other));
    expect(access(other)).toBe("needs-unlock");
    vault.isSignedIn = true;
    must(await other.signIn(typed));
    expect(access(other)).toBe("in");
    await vi.waitFor(() => expect(vault.ways.passkeys[0]?.wrapped).not.toBeNull());
    must(await other.signOut());
    must(await byPasskey(other));
    expect(access(other)).toBe("in");
  });

  test("one without a key signs in, and the password or the kit opens", async () => {
    const { vault, model, authenticator, kit } = await withAuthenticator("never");
    expect(must(await model.security.addPasskey("Old key"))).toMatchObject({ opens: false, mayOpenLater: false });
    must(await model.signOut());
    vault.isKnownBrowser = false;
    must(await byPasskey(model));
    expect(access(model)).toBe("needs-unlock");
    must(await model.signInWithKit({ memberName: NAME, kit: kit.join("") }));
    expect(access(model)).toBe("in");
    expect(authenticator.results).toEqual([]);
  });

  test("an assertion without user verification, of another page or of nobody signs nobody in", async () => {
    const { vault, model, authenticator } = await withAuthenticator("at-once");
    must(await model.security.addPasskey("My phone"));
    must(await model.signOut());
    authenticator.verifies = false;
    const before = vault.requests.length;
    expect(await byPasskey(model)).toMatchObject({ problem: { code: "passkey-wrong" } });
    expect(vault.requests.slice(before).join()).not.toContain("login/finish");
    authenticator.verifies = true;
    authenticator.origin = "https://hоme.invalid"; // a look-alike
    expect(await byPasskey(model)).toMatchObject({ problem: { code: "passkey-wrong" } });
    authenticator.origin = "https://home.invalid";
    authenticator.held.length = 0;
    expect(await byPasskey(model)).toMatchObject({ problem: { code: "passkey-not-used" } });
    expect(access(model)).toBe("signed-out");
    expect(vault.isSignedIn).toBe(false);
  });

  test("a wrap of another passkey, or made by the vault, does not open", async () => {
    const { vault, model } = await withAuthenticator("at-once");
    must(await model.security.addPasskey("My phone"));
    must(await model.signOut());
    const { wrapped } = vault.ways.passkeys[0]!;
    for (const over of [{ credential: "AAAA" }, { ciphertext: "A".repeat(64) }, { way: "kit" }]) {
      vault.ways.passkeys[0]!.wrapped = { ...(wrapped as object), ...over };
      expect(await byPasskey(model)).toMatchObject({ problem: { code: "vault-not-believed" } });
      expect(access(model)).toBe("signed-out");
      vault.isSignedIn = false;
    }
  });

  test("a passkey is the second proof of a password too", async () => {
    const { vault, model } = await withAuthenticator("never");
    must(await model.security.addPasskey("Old key"));
    must(await model.signOut());
    vault.isKnownBrowser = false;
    must(await model.signIn(typed));
    expect(asked(model)?.offers).toEqual(["passkey", "kit"]);
    must(await model.signingIn.withPasskeyToo());
    expect(access(model)).toBe("in");
  });

  test("the same authenticator is not taken twice", async () => {
    const { model } = await withAuthenticator("at-once");
    must(await model.security.addPasskey("My phone"));
    expect(await model.security.addPasskey("Again")).toMatchObject({ problem: { code: "passkey-there-already" } });
  });
});

describe("a fresh proof", () => {
  test("is asked for once, and then what waited is done", async () => {
    const { vault, model } = await claimedHome();
    vault.ways.isStrong = false;
    const codes = model.security.makeRecoveryCodes();
    const draft = model.security.startTotp();
    const now = await until(model, ({ stepUp }) => stepUp !== null);
    expect(now.stepUp?.proofs).toEqual(["password", "kit"]);
    expect(await model.stepUp.withPassword("wrong horse battery")).toMatchObject({ problem: { code: "password-wrong" } });
    expect(model.snapshot().stepUp).not.toBeNull();
    must(await model.stepUp.withPassword(PASSWORD));
    expect(must(await codes)).toHaveLength(8);
    expect(must(await draft).uri).toContain("otpauth://totp/Eaves:Ada?secret=JBSWY3DPEHPK3PXP");
    expect(model.snapshot().stepUp).toBeNull();
  });

  test("that nobody gives leaves everything as it was", async () => {
    const { vault, model } = await claimedHome();
    vault.ways.isStrong = false;
    const codes = model.security.makeRecoveryCodes();
    await until(model, ({ stepUp }) => stepUp !== null);
    model.stepUp.cancel();
    expect(await codes).toEqual({ ok: false, problem: { code: "cancelled" } });
    expect(vault.ways.codes).toEqual([]);
  });

  test("can be the kit or a passkey, and a passkey that gives a key only now is made to open", async () => {
    const { vault, model, kit } = await withAuthenticator("later");
    must(await model.security.addPasskey("Key"));
    vault.ways.isStrong = false;
    const first = model.security.makeRecoveryCodes();
    await until(model, ({ stepUp }) => stepUp !== null);
    must(await model.stepUp.withKit(kit.join("")));
    must(await first);
    vault.ways.isStrong = false;
    const second = model.security.makeRecoveryCodes();
    const now = await until(model, ({ stepUp }) => stepUp !== null);
    expect(now.stepUp?.proofs).toEqual(["passkey", "password", "kit"]);
    must(await model.stepUp.withPasskey());
    must(await second);
    await vi.waitFor(() => expect(vault.ways.passkeys[0]?.wrapped).not.toBeNull());
  });
});

describe("ways in", () => {
  test("the last one cannot be removed, and beside a passkey that opens the password can", async () => {
    const { model } = await withAuthenticator("at-once");
    expect(await model.security.removePassword()).toMatchObject({ problem: { code: "last-way-in" } });
    expect(await model.security.passwordLengthMin()).toBe(15);
    must(await model.security.addPasskey("My phone"));
    expect(await model.security.passwordLengthMin()).toBe(8);
    must(await model.security.removePassword());
    expect(await model.security.removeKit()).toMatchObject({ problem: { code: "last-way-in" } });
    expect(must(await model.security.view())).toMatchObject({ passwordSinceUs: null, kitSinceUs: 1 });
  });

  test("an authenticator app counts once its code was typed back", async () => {
    const { vault, model } = await claimedHome();
    must(await model.security.startTotp());
    vault.ways.totpCode = "123456";
    expect(await model.security.confirmTotp("654321")).toMatchObject({ problem: { code: "code-wrong" } });
    must(await model.security.confirmTotp("123456"));
    expect(must(await model.security.view()).hasTotp).toBe(true);
  });
});

describe("notices", () => {
  test("are new on each device until they were read there, also after a reload", async () => {
    const { vault, model, store } = await claimedHome();
    vault.ways.tell("new-device", { client: "Firefox on Android", network: "home" });
    vault.ways.tell("second-step-failed");
    const notices = must(await model.security.notices());
    expect(notices.map(({ kind, isNew, client, isMine, memberName }) => ({ kind, isNew, client, isMine, memberName }))).toEqual([
      { kind: "second-step-failed", isNew: true, client: null, isMine: true, memberName: NAME },
      { kind: "new-device", isNew: true, client: { browser: "Firefox", system: "Android" }, isMine: true, memberName: NAME },
    ]);
    expect(model.snapshot().account.unseenNotices).toBe(2);
    await model.security.noticesSeen();
    expect(model.snapshot().account.unseenNotices).toBe(0);
    const reloaded = browser(vault, store);
    await settled(reloaded);
    expect(must(await reloaded.security.notices()).some(({ isNew }) => isNew)).toBe(false);
    const elsewhere = browser(vault, memoryStore());
    await settled(elsewhere);
    must(await elsewhere.signIn(typed));
    must(await elsewhere.security.notices());
    expect(elsewhere.snapshot().account.unseenNotices).toBe(2);
  });
});
