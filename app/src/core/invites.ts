/** @file Invitations from the inviter's side: making one, seeing who answered, letting them in. `docs/spec/invite.md`. */
import type { Outcome } from "../domain/home";
import type { InviteAnswer, InviteId, InviteView, InviteWish, MadeInvite } from "../domain/people";
import { fail, succeed } from "../api/problem";
import { randomId } from "../crypto/bytes";
import { digestHex } from "../crypto/hash";
import { INVITE_US_MAX, inviteText, inviteToken, makeInviteSecret, openAnswer, openKeptInvite, sealKeptInvite, sealWelcome, type KeptInvite } from "../crypto/invite";
import { answer, done, invitesShape, type InvitesAnswer } from "./answers";
import type { Inside } from "./inside";
import { letIn } from "./peopleEdits";
import { refused } from "./refused";

type Shown = InvitesAnswer["invites"][number];

/** Where somebody with the link arrives; the secret stands behind the hash, which browsers send to nobody. */
const JOIN_FRAGMENT = "#join=";

export async function invite(inside: Inside, wish: InviteWish, origin: string): Promise<Outcome<MadeInvite>> {
  const { household, tools } = inside;
  const { roster, place } = household;
  const secret = makeInviteSecret();
  const id = randomId();
  const expiresUs = Math.round(tools.nowUs()) + INVITE_US_MAX;
  const { role, rooms } = wish;
  const past = wish.reach === "past";
  const named = roster.rooms.filter(({ room }) => rooms.some((one) => one === room));
  const welcome = {
    household: place.household,
    invite: id,
    inviter: place.member,
    inviterName: household.name(household.me.label) ?? "",
    householdName: household.name(roster.label) ?? "",
    expiresUs,
    roster: { version: roster.version, digest: household.digest },
    role,
    rooms: named.map(({ room, label }) => ({ room, name: household.name(label) ?? "" })),
    past,
  };
  const made = await done(
    tools.vault.makeInvite({
      invite: id,
      tokenHash: digestHex(inviteToken(secret)),
      expiresUs,
      welcome: sealWelcome(secret, welcome),
      kept: sealKeptInvite(household.self, id, { secret, expiresUs, role, rooms: named.map(({ room }) => room), past }),
    }),
  );
  return made.ok ? succeed({ id: id as InviteId, link: `${origin}/${JOIN_FRAGMENT}${inviteText(secret)}`, expiresUs }) : made;
}

export async function list(inside: Inside): Promise<Outcome<readonly InviteView[]>> {
  const got = await answer(invitesShape, inside.tools.vault.invites());
  return got.ok ? succeed(got.value.invites.map((one) => view(inside, one))) : got;
}

function view(inside: Inside, shown: Shown): InviteView {
  const { household } = inside;
  const kept = keptOf(inside, shown);
  const wish: InviteWish | null =
    kept === null ? null : { role: kept.role, rooms: kept.rooms as unknown as InviteWish["rooms"], reach: kept.past ? "past" : "today" };
  return {
    id: shown.invite as InviteId,
    expiresUs: kept?.expiresUs ?? shown.expiresUs,
    isMine: shown.inviter === household.place.member,
    wish,
    asked: shown.asked === null ? null : asked(inside, shown, shown.asked, kept),
  };
}

function asked(inside: Inside, shown: Shown, { answer: value, askedUs }: NonNullable<Shown["asked"]>, kept: KeptInvite | null): InviteAnswer {
  if (shown.inviter !== inside.household.place.member) return { kind: "asks-other", atUs: askedUs };
  if (kept === null) return { kind: "not-believed", detail: "refused: does-not-open" };
  const newcomer = newcomerOf(inside, shown, value, kept);
  return newcomer.ok ? { kind: "asks", name: newcomer.value.name, atUs: askedUs } : { kind: "not-believed", detail: `refused: ${newcomer.refusal}` };
}

function newcomerOf(inside: Inside, { invite: id }: Shown, value: unknown, kept: KeptInvite) {
  const { household, tools } = inside;
  const place = { household: household.place.household, invite: id, expiresUs: kept.expiresUs };
  return openAnswer(kept.secret, place, value, household.chain, tools.nowUs());
}

/** What this person kept of an invitation. The vault cannot make one up: it opens under the member secret only. */
function keptOf({ household }: Inside, { invite: id, kept }: Shown): KeptInvite | null {
  const opened = kept === null ? null : openKeptInvite(household.self, id, kept);
  return opened?.ok === true ? opened.value : null;
}

/** Lets in who answered, with what was promised then, whatever the vault says now. */
export async function confirm(inside: Inside, id: InviteId): Promise<Outcome<void>> {
  const fresh = await inside.household.refresh();
  if (!fresh.ok) return fresh;
  const got = await answer(invitesShape, inside.tools.vault.invites());
  if (!got.ok) return got;
  const shown = got.value.invites.find((one) => one.invite === id);
  const kept = shown === undefined ? null : keptOf(inside, shown);
  if (shown?.asked === undefined || shown.asked === null || kept === null) return fail("not-found");
  const newcomer = newcomerOf(inside, shown, shown.asked.answer, kept);
  if (!newcomer.ok) return refused(newcomer.refusal);
  const { role, rooms, past } = kept;
  return inside.edit(letIn({ newcomer: newcomer.value, role, rooms, reach: past ? "past" : "today" }, inside.household.holdings));
}
