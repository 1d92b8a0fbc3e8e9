/** @file Joining a home by a link: what is shown before one decides, and the account that then waits. `docs/spec/invite.md`. */
import type { Outcome } from "../domain/home";
import type { Invitation } from "../domain/people";
import { fail, succeed } from "../api/problem";
import { randomId, toBase64Url, type Bytes } from "../crypto/bytes";
import { inviteToken, openWelcome, readInviteText, sealAnchor, sealAnswer, type Welcome } from "../crypto/invite";
import { kitSigningKey, makeKit } from "../crypto/kit";
import { exportKeyBytes, loginHandle, makeMemberSecret, memberKeys, wrapSecret } from "../crypto/member";
import { KSF_PRESET } from "../crypto/opaque";
import { answer, inviteFoundShape, joinedShape, registrationShape } from "./answers";
import { refused } from "./refused";
import type { Arrival, WaysTools } from "./ways";

interface Found {
  readonly secret: Bytes;
  readonly token: string;
  readonly welcome: Welcome;
}

async function find({ vault, nowUs }: WaysTools, linkText: string): Promise<Outcome<Found>> {
  const secret = readInviteText(linkText);
  if (!secret.ok) return fail("invite-mistyped");
  const token = toBase64Url(inviteToken(secret.value));
  const found = await answer(inviteFoundShape, vault.joinInvite({ token }));
  if (!found.ok) return found;
  const welcome = openWelcome(secret.value, found.value, found.value.welcome, nowUs());
  if (welcome.ok) return succeed({ secret: secret.value, token, welcome: welcome.value });
  return welcome.refusal === "out-of-time" ? fail("invite-over") : refused(welcome.refusal);
}

export async function look(tools: WaysTools, linkText: string): Promise<Outcome<Invitation>> {
  const found = await find(tools, linkText);
  if (!found.ok) return found;
  const { inviterName, householdName, role, rooms, past, expiresUs } = found.value.welcome;
  return succeed({ inviterName, homeName: householdName, role, rooms: rooms.map(({ name }) => name), reach: past ? "past" : "today", expiresUs });
}

export interface JoinInput {
  readonly linkText: string;
  readonly memberName: string;
  readonly password: string;
}

/** Makes the account. It waits, and opens nothing, until the inviter has said yes. */
export async function join(tools: WaysTools, { linkText, memberName, password }: JoinInput): Promise<Outcome<Arrival & { readonly kit: Bytes }>> {
  const { vault, withOpaque } = tools;
  const found = await find(tools, linkText);
  if (!found.ok) return found;
  const { secret, token, welcome } = found.value;
  const handle = await loginHandle(memberName);
  const registered = await withOpaque(async (opaque) => {
    const started = await opaque.startRegistration(password);
    const reply = await answer(registrationShape, vault.joinRegister({ token, handle, registrationRequest: started.registrationRequest }));
    if (!reply.ok) return reply;
    const finished = await opaque.finishRegistration(password, started.state, reply.value.registrationResponse);
    return finished.ok ? succeed(finished.value) : refused(finished.refusal);
  });
  if (!registered.ok) return registered;
  const exportKey = exportKeyBytes(registered.value.exportKey);
  if (!exportKey.ok) return refused(exportKey.refusal);

  const place = { household: welcome.household, member: randomId() };
  const keys = await memberKeys(makeMemberSecret());
  const kit = makeKit();
  const newcomer = { ...place, invite: welcome.invite, recipient: keys.identity.recipient, signingKey: keys.signing.publicKey, name: memberName };
  const joined = await answer(
    joinedShape,
    vault.joinFinish({
      token,
      handle,
      registrationRecord: registered.value.registrationRecord,
      ksfPreset: KSF_PRESET,
      answer: sealAnswer(secret, newcomer),
      anchor: sealAnchor({ ...place, secret: keys.secret }, welcome.roster),
      password: wrapSecret(keys.secret, place, "password", exportKey.value),
      kit: wrapSecret(keys.secret, place, "kit", kit),
      kitKey: toBase64Url(kitSigningKey(kit).publicKey),
    }),
  );
  if (!joined.ok) return joined;
  const isOurs = joined.value.household === place.household && joined.value.member === place.member;
  return isOurs ? succeed({ place, keys, kit }) : refused("wrong-household");
}
