/**
 * @file The ways in: claiming the box, signing in by password or kit, and replacing either.
 *
 * Each ends with the member secret in memory, or with a reason why not. Nothing that the vault says is adopted on the
 * way: the hub is known by the claim code, the secret by the AEAD that binds it to member and way.
 */
import type { Outcome } from "../domain/home";
import { fail, succeed } from "../api/problem";
import type { Vault } from "../api/vault";
import { randomId, toBase64Url, type Bytes } from "../crypto/bytes";
import { readClaimCode, readIntroduction, rosterMac, type HubIntroduction } from "../crypto/claim";
import { payloadDigest, readEnvelope } from "../crypto/envelope";
import { kitSigningKey, makeKit, readKit, signKitChallenge } from "../crypto/kit";
import { exportKeyBytes, loginHandle, makeMemberSecret, memberKeys, unwrapSecret, wrapSecret, type MemberKeys, type MemberPlace, type Way } from "../crypto/member";
import type { Shaped } from "../crypto/shape";
import { KSF_PRESET } from "../crypto/opaque";
import type { Opaque } from "../crypto/opaqueClient";
import { signRoster } from "../crypto/rosterWriting";
import { sealName } from "../crypto/sealedName";
import { makeIdentity, wrapIdentity } from "../crypto/sharedIdentity";
import { answer, done, kitChallengeShape, loginChallengeShape, registrationShape, signedInShape, signInShape } from "./answers";
import { refused } from "./refused";

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

/** With the kit as the second proof, where this browser is new and it was typed. */
export async function signIn(tools: WaysTools, memberName: string, password: string, typedKit?: string): Promise<Outcome<Arrival>> {
  const { vault, withOpaque } = tools;
  const kit = typedKit === undefined ? null : readKit(typedKit);
  if (kit !== null && !kit.ok) return fail("kit-mistyped");
  const handle = await loginHandle(memberName);
  const proved = await withOpaque(async (opaque) => {
    const started = await opaque.startLogin(password);
    const challenge = await answer(loginChallengeShape, vault.loginStart({ handle, ke1: started.ke1 }));
    if (!challenge.ok) return challenge;
    const { login, ke2, ksfPreset } = challenge.value;
    const finished = await opaque.finishLogin(password, started.state, ke2, ksfPreset);
    if (finished.ok) return succeed({ login, ...finished.value });
    return finished.refusal === "does-not-open" ? fail("name-or-password-wrong") : refused(finished.refusal);
  });
  if (!proved.ok) return proved;
  const { login, ke3, exportKey } = proved.value;
  const material = exportKeyBytes(exportKey);
  if (!material.ok) return refused(material.refusal);
  const signed = await answer(signInShape, vault.loginFinish({ login, ke3 }));
  if (!signed.ok || !("challenge" in signed.value)) return arrive(signed as Outcome<SignedIn>, "password", material.value);
  if (kit === null) return fail("second-step-needed");
  const proof = { kind: "kit", signature: toBase64Url(signKitChallenge(kit.value, signed.value.challenge)) };
  const second = await answer(signedInShape, vault.secondStep({ login: signed.value.login, proof }));
  if (!second.ok && second.problem.code === "name-or-password-wrong") return fail("kit-wrong");
  return arrive(second, "password", material.value);
}

export async function signInWithKit(tools: WaysTools, memberName: string, typedKit: string): Promise<Outcome<Arrival>> {
  const kit = readKit(typedKit);
  if (!kit.ok) return fail("kit-mistyped");
  const challenge = await answer(kitChallengeShape, tools.vault.kitStart({ handle: await loginHandle(memberName) }));
  if (!challenge.ok) return challenge;
  const signature = toBase64Url(signKitChallenge(kit.value, challenge.value.challenge));
  const signed = await answer(signInShape, tools.vault.kitFinish({ login: challenge.value.login, signature }));
  if (!signed.ok && signed.problem.code === "name-or-password-wrong") return fail("kit-wrong");
  if (signed.ok && "challenge" in signed.value) return fail("browser-new");
  return arrive(signed as Outcome<SignedIn>, "kit", kit.value);
}

type SignedIn = Shaped<typeof signedInShape>;

/** Opens the secret that came with a session. A wrap of another member, household or way does not open. */
async function arrive(
  signed: Outcome<SignedIn>,
  way: Way,
  material: Bytes,
): Promise<Outcome<Arrival>> {
  if (!signed.ok) return signed;
  const place = { household: signed.value.household, member: signed.value.member };
  const secret = unwrapSecret(signed.value.wrapped, place, way, material);
  return secret.ok ? succeed({ place, keys: await memberKeys(secret.value) }) : refused(secret.refusal);
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
