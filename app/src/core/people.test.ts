/** @file Letting in and putting out, by two people's apps over one vault; and what a vault cannot do to either. */
import { describe, expect, test, vi } from "vitest";
import fc from "fast-check";
import type { HomeModel } from "../domain/home";
import type { Reach } from "../domain/people";
import { random } from "../crypto/bytes";
import { identityOf } from "../crypto/identity";
import { readInviteText, sealAnswer } from "../crypto/invite";
import type { Roster } from "../crypto/roster";
import { areKeysRenewed } from "../crypto/rosterKeys";
import { sealName } from "../crypto/sealedName";
import { makeIdentity, type SharedIdentity } from "../crypto/sharedIdentity";
import { letIn, putOut, setRole, setSees, type Holdings } from "./peopleEdits";
import { access, browser, claimedHome, memoryStore, must, NAME, newestRoster, PASSWORD, settled, until } from "./testing/home";
import { PeopleVault } from "./testing/peopleVault";

vi.setConfig({ testTimeout: 300_000 }); // Argon2 with 64 MiB, on whatever machine this is

const GUEST = "Nana Rose";

async function home() {
  const { vault: inner, store } = await claimedHome();
  const vault = new PeopleVault(inner);
  const owner = browser({ client: vault.owner }, store);
  await settled(owner);
  must(await owner.addRoom("Study"));
  const room = (name: string) => owner.people.view().rooms.find((one) => one.name === name)!.id;
  /** The same owner at another device, past the password. */
  const again = async (): Promise<HomeModel> => {
    const other = browser({ client: vault.owner }, store);
    await settled(other);
    return other;
  };
  return { inner, vault, owner, room, again };
}

async function invited(reach: Reach = "today") {
  const made = await home();
  const link = must(await made.owner.people.invite({ role: "guest", rooms: [made.room("Outside")], reach }));
  return { ...made, link, linkText: link.link.split("#join=")[1]! };
}

async function joined(reach: Reach = "today") {
  const made = await invited(reach);
  const guestStore = memoryStore();
  const guest = browser({ client: made.vault.newcomer }, guestStore);
  await settled(guest);
  must(await guest.people.join({ linkText: made.linkText, memberName: GUEST, password: PASSWORD }));
  return { ...made, guest, guestStore };
}

async function inside(reach: Reach = "today") {
  const made = await joined(reach);
  must(await made.owner.people.letIn(made.link.id));
  await until(made.guest, (now) => now.access.kind === "needs-kit");
  const draft = must(await made.guest.draftKit());
  must(await made.guest.confirmKit(draft, [{ index: 0, text: draft.groups[0]! }]));
  const id = made.owner.people.view().people.find(({ name }) => name === GUEST)!.id;
  return { ...made, id };
}

const view = (model: HomeModel) => {
  const now = model.snapshot().access;
  if (now.kind !== "in") throw new Error(now.kind);
  return now.household;
};

describe("an invitation", () => {
  test("says who invites to what, and the vault is told neither the secret nor a name", async () => {
    const { vault, inner, linkText, guest, owner, room } = await joined();
    const another = must(await owner.people.invite({ role: "guest", rooms: [room("Outside")], reach: "today" })).link.split("#join=")[1]!;
    const looked = must(await guest.people.lookAtInvitation(another));
    expect(looked).toMatchObject({ inviterName: NAME, role: "guest", rooms: ["Outside"], reach: "today" });
    expect(access(guest)).toBe("waiting");
    const carried = [...vault.requests, ...inner.requests].join("\n");
    for (const word of [linkText, linkText.replaceAll("-", ""), GUEST, "Study"]) expect(carried).not.toContain(word);
  });

  test("lets somebody into exactly the rooms that were promised, from today", async () => {
    const { owner, guest, vault, room, id } = await inside();
    await until(guest, (now) => now.access.kind === "in");
    expect(view(guest)).toMatchObject({ memberName: GUEST, role: "guest", rooms: [{ name: "Outside" }], cameras: [{ name: "Porch" }] });
    expect(guest.people.view().canChange).toBe(false);
    const wraps = vault.inner.keyWraps.filter((wrap) => wrap.member === id);
    // The household's key, and the room's new one: not the one of yesterday.
    expect(wraps.map(({ scope, epoch }) => [scope, epoch]).sort()).toEqual([[view(owner).memberId === id ? "" : vault.inner.account!.household, 1], [room("Outside"), 2]].sort());
    expect(owner.people.view().people.map(({ name, role }) => [name, role])).toEqual([[NAME, "owner"], [GUEST, "guest"]]);
  });

  test("with the past gives every key of the room that the inviter holds", async () => {
    const { vault, room, id } = await inside("past");
    const wraps = vault.inner.keyWraps.filter((wrap) => wrap.member === id && wrap.scope === room("Outside"));
    expect(wraps.map(({ epoch }) => epoch)).toEqual([1]);
    expect(newestRoster(vault.inner).rooms.find(({ room: one }) => one === room("Outside"))?.epoch).toBe(1);
  });

  test("that was answered with other keys is not shown as a person and lets nobody in", async () => {
    const { owner, vault, link, linkText } = await joined();
    const secret = readInviteText(linkText);
    if (!secret.ok) throw new Error(secret.refusal);
    const stranger = await identityOf(random(32));
    const invite = vault.invites[0]!;
    const foreign = {
      household: vault.inner.account!.household,
      invite: String(invite.make.invite),
      member: vault.guest!.member,
      recipient: stranger.recipient,
      signingKey: random(32),
      name: GUEST,
    };
    // By the vault, which has no secret; and by somebody who has read the letter key but keeps the true one's MAC.
    const guessed = sealAnswer(random(20), foreign);
    const swapped = { ...sealAnswer(secret.value, foreign), mac: invite.answer!.mac };
    for (const [answer, refusal] of [[guessed, "does-not-open"], [swapped, "wrong-mac"]] as const) {
      invite.answer = answer as never;
      expect(must(await owner.people.invites())[0]!.asked).toEqual({ kind: "not-believed", detail: `refused: ${refusal}` });
      expect(await owner.people.letIn(link.id)).toMatchObject({ problem: { code: "vault-not-believed", detail: `refused: ${refusal}` } });
    }
    expect(newestRoster(vault.inner).members).toHaveLength(1);
  });

  test("that the vault makes up in the inviter's name is not theirs", async () => {
    const { owner, vault, link } = await joined();
    vault.invites[0]!.make.kept = { ...(vault.invites[0]!.make.kept as object), nonce: "AAAAAAAAAAAAAAAA" };
    expect(must(await owner.people.invites())[0]).toMatchObject({ wish: null, asked: { kind: "not-believed" } });
    expect(await owner.people.letIn(link.id)).toMatchObject({ problem: { code: "not-found" } });
  });

  test("whose answer is shown again after the person was put out does not bring them back", async () => {
    const { owner, vault, link, id } = await inside();
    const again = vault.invites[0]!;
    must(await owner.people.putOut(id));
    vault.invites = [again];
    expect(must(await owner.people.invites())[0]!.asked).toEqual({ kind: "not-believed", detail: "refused: replayed" });
    expect(await owner.people.letIn(link.id)).toMatchObject({ problem: { detail: "refused: replayed" } });
  });

  test("a newcomer believes no other home than the one that was pinned, on no device and at no time", async () => {
    const { vault, guest, guestStore } = await inside();
    await until(guest, (now) => now.access.kind === "in");
    const other = await claimedHome();
    const lies: readonly ((honest: Record<string, unknown>) => Record<string, unknown>)[] = [
      (honest) => ({ ...honest, rosters: other.vault.rosters }),
      (honest) => ({ ...honest, anchor: null }),
      (honest) => ({ ...honest, anchor: { nonce: "AAAAAAAAAAAAAAAA", ciphertext: (honest.anchor as { ciphertext: string }).ciphertext } }),
      (honest) => ({ ...honest, rosters: (honest.rosters as unknown[]).slice(0, 1) }),
    ];
    for (const lie of lies) {
      vault.lie = (route, honest) => (route === "GET /roster" ? lie(honest) : honest);
      // A refusal empties the keyring, so each lie meets a browser that still has everything.
      const reloaded = browser({ client: vault.newcomer }, guestStore.copy());
      await settled(reloaded);
      expect(reloaded.snapshot().access).toMatchObject({ kind: "signed-out", reason: "not-believed", problem: { code: "vault-not-believed" } });
      vault.lie = (_route, honest) => honest;
    }
  });
});

describe("putting out", () => {
  test("takes the person out of every audience and renews every key that they held", async () => {
    const { owner, vault, room, id } = await inside();
    const before = newestRoster(vault.inner);
    const wrapsBefore = vault.inner.keyWraps.length;
    must(await owner.people.putOut(id));
    const after = newestRoster(vault.inner);
    const at = (roster: Roster) => roster.rooms.find((one) => one.room === room("Outside"))!;
    expect(after.epoch).toBe(before.epoch + 1);
    expect(at(after).epoch).toBe(at(before).epoch + 1);
    expect(after.members.map(({ member }) => member)).not.toContain(id);
    expect(vault.inner.keyWraps.slice(wrapsBefore).map(({ member }) => member)).not.toContain(id);
    // Names are sealed anew and still read by who stays.
    expect(owner.people.view().rooms.map(({ name }) => name).sort()).toEqual(["Outside", "Study"]);
    expect(view(owner).cameras.map(({ name }) => name)).toEqual(["Porch"]);
    expect(owner.people.view().people.map(({ name }) => name)).toEqual([NAME]);
  });

  test("the only owner can neither be put out nor give up being one", async () => {
    const { owner } = await home();
    const me = view(owner).memberId;
    expect(await owner.people.putOut(me)).toMatchObject({ problem: { code: "not-allowed" } });
    expect(await owner.people.setRole(me, "guest")).toMatchObject({ problem: { code: "not-allowed" } });
  });
});

describe("two devices at once", () => {
  test("edits that are made at the same time are all there in the end", async () => {
    const { owner, inner, room, id, again } = await inside();
    const other = await again();
    const study = room("Study");
    const outside = room("Outside");
    const versionBefore = newestRoster(inner).version;
    const done = await Promise.all([
      owner.people.setSees(id, study, true, "past"),
      other.renameRoom(outside, "Garden"),
      owner.addRoom("Attic"),
      other.addRoom("Cellar"),
      owner.people.setRole(id, "adult"),
    ]);
    for (const one of done) expect(one.ok).toBe(true);
    expect(newestRoster(inner).version).toBe(versionBefore + 5);
    const third = await again();
    const people = third.people.view();
    expect(people.rooms.map(({ name }) => name).sort()).toEqual(["Attic", "Cellar", "Garden", "Study"]);
    expect(people.rooms.find((one) => one.id === study)?.audience).toContain(id);
    expect(people.people.find((one) => one.id === id)?.role).toBe("adult");
  });

  test("a grant that meets a putting-out does not bring the person back", async () => {
    const { owner, inner, room, id, again } = await inside();
    const other = await again();
    await Promise.all([other.people.putOut(id), owner.people.setSees(id, room("Study"), true, "today")]);
    const now = newestRoster(inner);
    expect(now.members.map(({ member }) => member)).not.toContain(id);
    expect(now.rooms.flatMap(({ audience }) => audience)).not.toContain(id);
  });
});

describe("edits", () => {
  test("after any of them every reader takes the roster, and each new key goes exactly to its audience", async () => {
    const identities = new Map<string, SharedIdentity[]>();
    const key = async (scope: string): Promise<string> => {
      const identity = await makeIdentity();
      identities.set(scope, [{ scope, epoch: 1, identity }]);
      return identity.recipient;
    };
    const id = (n: number) => n.toString(16).padStart(32, "0");
    const recipient = (await makeIdentity()).recipient;
    const line = async (n: number, role: "owner" | "guest") => ({ member: id(n), role, recipient, signingKey: random(32), label: await sealName(recipient, `${n}`) });
    const rooms = [100, 101].map(id);
    const household = id(999);
    const start: Roster = {
      household,
      version: 1,
      previous: null,
      issuedUs: 0,
      epoch: 1,
      recipient: await key(household),
      label: random(8),
      members: [await line(1, "owner"), await line(2, "guest")],
      hubs: [],
      rooms: await Promise.all(rooms.map(async (room) => ({ room, epoch: 1, recipient: await key(room), audience: [id(1)], label: random(8), lifetimes: { continuousDays: 3, eventDays: 14 }, records: null }))),
      devices: [],
    };
    const reach = fc.constantFrom<Reach>("today", "past");
    const person = fc.integer({ min: 1, max: 5 });
    const room = fc.constantFrom(...rooms);
    const edit = fc.oneof(
      fc.record({ kind: fc.constant("in" as const), person, room, reach }),
      fc.record({ kind: fc.constant("out" as const), person }),
      fc.record({ kind: fc.constant("sees" as const), person, room, reach, sees: fc.boolean() }),
      fc.record({ kind: fc.constant("role" as const), person, role: fc.constantFrom("owner" as const, "guest" as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 6 }), async (steps) => {
        const held = new Map([...identities].map(([scope, list]) => [scope, [...list]]));
        const holdings: Holdings = { member: id(1), identitiesOf: (scope) => held.get(scope) ?? [], name: () => "a name" };
        let now = start;
        for (const step of steps) {
          const newcomer = { household, invite: id(50), member: id(step.person), recipient, signingKey: random(32), name: "somebody" };
          const change =
            step.kind === "in"
              ? letIn({ newcomer, role: "guest", rooms: [step.room], reach: step.reach }, holdings)
              : step.kind === "out"
                ? putOut(id(step.person), holdings)
                : step.kind === "sees"
                  ? setSees(id(step.person), step.room, step.sees, step.reach, holdings)
                  : setRole(id(step.person), step.role, holdings);
          const made = await change(now);
          if (!made.ok) continue;
          const next = { ...now, ...made.value.change };
          expect(areKeysRenewed(now, next)).toBe(true);
          const scopes = [{ id: household, epoch: next.epoch, before: now.epoch, audience: next.members.map(({ member }) => member) }].concat(
            next.rooms.map((one, i) => ({ id: one.room, epoch: one.epoch, before: now.rooms[i]!.epoch, audience: [...one.audience] })),
          );
          for (const scope of scopes.filter(({ epoch, before }) => epoch > before)) {
            const wrapped = made.value.wraps.filter((wrap) => wrap.scope === scope.id && wrap.epoch === scope.epoch).map(({ member }) => member);
            expect([...wrapped].sort()).toEqual([...scope.audience].sort());
          }
          if (step.kind === "out") expect(made.value.wraps.map(({ member }) => member)).not.toContain(id(step.person));
          for (const identity of made.value.identities) held.set(identity.scope, [...(held.get(identity.scope) ?? []), identity]);
          now = next;
        }
      }),
      { numRuns: 12 },
    );
  });
});

