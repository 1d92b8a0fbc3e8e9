/**
 * @file The vault's routes, one method each, as `crates/eaves-api/src/route.rs` lists them.
 *
 * Answers are `unknown` on purpose; `core/answers.ts` reads them.
 */
import type { Outcome } from "../domain/home";
import { Transport, type Piece, type TransportOptions } from "./transport";

const APP = "/api/v1";

export type PartName = "media" | "card" | "poster";
type Answer = Promise<Outcome<unknown>>;

export class Vault {
  readonly transport: Transport;

  constructor(options: TransportOptions = {}) {
    this.transport = new Transport(options);
  }

  state(signal?: AbortSignal): Answer {
    return this.transport.json(`${APP}/state`, signal === undefined ? {} : { signal });
  }

  // ways in

  claimHub(body: { token: string }): Answer {
    return this.#send("POST", "/claim/hub", body);
  }
  claimRegister(body: { token: string; handle: string; registrationRequest: string }): Answer {
    return this.#send("POST", "/claim/register", body);
  }
  claimFinish(body: object): Answer {
    return this.#send("POST", "/claim/finish", body);
  }
  loginStart(body: { handle: string; ke1: string }): Answer {
    return this.#send("POST", "/login/start", body);
  }
  loginFinish(body: { login: string; ke3: string }): Answer {
    return this.#send("POST", "/login/finish", body);
  }
  secondStep(body: { login: string; proof: object }): Answer {
    return this.#send("POST", "/login/second", body);
  }
  kitStart(body: { handle: string }): Answer {
    return this.#send("POST", "/login/kit/start", body);
  }
  kitFinish(body: { login: string; signature: string }): Answer {
    return this.#send("POST", "/login/kit/finish", body);
  }
  askApproval(body: { login: string }): Answer {
    return this.#send("POST", "/login/approval", body);
  }
  passkeyLoginStart(): Answer {
    return this.#send("POST", "/passkeys/login/start", {});
  }
  passkeyLoginFinish(body: { login: string; assertion: object }): Answer {
    return this.#send("POST", "/passkeys/login/finish", body);
  }
  stepUpStart(body: object): Answer {
    return this.#send("POST", "/step-up/start", body);
  }
  stepUpFinish(body: object): Answer {
    return this.#send("POST", "/step-up/finish", body);
  }
  logout(forgetBrowser = false): Answer {
    return this.#send("POST", forgetBrowser ? "/logout?forget=true" : "/logout");
  }
  passkeys(): Answer {
    return this.transport.json(`${APP}/passkeys`);
  }
  passkeyRegisterStart(): Answer {
    return this.#send("POST", "/passkeys/register/start");
  }
  passkeyRegisterFinish(body: object): Answer {
    return this.#send("POST", "/passkeys/register/finish", body);
  }
  changePasskey(credential: string, body: object): Answer {
    return this.#send("PUT", `/passkeys/${encodeURIComponent(credential)}`, body);
  }
  removePasskey(credential: string): Answer {
    return this.#send("DELETE", `/passkeys/${encodeURIComponent(credential)}`);
  }
  totpStart(): Answer {
    return this.#send("POST", "/totp/start");
  }
  confirmTotp(body: { code: string }): Answer {
    return this.#send("PUT", "/totp", body);
  }
  removeTotp(): Answer {
    return this.#send("DELETE", "/totp");
  }
  makeRecoveryCodes(): Answer {
    return this.#send("POST", "/recovery-codes");
  }
  removeWay(way: "password" | "kit"): Answer {
    return this.#send("DELETE", `/ways-in/${way}`);
  }
  approvals(): Answer {
    return this.transport.json(`${APP}/approvals`);
  }
  approve(approval: string, body: { number: string }): Answer {
    return this.#send("POST", `/approvals/${encodeURIComponent(approval)}`, body);
  }
  denyApproval(approval: string): Answer {
    return this.#send("DELETE", `/approvals/${encodeURIComponent(approval)}`);
  }
  stopRecovery(member: string): Answer {
    return this.#send("DELETE", `/recovery/${encodeURIComponent(member)}`);
  }
  notices(after: number): Answer {
    return this.transport.json(`${APP}/notices?after=${after}`);
  }
  /** A visit to the log, or another page of one. */
  log(wanted: { readonly size: number; readonly from: number; readonly at?: number; readonly limit: number }): Answer {
    const query = Object.entries(wanted).map(([name, value]) => `${name}=${String(value)}`);
    return this.transport.json(`${APP}/log?${query.join("&")}`);
  }
  logReceipt(sequence: number): Promise<Outcome<Piece>> {
    return this.transport.octets(`${APP}/log/receipt?sequence=${String(sequence)}`);
  }
  views(): Answer {
    return this.transport.json(`${APP}/views`);
  }
  waysIn(): Answer {
    return this.transport.json(`${APP}/ways-in`);
  }
  replaceKit(body: object): Answer {
    return this.#send("PUT", "/ways-in/kit", body);
  }
  passwordStart(body: { registrationRequest: string }): Answer {
    return this.#send("POST", "/ways-in/password/start", body);
  }
  replacePassword(body: object): Answer {
    return this.#send("PUT", "/ways-in/password", body);
  }
  sessions(): Answer {
    return this.transport.json(`${APP}/sessions`);
  }
  endSession(session: string): Answer {
    return this.#send("DELETE", `/sessions/${encodeURIComponent(session)}`);
  }
  endOtherSessions(): Answer {
    return this.#send("POST", "/sessions/end-others");
  }
  endAllSessions(): Answer {
    return this.#send("POST", "/sessions/end-all");
  }

  /** A file beside the app, the same for everybody; see `docs/spec/password-filter.md`. */
  stolenPasswords(): Promise<Outcome<Piece>> {
    return this.transport.octets("/stolen-passwords.bin");
  }

  // the household

  rosters(fromVersion: number): Answer {
    return this.transport.json(`${APP}/roster?from=${fromVersion}`);
  }
  makeInvite(body: object): Answer {
    return this.#send("POST", "/invites", body);
  }
  invites(): Answer {
    return this.transport.json(`${APP}/invites`);
  }
  takeBackInvite(invite: string): Answer {
    return this.#send("DELETE", `/invites/${encodeURIComponent(invite)}`);
  }
  waitingHub(body: { token: string }): Answer {
    return this.#send("POST", "/hubs/waiting", body);
  }
  joinInvite(body: { token: string }): Answer {
    return this.#send("POST", "/join/invite", body);
  }
  joinRegister(body: { token: string; handle: string; registrationRequest: string }): Answer {
    return this.#send("POST", "/join/register", body);
  }
  joinFinish(body: object): Answer {
    return this.#send("POST", "/join/finish", body);
  }
  joinState(signal: AbortSignal): Answer {
    return this.transport.json(`${APP}/join`, { signal });
  }
  leaveJoin(): Answer {
    return this.#send("DELETE", "/join");
  }
  putRoster(body: object): Answer {
    return this.#send("PUT", "/roster", body);
  }
  command(envelope: object): Answer {
    return this.#send("POST", "/commands", envelope);
  }
  commandState(command: string, signal?: AbortSignal): Answer {
    return this.transport.json(`${APP}/commands/${command}`, signal === undefined ? {} : { signal });
  }
  storage(): Answer {
    return this.transport.json(`${APP}/storage`);
  }

  // recordings

  linksByTime(device: string, fromUs: number, toUs: number, limit: number): Answer {
    return this.transport.json(`${APP}/devices/${device}/links?fromUs=${fromUs}&toUs=${toUs}&limit=${limit}`);
  }
  linksByIndex(device: string, fromIndex: number, toIndex: number): Answer {
    return this.transport.json(`${APP}/devices/${device}/links?fromIndex=${fromIndex}&toIndex=${toIndex}`);
  }
  headers(recording: string, signal?: AbortSignal): Answer {
    return this.transport.json(`${APP}/recordings/${recording}/headers`, signal === undefined ? {} : { signal });
  }
  /** A part's sealed body, or the bytes `from` to `to` (exclusive) of it. */
  part(recording: string, part: PartName, range?: { from: number; to: number }, signal?: AbortSignal): Promise<Outcome<Piece>> {
    return this.transport.octets(`${APP}/recordings/${recording}/parts/${part}`, {
      ...(range === undefined ? {} : { range }),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  #send(method: "POST" | "PUT" | "DELETE", path: string, body?: object): Answer {
    return this.transport.json(`${APP}${path}`, body === undefined ? { method } : { method, body });
  }
}
