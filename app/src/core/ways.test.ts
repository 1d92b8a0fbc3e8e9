/** @file Claiming, signing in and coming back, against a vault that keeps what it is given. */
import { describe, expect, test, vi } from "vitest";
import { random } from "../crypto/bytes";
import { identityOf } from "../crypto/identity";
import { access, browser, claimedHome, memoryStore, must, NAME, newestRoster, PASSWORD, settled } from "./testing/home";
import { TestHub } from "./testing/testHub";
import { TestVault } from "./testing/testVault";

vi.setConfig({ testTimeout: 60_000 }); // Argon2 with 64 MiB and 600 000 rounds, on whatever machine this is

async function unclaimed() {
  const hub = await TestHub.make();
  const vault = await TestVault.make(hub);
  const model = browser(vault);
  await settled(model);
  const claim = (code = hub.codeText) => model.claim({ code, memberName: NAME, password: PASSWORD });
  return { hub, vault, model, claim };
}

describe("claiming", () => {
  test("a claimed home knows its owner, its camera and its room by name, and the vault knows none of the words", async () => {
    const { model, vault } = await claimedHome();
    const now = model.snapshot().access;
    expect(now.kind === "in" && now.household).toMatchObject({
      memberName: NAME,
      role: "owner",
      rooms: [{ name: "Outside" }],
      cameras: [{ name: "Porch" }],
    });
    const carried = vault.requests.join("\n");
    for (const word of [NAME, "Porch", "Outside", PASSWORD]) expect(carried).not.toContain(word);
    expect(newestRoster(vault).version).toBe(2);
  });

  test("after the claim the kit is still owed", async () => {
    const { model, claim } = await unclaimed();
    must(await claim());
    expect(access(model)).toBe("needs-kit");
    const draft = must(await model.draftKit());
    expect(await model.confirmKit(draft, [{ index: 0, text: "0000" }])).toMatchObject({ problem: { code: "kit-groups-differ" } });
    expect(access(model)).toBe("needs-kit");
  });

  test("a hub whose keys were swapped is refused, and no account is made", async () => {
    const { hub, vault, claim } = await unclaimed();
    const stranger = await identityOf(random(32));
    vault.lie("/claim/hub", () => hub.introduction({ signingKey: hub.key.publicKey, recipient: stranger.recipient }));
    expect(await claim()).toMatchObject({ problem: { detail: "refused: wrong-mac" } });
    vault.lie("/claim/hub", () => hub.introduction({ signingKey: random(32), recipient: hub.identity.recipient }));
    expect(await claim()).toMatchObject({ problem: { detail: "refused: wrong-mac" } });
    expect(vault.account).toBeNull();
  });

  test("a mistyped code is told apart before anything is sent", async () => {
    const { vault, claim } = await unclaimed();
    expect(await claim("U000-0000")).toMatchObject({ problem: { code: "claim-code-wrong" } });
    expect(vault.requests.some((one) => one.includes("/claim"))).toBe(false);
  });

  test("a vault that answers the claim with another household is refused", async () => {
    const { vault, claim, model } = await unclaimed();
    vault.lie("/claim/finish", (honest) => ({ ...honest, household: "0".repeat(32) }));
    expect(await claim()).toMatchObject({ problem: { detail: "refused: wrong-household" } });
    expect(access(model)).toBe("unclaimed");
  });
});

describe("signing in", () => {
  test("the right password opens the home in another browser, a wrong one and an unknown name look alike", async () => {
    const { vault } = await claimedHome();
    const other = browser(vault);
    vault.isSignedIn = false;
    await settled(other);
    const wrong = await other.signIn({ memberName: NAME, password: "wrong horse battery" });
    const unknown = await other.signIn({ memberName: "Eve", password: PASSWORD });
    expect(wrong).toEqual(unknown);
    expect(wrong).toMatchObject({ problem: { code: "name-or-password-wrong" } });
    must(await other.signIn({ memberName: `  ${NAME.toUpperCase()} `, password: PASSWORD }));
    expect(access(other)).toBe("in");
  });

  test("a preset that the app does not know is refused", async () => {
    const { vault, model } = await claimedHome();
    must(await model.signOut());
    for (const ksfPreset of [0, 2, 255]) {
      vault.lie("/login/start", (honest) => ({ ...honest, ksfPreset }));
      expect(await model.signIn({ memberName: NAME, password: PASSWORD })).toMatchObject({ problem: { detail: "refused: unknown-preset" } });
    }
  });

  test("a wrapped secret of another member, way or make does not open", async () => {
    const { vault, model } = await claimedHome();
    must(await model.signOut());
    const signIn = () => model.signIn({ memberName: NAME, password: PASSWORD });
    vault.lie("/login/finish", (honest) => ({ ...honest, member: "1".repeat(32) }));
    expect(await signIn()).toMatchObject({ problem: { detail: "refused: does-not-open" } });
    vault.lie("/login/finish", (honest) => ({ ...honest, household: "1".repeat(32) }));
    expect(await signIn()).toMatchObject({ problem: { detail: "refused: does-not-open" } });
    vault.lie("/login/finish", (honest) => ({ ...honest, wrapped: vault.account?.kit }));
    expect(await signIn()).toMatchObject({ problem: { detail: "refused: wrong-scope" } });
    vault.lie("/login/finish", (honest) => ({ ...honest, wrapped: { ...(vault.account?.kit as object), way: "password" } }));
    expect(await signIn()).toMatchObject({ problem: { detail: "refused: does-not-open" } });
    expect(access(model)).toBe("signed-out");
  });

  test("the kit lets in, asks for a new password, and the new password then works", async () => {
    const { vault, model, kit } = await claimedHome();
    must(await model.signOut());
    expect(await model.signInWithKit({ memberName: NAME, kit: kit.join("").replace(/.$/, (c) => (c === "0" ? "1" : "0")) })).toMatchObject({
      problem: { code: "kit-mistyped" },
    });
    must(await model.signInWithKit({ memberName: NAME, kit: kit.join(" ").toLowerCase() }));
    expect(access(model)).toBe("needs-password");
    must(await model.setPassword("another long password"));
    expect(access(model)).toBe("in");
    must(await model.signOut());
    const other = browser(vault);
    await settled(other);
    must(await other.signIn({ memberName: NAME, password: "another long password" }));
  });

  test("a replaced kit works and the old one does not", async () => {
    const { model, kit } = await claimedHome();
    const draft = must(await model.draftKit());
    expect(draft.groups).not.toEqual(kit);
    must(await model.confirmKit(draft, [{ index: 8, text: draft.groups[8]! }]));
    must(await model.signOut());
    expect(await model.signInWithKit({ memberName: NAME, kit: kit.join("") })).toMatchObject({ problem: { code: "kit-wrong" } });
    must(await model.signInWithKit({ memberName: NAME, kit: draft.groups.join("") }));
  });
});

describe("coming back", () => {
  test("after a reload the home opens without a password, after sign-out it does not", async () => {
    const { vault, store, model } = await claimedHome();
    const reloaded = browser(vault, store);
    await settled(reloaded);
    expect(access(reloaded)).toBe("in");
    must(await model.signOut());
    vault.isSignedIn = true; // a vault that pretends the session lives on
    const later = browser(vault, store);
    await settled(later);
    expect(later.snapshot().access).toEqual({ kind: "signed-out", reason: "locked" });
  });

  test("a kit that was never written down is still owed after a reload", async () => {
    const { hub, vault } = await unclaimed();
    const store = memoryStore();
    const first = browser(vault, store);
    await settled(first);
    must(await first.claim({ code: hub.codeText, memberName: NAME, password: PASSWORD }));
    const reloaded = browser(vault, store);
    await settled(reloaded);
    expect(access(reloaded)).toBe("needs-kit");
  });

  test("a vault that names another member does not get this member's keys used", async () => {
    const { vault, store } = await claimedHome();
    for (const over of [{ member: "2".repeat(32) }, { household: "2".repeat(32) }]) {
      vault.lie("/state", (honest) => ({ ...honest, signedIn: { ...(honest.signedIn as object), ...over } }));
      const model = browser(vault, store);
      await settled(model);
      expect(model.snapshot().access).toEqual({ kind: "signed-out", reason: "locked" });
    }
  });
});
