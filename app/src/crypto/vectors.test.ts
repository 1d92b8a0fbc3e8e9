/** @file Every case of `vectors/`, accepted or refused as the contract says. `vectors/README.md` explains the files. */
import { readFileSync, readdirSync } from "node:fs";
import { bech32 } from "@scure/base";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { splitHeader } from "./ageHeader";
import { openWholeBody, SEALED_CHUNK_BYTES } from "./ageStream";
import { concat, fromBase64Url, toBase64Url, utf8, type Bytes } from "./bytes";
import { checkAgainstMark, readChain, readEntry, type ChainMark, type ShownEntry } from "./chain";
import { accept, refuse, type Checked, type Refusal } from "./checked";
import { readClaimCode, readIntroduction, rosterMac } from "./claim";
import { acceptCommand, commandForm } from "./command";
import { readEnvelope, verifyEnvelope, type DocumentForm } from "./envelope";
import { digestHex } from "./hash";
import { identityOf, openHeader, secretText, type Identity } from "./identity";
import { inviteSealKey, inviteText, inviteToken, openAnchor, openAnswer, openWelcome, readInviteText, type InvitePlace, type Newcomer, type Welcome } from "./invite";
import { kitGroups, kitSigningKey, readKit } from "./kit";
import { linkForm } from "./link";
import { liveKeyForm, LiveReader, openLiveKey } from "./live";
import { memberKeys, unwrapWith, wayKey, type MemberPlace, type Way } from "./member";
import { isWork, solveWork } from "./proofOfWork";
import { acceptChain, acceptChainWith, acceptFirst, checkNotRolledBack, rosterForm, type AcceptedRoster, type RosterMark } from "./roster";
import { openWrap } from "./sharedIdentity";
import { openName } from "./sealedName";

vi.setConfig({ testTimeout: 60_000 }); // slow machines are no failure

interface Case {
  readonly name: string;
  readonly expect: "ok" | "refused";
  readonly reasons?: readonly Refusal[];
}

const folder = new URL("../../../vectors/", import.meta.url);
const file = (name: string): Bytes => concat(readFileSync(new URL(name, folder)));
const read = new Set<string>();
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the shape of our own file
function json<T>(name: string): T {
  read.add(name);
  return JSON.parse(readFileSync(new URL(name, folder), "utf8")) as T;
}
const bytes = (text: string): Bytes => fromBase64Url(text)!;
const identity = (text: string): Promise<Identity> => identityOf(bech32.decodeToBytes(text).bytes as Bytes);

/** Holds an answer against what its case expects; gives what was accepted. */
function judge<T>({ expect: expected, reasons }: Case, answer: Checked<T>): T | null {
  if (expected === "ok") {
    expect(answer).toMatchObject({ ok: true });
    return answer.ok ? answer.value : null;
  }
  expect(answer.ok).toBe(false);
  if (!answer.ok) expect(reasons).toContain(answer.refusal);
  return null;
}

function must<T>(answer: Checked<T>): T {
  if (!answer.ok) throw new Error(answer.refusal);
  return answer.value;
}

const envelope = (value: unknown) => must(readEnvelope(value));

describe("sealed-part.json", () => {
  interface Edit { readonly op: string; readonly at?: number; readonly bytes?: number; readonly text?: string; readonly file?: string; readonly chunk?: number; readonly a?: number; readonly b?: number }
  interface PartCase extends Case {
    readonly file: string;
    readonly edits: readonly Edit[];
    readonly cut: boolean;
    readonly plaintext: string;
    readonly plaintextBytes: number;
    readonly useOtherIdentity?: boolean;
  }
  const vector = json<{ identity: string; otherIdentity: string; cases: PartCase[] }>("sealed-part.json");

  function edited(one: PartCase): { header: Bytes; body: Bytes } {
    let { header, body } = must(splitHeader(file(one.file)));
    const chunk = (i: number) => body.slice(16 + i * SEALED_CHUNK_BYTES, 16 + (i + 1) * SEALED_CHUNK_BYTES);
    const withChunks = (order: readonly number[]) => concat(body.subarray(0, 16), ...order.map(chunk));
    const order = () => Array.from({ length: Math.ceil((body.length - 16) / SEALED_CHUNK_BYTES) }, (_, i) => i);
    for (const edit of one.edits) {
      const numbers = Object.values(edit).filter((value): value is number => typeof value === "number");
      const [first = 0, second = first + 1] = numbers;
      if (edit.op === "header-of") header = must(splitHeader(file(edit.file!))).header;
      else if (edit.op === "replace-header") header = utf8(edit.text!);
      else if (edit.op === "set-header") header = concat(header.subarray(0, edit.at), utf8(edit.text!), header.subarray(edit.at! + 1));
      else if (edit.op === "keep-body") body = body.slice(0, edit.bytes);
      else if (edit.op === "append-body") body = concat(body, new Uint8Array(edit.bytes!));
      else if (edit.op === "flip-body") body = concat(body.subarray(0, edit.at), Uint8Array.of(body[edit.at!]! ^ 1), body.subarray(edit.at! + 1));
      else if (edit.op === "swap-chunks") body = withChunks(order().map((i) => (i === first ? second : i === second ? first : i)));
      else if (edit.op === "repeat-chunk") body = withChunks(order().flatMap((i) => (i === first ? [i, i] : [i])));
      else if (edit.op === "drop-chunk") body = withChunks(order().filter((i) => i !== first));
      else throw new Error(`an edit that this test does not know: ${edit.op}`);
    }
    return { header, body };
  }

  test.each(vector.cases)("$name", async (one) => {
    const { header, body } = edited(one);
    const fileKey = await openHeader(await identity(one.useOtherIdentity ? vector.otherIdentity : vector.identity), header);
    const opened = judge(one, fileKey.ok ? openWholeBody(fileKey.value, body, one.cut) : fileKey);
    if (opened !== null) expect([opened.length, digestHex(opened)]).toEqual([one.plaintextBytes, one.plaintext]);
  });
});

describe("envelope.json", () => {
  const forms = { command: commandForm, link: linkForm, roster: rosterForm, "live-key": liveKeyForm };
  const { cases } = json<{ cases: (Case & { kind: keyof typeof forms; trusted: string[]; envelope: unknown })[] }>("envelope.json");
  test.each(cases)("$name", (one) => {
    const form = forms[one.kind] as DocumentForm<unknown>;
    judge(one, verifyEnvelope(envelope(one.envelope), form, one.trusted.map(bytes)));
  });
});

describe("roster.json", () => {
  const { cases } = json<{ cases: (Case & { pinned: string; envelopes: unknown[]; mark?: RosterMark })[] }>("roster.json");
  test.each(cases)("$name", (one) => {
    const chain = acceptChain(one.envelopes.map(envelope), bytes(one.pinned));
    const kept = chain.ok ? checkNotRolledBack(chain.value, one.mark ?? null) : chain;
    judge(one, kept);
  });
});

describe("link.json", () => {
  const vector = json<{ device: string; pinned: string; rosters: unknown[]; cases: (Case & { nowUs: number; entries: unknown[]; mark?: ChainMark })[] }>("link.json");
  let rosters: readonly AcceptedRoster[];
  beforeAll(() => {
    rosters = must(acceptChain(vector.rosters.map(envelope), bytes(vector.pinned)));
  });

  function firstAlarm({ nowUs, entries, mark }: (typeof vector.cases)[number]): Checked<null> {
    const shown: ShownEntry[] = [];
    for (const value of entries) {
      const entry = readEntry(value);
      if (!entry.ok) return entry;
      shown.push(entry.value);
    }
    const { links, alarms } = readChain(shown, { device: vector.device, rosters, nowUs });
    const [alarm] = alarms;
    if (alarm !== undefined) return refuse(alarm.refusal);
    const seen = links.findIndex(({ link }) => link.index === mark?.index);
    return checkAgainstMark(mark ?? null, (links.at(-1)?.link.index ?? -1) + 1, shown[seen]?.link ?? null);
  }

  test.each(vector.cases)("$name", (one) => {
    judge(one, firstAlarm(one));
  });
});

describe("command.json", () => {
  const vector = json<{ pinned: string; roster: unknown; cases: (Case & { nowUs: number; envelope: unknown })[] }>("command.json");
  test.each(vector.cases)("$name", (one) => {
    const { roster } = must(acceptFirst(envelope(vector.roster), bytes(vector.pinned)));
    judge(one, acceptCommand(envelope(one.envelope), roster, one.nowUs));
  });
});

describe("claim.json", () => {
  const vector = json<{
    codes: (Case & { text: string; token?: string })[];
    introductions: (Case & { code: string; introduction: unknown })[];
    rosters: (Case & { code: string; roster: string; mac: string })[];
  }>("claim.json");
  test.each(vector.codes)("code: $name", (one) => {
    const code = judge(one, readClaimCode(one.text));
    if (code !== null && one.token !== undefined) expect(toBase64Url(code.token)).toBe(one.token);
  });
  test.each(vector.introductions)("introduction: $name", (one) => {
    judge(one, readIntroduction(must(readClaimCode(one.code)), one.introduction));
  });
  test.each(vector.rosters)("roster: $name", (one) => {
    const isRight = toBase64Url(rosterMac(must(readClaimCode(one.code)), one.roster)) === one.mac;
    judge(one, isRight ? accept(null) : refuse("wrong-mac"));
  });
});

describe("live.json", () => {
  interface Vector {
    readonly device: string;
    readonly pinned: string;
    readonly roster: unknown;
    readonly roomIdentity: string;
    readonly key: unknown;
    readonly keys: (Case & { nowUs: number; key: unknown })[];
    readonly cases: (Case & { nowUs: number; frames: string[]; capturedUs: number; media: string })[];
  }
  const vector = json<Vector>("live.json");
  async function open(key: unknown, nowUs: number) {
    const { roster } = must(acceptFirst(envelope(vector.roster), bytes(vector.pinned)));
    const room = await identity(vector.roomIdentity);
    return openLiveKey(envelope(key), vector.device, roster, () => room, nowUs);
  }
  test.each(vector.keys)("key: $name", async (one) => {
    judge(one, await open(one.key, one.nowUs));
  });
  test.each(vector.cases)("$name", async (one) => {
    const issuedUs = (JSON.parse(Buffer.from((vector.key as { payload: string }).payload, "base64url").toString()) as { issuedUs: number }).issuedUs;
    const { id, held } = must(await open(vector.key, issuedUs));
    const reader = new LiveReader(vector.device);
    reader.add(id, held);
    for (const frame of one.frames.slice(0, -1)) expect(reader.open(bytes(frame), one.nowUs)).toMatchObject({ ok: true });
    const frame = judge(one, reader.open(bytes(one.frames.at(-1)!), one.nowUs));
    if (frame !== null) expect([frame.capturedUs, toBase64Url(frame.mp4)]).toEqual([one.capturedUs, one.media]);
  });
});

describe("keys.json", () => {
  interface Vector {
    readonly members: { secret: string; identity: string; recipient: string; signingPublicKey: string }[];
    readonly kits: (Case & { text: string; printed?: string; secret?: string; signingPublicKey?: string; wrappingKey?: string })[];
    readonly wrappedSecrets: (Case & { household: string; member: string; secret: string; wrapped: { way: Way }; wrappingKey: string; exportKey?: string })[];
    readonly keyWraps: (Case & { household: string; member: string; scope: string; epoch: number; identity: string; wrapped: string; expectedRecipient: string | null; sharedIdentity: string })[];
    readonly names: (Case & { identity: string; sealed: string; text: string })[];
  }
  const vector = json<Vector>("keys.json");

  test.each(vector.members)("what grows from a member secret", async (one) => {
    const keys = await memberKeys(bytes(one.secret));
    expect([secretText(keys.identity.seed), keys.identity.recipient, toBase64Url(keys.signing.publicKey)]).toEqual([one.identity, one.recipient, one.signingPublicKey]);
  });
  test.each(vector.kits)("kit: $name", (one) => {
    const secret = judge(one, readKit(one.text));
    if (secret === null) return;
    expect(kitGroups(secret).join("-")).toBe(one.printed);
    expect([toBase64Url(secret), toBase64Url(kitSigningKey(secret).publicKey), toBase64Url(wayKey("kit", secret))]).toEqual([one.secret, one.signingPublicKey, one.wrappingKey]);
  });
  test.each(vector.wrappedSecrets)("wrapped secret: $name", (one) => {
    if (one.exportKey !== undefined) expect(toBase64Url(wayKey("password", bytes(one.exportKey)))).toBe(one.wrappingKey);
    const secret = judge(one, unwrapWith(bytes(one.wrappingKey), one.wrapped, one, one.wrapped.way));
    if (secret !== null) expect(toBase64Url(secret)).toBe(one.secret);
  });
  test.each(vector.keyWraps)("key wrap: $name", async (one) => {
    const { scope, epoch, member, household, expectedRecipient } = one;
    const own = { household, member, identity: await identity(one.identity) };
    const wrap = { scope, epoch, member, wrapped: bytes(one.wrapped) };
    const opened = judge(one, await openWrap(wrap, own, (recipient) => expectedRecipient === null || recipient === expectedRecipient));
    if (opened !== null) expect(secretText(opened.identity.seed)).toBe(one.sharedIdentity);
  });
  test.each(vector.names)("name: $name", async (one) => {
    const name = judge(one, await openName(await identity(one.identity), bytes(one.sealed)));
    if (name !== null) expect(name).toBe(one.text);
  });
});

describe("invite.json", () => {
  interface Vector {
    readonly rosters: unknown[];
    readonly secrets: (Case & { text: string; printed?: string; token?: string; sealKey?: string })[];
    readonly welcomes: (Case & InvitePlace & { secret: string; letter: unknown; nowUs: number; welcome: Welcome })[];
    readonly answers: (Case & InvitePlace & { secret: string; expiresUs: number; answer: unknown; nowUs: number; newcomer: Omit<Newcomer, "signingKey"> & { signingKey: string } })[];
    readonly own: (Case & MemberPlace & { memberSecret: string; letter: unknown; anchor: RosterMark })[];
  }
  const vector = json<Vector>("invite.json");
  const envelopes = vector.rosters.map(envelope);
  const secretOf = (text: string) => must(readInviteText(text));

  test.each(vector.secrets)("secret: $name", (one) => {
    const secret = judge(one, readInviteText(one.text));
    if (secret === null) return;
    expect([inviteText(secret), toBase64Url(inviteToken(secret)), toBase64Url(inviteSealKey(secret))]).toEqual([one.printed, one.token, one.sealKey]);
  });
  test.each(vector.welcomes)("welcome: $name", (one) => {
    const welcome = openWelcome(secretOf(one.secret), one, one.letter, one.nowUs);
    const chain = welcome.ok ? acceptChainWith(envelopes, welcome.value.roster) : welcome;
    const accepted = judge<unknown>(one, chain.ok ? welcome : chain);
    if (accepted !== null) expect(accepted).toEqual(one.welcome);
  });
  test.each(vector.answers)("answer: $name", (one) => {
    const chain = must(acceptChainWith(envelopes, vector.welcomes[0]!.welcome.roster));
    const newcomer = judge(one, openAnswer(secretOf(one.secret), one, one.answer, chain, one.nowUs));
    if (newcomer !== null) expect({ ...newcomer, signingKey: toBase64Url(newcomer.signingKey) }).toEqual(one.newcomer);
  });
  test.each(vector.own)("to oneself: $name", (one) => {
    const anchor = judge(one, openAnchor({ ...one, secret: bytes(one.memberSecret) }, one.letter));
    if (anchor !== null) expect(anchor).toEqual(one.anchor);
  });
});

describe("proof of work", () => {
  const { cases } = json<{ cases: readonly (Case & { bits: number; header: string; nonce: string; challenge: string })[] }>("proof-of-work.json");
  test.each(cases)("$name", async ({ expect: expected, bits, header, nonce, challenge }) => {
    expect(isWork(header, bits)).toBe(expected === "ok");
    if (expected === "ok" && Number(nonce) < 10_000) expect(await solveWork(challenge, bits)).toBe(header);
  });
  test("more than a browser should do is refused", async () => {
    expect(await solveWork(cases[0]!.challenge, 25)).toBeNull();
  });
});

test("every file of vectors/ has been read", () => {
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  expect(new Set(files)).toEqual(read);
});
