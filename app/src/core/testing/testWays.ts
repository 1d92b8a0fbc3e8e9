/** @file Tests only: the vault's second step, passkeys, step-up, approvals and notices, as `docs/design/accounts.md` says. */
import { server } from "@serenity-kit/opaque";
import { ed25519 } from "@noble/curves/ed25519.js";
import { concat, fromBase64Url, random, randomId, toBase64Url, toHex, utf8 } from "../../crypto/bytes";
import { digest } from "../../crypto/hash";
import { verify } from "../../crypto/signing";
import { Refused, type Json, type TestVault } from "./testVault";

const ORIGIN = "https://home.invalid";
const VERIFIED = 0x04;
const WRONG_MAX = 5;

interface Passkey {
  readonly credential: string;
  readonly publicKey: Uint8Array;
  label: unknown;
  wrapped: unknown;
}

interface Pending {
  readonly first: "password" | "kit";
  readonly offers: readonly string[];
  readonly challenge: string;
  number: string | null;
  answer: boolean | null;
  wrong: number;
}

const bytes = (text: unknown) => fromBase64Url(String(text))!;

export class TestWays {
  readonly #vault: TestVault;
  readonly passkeys: Passkey[] = [];
  /** The code that is right now; each one once. */
  totpCode: string | null = null;
  hasTotp = false;
  codes: string[] = [];
  isStrong = true;
  /** Of a session from a recovery. */
  powersFromUs: number | null = null;
  /** Whether another device could say yes. */
  hasOtherDevice = false;
  notices: Json[] = [];
  approvals: Json[] = [];
  readonly pending = new Map<string, Pending>();
  readonly #challenges = new Map<string, string>();
  readonly #logins = new Map<string, { state: string; handle: string }>();

  constructor(vault: TestVault) {
    this.#vault = vault;
  }

  tell(kind: string, more: Json = {}): void {
    this.notices.push({ notice: this.notices.length + 1, kind, atUs: 1, member: this.#vault.account?.member, ...more });
  }

  /** Null: no route of this file. */
  route(known: string, query: URLSearchParams, body: Json): Json | null | "not-mine" | "waits" {
    const strong = () => {
      if (this.powersFromUs !== null) throw new Refused(403, "powers-wait");
      if (!this.isStrong) throw new Refused(403, "step-up-needed");
    };
    switch (known) {
      case "POST /login/start":
        return this.#loginStart(body);
      case "POST /login/finish":
        this.#provePassword(body);
        return this.#afterFirst("password");
      case "POST /login/kit/start":
        return this.#challenge();
      case "POST /login/kit/finish":
        this.#checkKit(this.#challenges.get(String(body.login)), body.signature);
        return this.#afterFirst("kit");
      case "POST /login/second":
        return this.#second(body);
      case "POST /login/approval":
        return this.#askApproval(body);
      case "POST /passkeys/login/start":
        return this.#options();
      case "POST /passkeys/login/finish": {
        const passkey = this.#asserted(body.assertion, this.#challenges.get(String(body.login)));
        return this.#vault.signedIn(passkey.wrapped ?? null);
      }
      case "GET /passkeys":
        return { passkeys: this.passkeys.map((one) => this.#shown(one)) };
      case "POST /passkeys/register/start":
        strong();
        return this.#creation();
      case "POST /passkeys/register/finish":
        strong();
        return this.#register(body);
      case "POST /totp/start":
        strong();
        return { secret: "JBSWY3DPEHPK3PXP", uri: "otpauth://totp/Eaves?secret=JBSWY3DPEHPK3PXP" };
      case "PUT /totp":
        strong();
        if (!this.#takeTotp(body.code)) throw new Refused(401, "sign-in-failed");
        this.hasTotp = true;
        this.tell("totp-on");
        return null;
      case "DELETE /totp":
        strong();
        this.hasTotp = false;
        return null;
      case "POST /recovery-codes":
        strong();
        this.codes = Array.from({ length: 8 }, (_, at) => `AAAA-BBBB-CCCC-000${at}`);
        return { codes: this.codes };
      case "GET /ways-in":
        return this.#waysIn();
      case "DELETE /ways-in/password":
      case "DELETE /ways-in/kit":
        strong();
        return this.#removeWay(known.endsWith("kit") ? "kit" : "password");
      case "POST /step-up/start":
        return this.#stepUpStart(body);
      case "POST /step-up/finish":
        return this.#stepUpFinish(body);
      case "GET /notices":
        return { notices: this.notices.filter(({ notice }) => Number(notice) > Number(query.get("after"))), more: false };
      case "GET /approvals":
        return { approvals: this.approvals };
      case "GET /views":
        return { views: [] };
    }
    const passkey = /^(PUT|DELETE) \/passkeys\/(\w+)$/.exec(known);
    if (passkey !== null) {
      strong();
      return this.#changePasskey(String(passkey[1]), String(passkey[2]), body);
    }
    const approval = /^(POST|DELETE) \/approvals\/(\w+)$/.exec(known);
    if (approval !== null) return this.#answerApproval(String(approval[2]), approval[1] === "POST" ? String(body.number) : null);
    return "not-mine";
  }

  // first proofs

  #loginStart(body: Json): Json {
    const handle = String(body.handle);
    const account = this.#vault.account;
    const { serverLoginState, loginResponse } = server.startLogin({
      serverSetup: this.#vault.setup,
      userIdentifier: handle,
      registrationRecord: account?.handle === handle ? account.record : null,
      startLoginRequest: String(body.ke1),
    });
    const login = randomId();
    this.#logins.set(login, { state: serverLoginState, handle });
    return { login, ke2: loginResponse, ksfPreset: 1 };
  }

  #provePassword(body: Json): void {
    const started = this.#logins.get(String(body.login));
    if (started === undefined) throw new Refused(401, "sign-in-failed");
    try {
      server.finishLogin({ serverLoginState: started.state, finishLoginRequest: String(body.ke3) });
    } catch {
      throw new Refused(401, "sign-in-failed");
    }
  }

  #challenge(): Json {
    const login = randomId();
    const challenge = toBase64Url(random(32));
    this.#challenges.set(login, challenge);
    return { login, challenge };
  }

  #checkKit(challenge: string | undefined, signature: unknown): void {
    const message = concat(utf8("eaves/kit-login/v1\0"), bytes(challenge));
    const { kitKey } = this.#vault.known();
    if (challenge === undefined || kitKey === "" || !verify(bytes(kitKey), message, bytes(signature))) throw new Refused(401, "sign-in-failed");
  }

  #afterFirst(first: "password" | "kit"): Json {
    const account = this.#vault.known();
    if (this.#vault.isKnownBrowser || this.#vault.isSignedIn) return this.#vault.signedIn(account[first]);
    const all: readonly (readonly [string, boolean])[] = [
      ["passkey", this.passkeys.length > 0],
      ["totp", this.hasTotp],
      ["approval", this.hasOtherDevice],
      ["recovery-code", this.codes.length > 0],
      ["password", first === "kit" && account.record !== ""],
      ["kit", first === "password" && account.kitKey !== ""],
      ["wait", first === "kit"],
    ];
    const offers = all.flatMap(([offer, isThere]) => (isThere ? [offer] : []));
    if (offers.join() === "wait") return { state: "waiting", untilUs: 259_200_000_000 };
    const { login, challenge } = this.#challenge() as { login: string; challenge: string };
    this.pending.set(login, { first, offers, challenge, number: null, answer: null, wrong: 0 });
    return { state: "second-step", login, offers, challenge, passkey: this.#requestOptions(challenge), number: null };
  }

  // second proofs

  #second(body: Json): Json | "waits" {
    const waiting = this.pending.get(String(body.login));
    const proof = body.proof as Json & { kind: string };
    if (waiting === undefined) throw new Refused(401, "sign-in-failed");
    if (!waiting.offers.includes(proof.kind)) throw new Refused(400, "invalid-request");
    if (proof.kind === "wait") return { state: "waiting", untilUs: 259_200_000_000 };
    if (proof.kind === "approval" && waiting.answer === null) return "waits";
    if (!this.#isProof(waiting, proof)) {
      waiting.wrong += 1;
      if (waiting.wrong === 1) this.tell("second-step-failed");
      if (waiting.wrong >= WRONG_MAX || proof.kind === "approval") this.pending.delete(String(body.login));
      throw new Refused(401, "sign-in-failed");
    }
    this.pending.delete(String(body.login));
    if (waiting.first === "kit" && !["password", "passkey"].includes(proof.kind)) this.powersFromUs = Number.MAX_SAFE_INTEGER;
    return this.#vault.signedIn(this.#vault.known()[waiting.first]);
  }

  #isProof(waiting: Pending, proof: Json & { kind: string }): boolean {
    try {
      if (proof.kind === "kit") this.#checkKit(waiting.challenge, proof.signature);
      else if (proof.kind === "password") this.#provePassword(proof);
      else if (proof.kind === "passkey") this.#asserted(proof.assertion, waiting.challenge);
    } catch {
      return false;
    }
    if (proof.kind === "totp") return this.#takeTotp(proof.code);
    if (proof.kind === "approval") return waiting.answer === true;
    if (proof.kind !== "recovery-code") return true;
    const at = this.codes.indexOf(String(proof.code).toUpperCase());
    if (at >= 0) this.codes.splice(at, 1);
    return at >= 0;
  }

  #takeTotp(code: unknown): boolean {
    const isRight = this.totpCode !== null && code === this.totpCode;
    if (isRight) this.totpCode = null;
    return isRight;
  }

  #askApproval(body: Json): Json {
    const waiting = this.pending.get(String(body.login));
    if (waiting === undefined) throw new Refused(401, "sign-in-failed");
    waiting.number = "42";
    this.approvals = [{ approval: String(body.login), client: "Firefox on Linux", network: "elsewhere", atUs: Date.now() * 1000, numbers: ["17", "42", "86"] }];
    return { number: "42" };
  }

  #answerApproval(approval: string, number: string | null): null {
    const waiting = this.pending.get(approval);
    if (waiting === undefined) throw new Refused(404, "not-found");
    waiting.answer = number === waiting.number;
    if (!waiting.answer) this.tell("approval-denied");
    this.approvals = [];
    return null;
  }

  // passkeys

  #requestOptions(challenge: string): Json {
    return { challenge, rpId: "home.invalid", userVerification: "required", allowCredentials: this.passkeys.map(({ credential }) => ({ type: "public-key", id: toBase64Url(hex(credential)) })) };
  }

  #options(): Json {
    const { login, challenge } = this.#challenge();
    return { login, options: { challenge, rpId: "home.invalid", userVerification: "required" } };
  }

  #creation(): Json {
    const { login: registration, challenge } = this.#challenge();
    const options = {
      challenge,
      rp: { id: "home.invalid", name: "Eaves" },
      user: { id: toBase64Url(hex(this.#vault.known().member)), name: "Eaves", displayName: "Eaves" },
      pubKeyCredParams: [{ type: "public-key", alg: -8 }],
      excludeCredentials: this.passkeys.map(({ credential }) => ({ type: "public-key", id: toBase64Url(hex(credential)) })),
    };
    return { registration, options };
  }

  #register(body: Json): Json {
    const { rawId, response } = body.credential as { rawId: string; response: { clientDataJSON: string; attestationObject: string } };
    this.#checkClient(response.clientDataJSON, this.#challenges.get(String(body.registration)));
    const passkey: Passkey = { credential: toHex(bytes(rawId)), publicKey: bytes(response.attestationObject), label: body.label, wrapped: body.wrapped ?? null };
    this.passkeys.push(passkey);
    this.tell("passkey-added");
    return this.#shown(passkey);
  }

  /** The passkey that made the assertion, with the person verified. */
  #asserted(assertion: unknown, challenge: string | undefined): Passkey {
    const { rawId, response } = assertion as { rawId: string; response: Record<string, string> };
    const passkey = this.passkeys.find(({ credential }) => credential === toHex(bytes(rawId)));
    this.#checkClient(response.clientDataJSON!, challenge);
    const data = bytes(response.authenticatorData);
    const signed = concat(data, digest(bytes(response.clientDataJSON)));
    const isRight = passkey !== undefined && ((data[32] ?? 0) & VERIFIED) !== 0 && ed25519.verify(bytes(response.signature), signed, passkey.publicKey);
    if (!isRight) throw new Refused(401, "sign-in-failed");
    return passkey;
  }

  #checkClient(clientDataJson: string, challenge: string | undefined): void {
    const client = JSON.parse(new TextDecoder().decode(bytes(clientDataJson))) as { challenge: string; origin: string };
    if (challenge === undefined || client.challenge !== toHex(bytes(challenge)) || client.origin !== ORIGIN) throw new Refused(401, "sign-in-failed");
  }

  #changePasskey(method: string, credential: string, body: Json): null {
    const at = this.passkeys.findIndex((one) => one.credential === credential);
    if (at < 0) throw new Refused(404, "not-found");
    if (method === "DELETE") this.passkeys.splice(at, 1);
    else Object.assign(this.passkeys[at]!, body);
    return null;
  }

  #shown({ credential, label, wrapped }: Passkey): Json {
    return { credential, kind: "this-device", label, madeUs: 1, usedUs: null, opens: wrapped !== null, synced: false };
  }

  // within a session

  #waysIn(): Json {
    const { record, kitKey } = this.#vault.known();
    const ways = [record === "" ? [] : [{ way: "password", madeUs: 1 }], kitKey === "" ? [] : [{ way: "kit", madeUs: 1 }]].flat();
    return { ways, totp: this.hasTotp, recoveryCodes: this.codes.length, recoveryUntilUs: null };
  }

  #removeWay(way: "password" | "kit"): null {
    const account = this.#vault.known();
    const opening = this.passkeys.filter(({ wrapped }) => wrapped !== null).length;
    const left = way === "password" ? account.kitKey : account.record;
    if (left === "" || (way === "password" && opening === 0)) throw new Refused(409, "last-way-in");
    if (way === "kit") account.kitKey = "";
    else account.record = "";
    return null;
  }

  #stepUpStart(body: Json): Json {
    if (this.powersFromUs !== null) throw new Refused(403, "powers-wait");
    if (body.kind === "kit") {
      const { login: stepUp, challenge } = this.#challenge();
      return { kind: "kit", stepUp, challenge };
    }
    if (body.kind === "passkey") {
      const { login: stepUp, challenge } = this.#challenge() as { login: string; challenge: string };
      return { kind: "passkey", stepUp, options: this.#requestOptions(challenge) };
    }
    const { handle } = this.#vault.known();
    const { login, ke2, ksfPreset } = this.#loginStart({ handle, ke1: body.ke1 });
    return { kind: "password", stepUp: login, ke2, ksfPreset };
  }

  #stepUpFinish(body: Json): Json {
    const challenge = this.#challenges.get(String(body.stepUp));
    if (body.ke3 !== undefined) this.#provePassword({ login: body.stepUp, ke3: body.ke3 });
    else if (body.signature !== undefined) this.#checkKit(challenge, body.signature);
    else this.#asserted(body.assertion, challenge);
    this.isStrong = true;
    return { strongUntilUs: 2, powersFromUs: null };
  }
}

function hex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
