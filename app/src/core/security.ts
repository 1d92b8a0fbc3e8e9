/** @file The ways into an account, as the screens see and change them: `SecurityModel` over a session. */
import type { DeviceId, Outcome } from "../domain/home";
import type { MadePasskey, PasskeyId, PasskeyView, SecurityModel, SecurityView, TotpDraft, WatchedView } from "../domain/security";
import { fail, succeed } from "../api/problem";
import type { Vault } from "../api/vault";
import { toBase64Url, utf8 } from "../crypto/bytes";
import { openOwn, sealOwn } from "../crypto/letter";
import { makePasskey, provePasskey, type Authenticators, type PasskeyKey } from "../crypto/passkey";
import { object, readJson, text, type Shape } from "../crypto/shape";
import type { AccountNews } from "./accountNews";
import { answer, done, stateShape } from "./answers";
import type { Inside } from "./inside";
import { PasswordAdvice, type TellStrength } from "./passwordAdvice";
import { cleanName } from "./rosterEdits";
import type { Session } from "./session";
import { notUsed } from "./signingIn";
import { madePasskeyShape, passkeyRegistrationShape, passkeysShape, powersShape, recoveryCodesShape, stepUpShape, totpShape, viewsShape, waysInShape, type PasskeyAnswer } from "./wayAnswers";
import type { Arrival } from "./ways";

const PASSWORD_LENGTH_MIN = 15;
const PASSWORD_LENGTH_MIN_BESIDE_PASSKEY = 8;

/** Who is in. */
interface Account {
  readonly arrival: Arrival;
  readonly inside: Inside;
  readonly news: AccountNews;
}

const labelShape: Shape<{ readonly name: string }> = object({ name: text(64) });
const letterShape = object({ nonce: text(64), ciphertext: text(4 << 10) });

export function securityModel(session: Session, vault: Vault, authenticators: Authenticators | null, tellStrength: TellStrength): SecurityModel {
  const advice = new PasswordAdvice(vault, tellStrength);
  const within = <T>(act: (account: Account) => Promise<Outcome<T>>): Promise<Outcome<T>> => {
    const { account } = session;
    return account === null ? Promise.resolve(fail("signed-out")) : act(account);
  };
  const change = (asked: () => Promise<Outcome<unknown>>) => within(() => done(asked()));
  return {
    view: () => within((account) => view(account, session, vault)),
    addPasskey: (name) => within((account) => addPasskey(account, vault, authenticators, name)),
    openWithPasskey: (id) => within((account) => openWithPasskey(account, vault, authenticators, id)),
    renamePasskey: (id, typed) =>
      within(({ arrival }) => {
        const name = cleanName(typed);
        return name.ok ? done(vault.changePasskey(id, { label: sealLabel(arrival, id, name.value) })) : Promise.resolve(name);
      }),
    removePasskey: (id) => change(() => vault.removePasskey(id)),
    startTotp: () => within(({ inside }) => startTotp(vault, inside.view().memberName)),
    confirmTotp: async (code) => {
      const confirmed = await change(() => vault.confirmTotp({ code: code.replaceAll(/\s/g, "") }));
      return !confirmed.ok && confirmed.problem.code === "name-or-password-wrong" ? fail("code-wrong") : confirmed;
    },
    removeTotp: () => change(() => vault.removeTotp()),
    makeRecoveryCodes: () =>
      within(async () => {
        const made = await answer(recoveryCodesShape, vault.makeRecoveryCodes());
        return made.ok ? succeed(made.value.codes) : made;
      }),
    removePassword: () => change(() => vault.removeWay("password")),
    removeKit: () => change(() => vault.removeWay("kit")),
    endPasskeyOffer: () => session.endPasskeyOffer(),
    passwordLengthMin: () => passwordLengthMin(session, vault),
    judgePassword: async (password, names) => {
      const lengthMin = await passwordLengthMin(session, vault);
      return { fault: await advice.judge(password, lengthMin, [...names, ...householdWords(session.inside)]), lengthMin };
    },
    notices: () => within(({ news }) => news.notices()),
    noticesSeen: async () => session.account?.news.seen(),
    watched: () => within(({ inside }) => watched(inside, vault)),
    stopRecovery: (member) => change(() => vault.stopRecovery(member)),
    approve: (id, number) => answerApproval(session, id, () => vault.approve(id, { number })),
    deny: (id) => answerApproval(session, id, () => vault.denyApproval(id)),
  };
}

/** It is gone from this screen either way: an answer that came too late changes nothing any more. */
async function answerApproval(session: Session, id: string, ask: () => Promise<Outcome<unknown>>): Promise<Outcome<void>> {
  const said = await done(ask());
  if (said.ok || said.problem.code === "not-found") session.account?.news.answered(id);
  return said;
}

async function view({ arrival }: Account, session: Session, vault: Vault): Promise<Outcome<SecurityView>> {
  const [ways, passkeys, state] = await Promise.all([answer(waysInShape, vault.waysIn()), answer(passkeysShape, vault.passkeys()), answer(stateShape, vault.state())]);
  if (!ways.ok) return ways;
  if (!passkeys.ok) return passkeys;
  if (!state.ok) return state;
  const since = (way: "password" | "kit") => ways.value.ways.find((one) => one.way === way)?.madeUs ?? null;
  const powersFromUs = state.value.session?.powersFromUs ?? null;
  return succeed({
    passkeys: passkeys.value.passkeys.map((one) => passkeyView(arrival, one)),
    passkeyUse: await session.signingIn.passkeyUse(),
    passwordSinceUs: since("password"),
    kitSinceUs: since("kit"),
    hasTotp: ways.value.totp ?? false,
    recoveryCodes: ways.value.recoveryCodes ?? 0,
    recoveryUntilUs: ways.value.recoveryUntilUs,
    powersFromUs: powersFromUs !== null && powersFromUs > session.ways().nowUs() ? powersFromUs : null,
  });
}

function passkeyView(arrival: Arrival, one: PasskeyAnswer): PasskeyView {
  return {
    id: one.credential as PasskeyId,
    name: openLabel(arrival, one),
    place: one.kind,
    madeUs: one.madeUs,
    usedUs: one.usedUs,
    opens: one.opens,
    isSynced: one.synced,
  };
}

function labelPurpose(credential: string): string {
  return `passkey-label|${credential}`;
}

/** A letter to oneself: the vault could make one that is sealed to a public recipient. */
function sealLabel({ place, keys }: Arrival, credential: string, name: string): string {
  const letter = sealOwn({ ...place, secret: keys.secret }, labelPurpose(credential), { name });
  return toBase64Url(utf8(JSON.stringify(letter)));
}

function openLabel({ place, keys }: Arrival, { credential, label }: PasskeyAnswer): string | null {
  if (label === null) return null;
  const letter = readJson(letterShape, label);
  const opened = letter.ok ? openOwn({ ...place, secret: keys.secret }, labelPurpose(credential), letter.value, labelShape) : letter;
  return opened.ok ? opened.value.name : null;
}

async function addPasskey({ arrival, inside }: Account, vault: Vault, authenticators: Authenticators | null, typed: string): Promise<Outcome<MadePasskey>> {
  const name = cleanName(typed);
  if (!name.ok) return name;
  if (authenticators === null) return fail("passkey-not-used");
  const started = await answer(passkeyRegistrationShape, vault.passkeyRegisterStart());
  if (!started.ok) return started;
  const made = await makePasskey(started.value.options, inside.view().memberName, authenticators);
  if (!made.ok) return notUsed(made.why);
  const { id, json, key, mayGiveKey } = made.value;
  const { place, keys } = arrival;
  const body = {
    registration: started.value.registration,
    credential: json,
    label: sealLabel(arrival, id, name.value),
    ...(key === null ? {} : { wrapped: key.wrap(keys.secret, place) }),
  };
  const kept = await answer(madePasskeyShape, vault.passkeyRegisterFinish(body));
  if (!kept.ok) return kept;
  if (kept.value.credential !== id) return fail("unexpected", "the vault kept another passkey");
  return succeed({ id: id as PasskeyId, opens: kept.value.opens, mayOpenLater: mayGiveKey });
}

/** Asks the passkey itself, as for a fresh proof, and wraps under what it gives. */
async function openWithPasskey({ arrival }: Account, vault: Vault, authenticators: Authenticators | null, id: PasskeyId): Promise<Outcome<void>> {
  if (authenticators === null) return fail("passkey-not-used");
  const started = await answer(stepUpShape, vault.stepUpStart({ kind: "passkey" }));
  if (!started.ok) return started;
  const used = await provePasskey(started.value.options, { only: id }, authenticators);
  if (!used.ok) return notUsed(used.why);
  const proved = await answer(powersShape, vault.stepUpFinish({ stepUp: started.value.stepUp, assertion: used.value.json }));
  if (!proved.ok) return proved;
  return used.value.id === id && used.value.key !== null ? wrapUnder(arrival, vault, id, used.value.key) : fail("passkey-without-key");
}

export function wrapUnder({ place, keys }: Arrival, vault: Vault, id: string, key: PasskeyKey): Promise<Outcome<void>> {
  return done(vault.changePasskey(id, { wrapped: key.wrap(keys.secret, place) }));
}

/** The name in the authenticator app is put in here: the vault does not know it. */
async function startTotp(vault: Vault, memberName: string): Promise<Outcome<TotpDraft>> {
  const got = await answer(totpShape, vault.totpStart());
  if (!got.ok) return got;
  const { secret } = got.value;
  if (!/^[A-Z2-7]{16,64}$/.test(secret)) return fail("unexpected", "the vault's answer is not in its form");
  const label = `${encodeURIComponent("Eaves")}:${encodeURIComponent(memberName)}`;
  const uri = `otpauth://totp/${label}?secret=${secret}&issuer=Eaves&algorithm=SHA1&digits=6&period=30`;
  return succeed({ secret: secret.replaceAll(/(.{4})(?=.)/g, "$1 "), uri });
}

async function watched(inside: Inside, vault: Vault): Promise<Outcome<readonly WatchedView[]>> {
  const got = await answer(viewsShape, vault.views());
  if (!got.ok) return got;
  return succeed(
    got.value.views.map(({ device, member, fromUs, toUs }) => ({
      cameraId: device as DeviceId,
      cameraName: inside.cameraName(device),
      memberName: inside.nameOf(member),
      isMe: member === inside.household.place.member,
      fromUs,
      toUs,
    })),
  );
}

async function passwordLengthMin(session: Session, vault: Vault): Promise<number> {
  const passkeys = session.account === null ? null : await answer(passkeysShape, vault.passkeys());
  return passkeys?.ok === true && passkeys.value.passkeys.length > 0 ? PASSWORD_LENGTH_MIN_BESIDE_PASSKEY : PASSWORD_LENGTH_MIN;
}

function householdWords(inside: Inside | null): readonly string[] {
  if (inside === null) return [];
  const { household } = inside;
  const { members, rooms, devices } = household.roster;
  return [...members, ...rooms, ...devices].flatMap(({ label }) => household.name(label) ?? []).filter((name) => name !== "");
}

