/**
 * @file The ways in: claiming the box, and replacing password or kit. Signing in is `signingIn.ts`.
 *
 * Nothing that the vault says is adopted on the way: the hub is known by the claim code, the secret by the AEAD that binds
 * it to member and way.
 */
import type { Outcome } from "../domain/home";
import { fail, succeed } from "../api/problem";
import type { Vault } from "../api/vault";
import { randomId, toBase64Url, type Bytes } from "../crypto/bytes";
import { readClaimCode, readIntroduction, rosterMac, type HubIntroduction } from "../crypto/claim";
import { payloadDigest, readEnvelope } from "../crypto/envelope";
import { kitSigningKey, makeKit } from "../crypto/kit";
import { exportKeyBytes, loginHandle, makeMemberSecret, memberKeys, wrapSecret, type MemberKeys, type MemberPlace } from "../crypto/member";
import { KSF_PRESET } from "../crypto/opaque";
import type { Opaque } from "../crypto/opaqueClient";
import { signRoster } from "../crypto/rosterWriting";
import { sealName } from "../crypto/sealedName";
import { makeIdentity, wrapIdentity } from "../crypto/sharedIdentity";
import { answer, done, registrationShape } from "./answers";
import { refused } from "./refused";
import { signedInShape } from "./wayAnswers";

/** Runs a step with OPAQUE, wherever it lives. */
export type WithOpaque = <T>(work: (opaque: Opaque) => Promise<T>) => Promise<T>;

export interface WaysTools {
  readonly vault: Vault;
  readonly withOpaque: WithOpaque;
  readonly nowUs: () => number;
}

/** Somebody who has come in. */
export interface Arrival {
  readonly place: MemberPlace;
  readonly keys: MemberKeys;
}

export interface ClaimInput {
  readonly code: string;
  readonly memberName: string;
  readonly password: string;
}

/** Claims the box: makes household, member, kit and first roster. The kit is handed back; nobody else has it. */
export async function claim(tools: WaysTools, input: ClaimInput): Promise<Outcome<Arrival & { readonly kit: Bytes }>> {
  const { vault, withOpaque } = tools;
  const code = readClaimCode(input.code);
  if (!code.ok) return fail("claim-code-wrong");
  const token = toBase64Url(code.value.token);
  const introduced = await vault.claimHub({ token });
  if (!introduced.ok) return introduced;
  const hub = readIntroduction(code.value, introduced.value);
  if (!hub.ok) return refused(hub.refusal);

  const handle = await loginHandle(input.memberName);
  const registered = await withOpaque(async (opaque) => {
    const started = await opaque.startRegistration(input.password);
    const reply = await answer(registrationShape, vault.claimRegister({ token, handle, registrationRequest: started.registrationRequest }));
    if (!reply.ok) return reply;
    const finished = await opaque.finishRegistration(input.password, started.state, reply.value.registrationResponse);
    return finished.ok ? succeed(finished.value) : refused(finished.refusal);
  });
  if (!registered.ok) return registered;
  const exportKey = exportKeyBytes(registered.value.exportKey);
  if (!exportKey.ok) return refused(exportKey.refusal);

  const place = { household: randomId(), member: randomId() };
  const keys = await memberKeys(makeMemberSecret());
  const kit = makeKit();
  const { envelope, wraps } = await firstRoster(place, keys, hub.value, input.memberName, tools.nowUs());
  const read = readEnvelope(envelope);
  if (!read.ok) return refused(read.refusal);
  const finished = await answer(
    signedInShape,
    vault.claimFinish({
      token,
      handle,
      registrationRecord: registered.value.registrationRecord,
      ksfPreset: KSF_PRESET,
      member: place.member,
      roster: envelope,
      rosterMac: toBase64Url(rosterMac(code.value, payloadDigest(read.value))),
      keyWraps: wraps,
      password: wrapSecret(keys.secret, place, "password", exportKey.value),
      kit: wrapSecret(keys.secret, place, "kit", kit),
      kitKey: toBase64Url(kitSigningKey(kit).publicKey),
    }),
  );
  if (!finished.ok) return finished;
  const isOurs = finished.value.household === place.household && finished.value.member === place.member;
  return isOurs ? succeed({ place, keys, kit }) : refused("wrong-household");
}

/** Version 1: one owner, the hub that proved that it knows the code, and nothing else yet. */
async function firstRoster(place: MemberPlace, keys: MemberKeys, hub: HubIntroduction, memberName: string, nowUs: number) {
  const household = await makeIdentity();
  const { member } = place;
  const own = { member, recipient: keys.identity.recipient };
  const wraps = [await wrapIdentity({ scope: place.household, epoch: 1, identity: household }, place.household, own)];
  const envelope = signRoster(
    {
      household: place.household,
      version: 1,
      previous: null,
      issuedUs: nowUs,
      epoch: 1,
      recipient: household.recipient,
      label: await sealName(household.recipient, ""),
      members: [
        { ...own, role: "owner", signingKey: keys.signing.publicKey, label: await sealName(household.recipient, memberName.trim()) },
      ],
      hubs: [{ hub: hub.hub, signingKey: hub.signingKey, recipient: hub.recipient }],
      rooms: [],
      devices: [],
    },
    keys.signing,
  );
  return { envelope, wraps };
}

export async function replacePassword(tools: WaysTools, { place, keys }: Arrival, password: string): Promise<Outcome<void>> {
  const { vault, withOpaque } = tools;
  return withOpaque(async (opaque) => {
    const started = await opaque.startRegistration(password);
    const reply = await answer(registrationShape, vault.passwordStart({ registrationRequest: started.registrationRequest }));
    if (!reply.ok) return reply;
    const finished = await opaque.finishRegistration(password, started.state, reply.value.registrationResponse);
    if (!finished.ok) return refused(finished.refusal);
    const material = exportKeyBytes(finished.value.exportKey);
    if (!material.ok) return refused(material.refusal);
    return done(
      vault.replacePassword({
        registrationRecord: finished.value.registrationRecord,
        ksfPreset: KSF_PRESET,
        password: wrapSecret(keys.secret, place, "password", material.value),
      }),
    );
  });
}

export function replaceKit(vault: Vault, { place, keys }: Arrival, kit: Bytes): Promise<Outcome<void>> {
  const kitKey = toBase64Url(kitSigningKey(kit).publicKey);
  return done(vault.replaceKit({ kit: wrapSecret(keys.secret, place, "kit", kit), kitKey }));
}
