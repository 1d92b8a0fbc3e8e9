/** @file Development only: an account with everything in it, for looking at. */
import { DAY_US, HOUR_US, MINUTE_US } from "../src/domain/clock.ts";
import type { DeviceId, HomeSnapshot, MemberId, Outcome } from "../src/domain/home.ts";
import type { ApprovalView, MadePasskey, NoticeView, PasskeyId, SecurityModel, SecurityView, TotpDraft, WatchedView } from "../src/domain/security.ts";
import type { SignInModel, StepUpModel } from "../src/domain/signIn.ts";

const ok = <T>(value: T): Outcome<T> => ({ ok: true, value });
const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const nowUs = () => Date.now() * 1000;

function notices(): readonly NoticeView[] {
  const one = (id: number, kind: NoticeView["kind"], agoUs: number, more: Partial<NoticeView> = {}): NoticeView => ({
    id, kind, atUs: nowUs() - agoUs, isMine: true, memberId: "m1" as MemberId, memberName: "Wilma", client: null, network: null, untilUs: null, isNew: id > 4, ...more,
  });
  return [
    one(7, "second-step-failed", 4 * MINUTE_US, { client: { browser: "Chrome", system: "Windows" }, network: "elsewhere" }),
    one(6, "new-device", 3 * HOUR_US, { client: { browser: "Firefox", system: "Android" }, network: "home" }),
    one(5, "loosening-announced", 5 * HOUR_US, { isMine: false, memberName: "Fred", untilUs: nowUs() + 19 * HOUR_US }),
    one(4, "passkey-added", DAY_US),
    one(3, "codes-made", 2 * DAY_US),
    one(2, "member-joined", 6 * DAY_US, { isMine: false, memberName: "Fred" }),
    one(1, "session-ended", 7 * DAY_US),
  ];
}

export class FakeSecurity implements SecurityModel, SignInModel, StepUpModel {
  readonly #set: (change: Partial<HomeSnapshot>) => void;
  readonly #enter: () => void;
  #view: SecurityView = {
    passkeys: [
      { id: "p1" as PasskeyId, name: "My iPhone", place: "phone", madeUs: nowUs() - 20 * DAY_US, usedUs: nowUs() - 3 * HOUR_US, opens: true, isSynced: true },
      { id: "p2" as PasskeyId, name: "Blue key", place: "security-key", madeUs: nowUs() - 90 * DAY_US, usedUs: null, opens: false, isSynced: false },
    ],
    passkeyUse: "yes", passwordSinceUs: nowUs() - 90 * DAY_US, kitSinceUs: nowUs() - 90 * DAY_US, hasTotp: false, recoveryCodes: 6, recoveryUntilUs: null, powersFromUs: null,
  };

  constructor(set: (change: Partial<HomeSnapshot>) => void, enter: () => void) {
    this.#set = set;
    this.#enter = enter;
  }

  static approvals(): readonly ApprovalView[] {
    return [{ id: "a1", client: { browser: "Firefox", system: "Windows" }, network: "elsewhere", atUs: nowUs(), numbers: ["17", "42", "86"] }];
  }

  async #in(): Promise<Outcome<void>> {
    await wait(400);
    this.#enter();
    return ok(undefined);
  }
  async #change(change: Partial<SecurityView>): Promise<Outcome<void>> {
    await wait(300);
    this.#view = { ...this.#view, ...change };
    return ok(undefined);
  }

  passkeys = () => Promise.resolve({ use: "yes" as const, isOfferedByBrowser: false });
  passkeyUse = () => Promise.resolve("yes" as const);
  withTotp = () => this.#in();
  withRecoveryCode = () => this.#in();
  withKitToo = () => this.#in();
  withPasswordToo = () => this.#in();
  withPasskeyToo = () => this.#in();
  waitThreeDays = () => this.#in();
  startOver = () => this.#set({ access: { kind: "signed-out", reason: "none" } });
  askOtherDevice(): Promise<Outcome<void>> {
    this.#set({ access: { kind: "second-step", after: "password", offers: ["approval"], number: "42" } });
    return Promise.resolve(ok(undefined));
  }
  async withPasskey(): Promise<Outcome<void>> {
    await wait(400);
    this.#set({ stepUp: null });
    return ok(undefined);
  }
  withPassword = () => this.withPasskey();
  withKit = () => this.withPasskey();
  cancel = () => this.#set({ stepUp: null });

  async view(): Promise<Outcome<SecurityView>> {
    await wait(200);
    return ok(this.#view);
  }
  async addPasskey(name: string): Promise<Outcome<MadePasskey>> {
    const id = `p${String(Math.random())}` as PasskeyId;
    await this.#change({ passkeys: [...this.#view.passkeys, { id, name, place: "this-device", madeUs: nowUs(), usedUs: null, opens: true, isSynced: true }] });
    return ok({ id, opens: true, mayOpenLater: false });
  }
  openWithPasskey = () => this.#change({});
  renamePasskey = (id: PasskeyId, name: string) => this.#change({ passkeys: this.#view.passkeys.map((one) => (one.id === id ? { ...one, name } : one)) });
  removePasskey = (id: PasskeyId) => this.#change({ passkeys: this.#view.passkeys.filter((one) => one.id !== id) });
  startTotp = (): Promise<Outcome<TotpDraft>> => Promise.resolve(ok({ secret: "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP", uri: "otpauth://totp/Eaves:Wilma?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Eaves" }));
  confirmTotp = () => this.#change({ hasTotp: true });
  removeTotp = () => this.#change({ hasTotp: false });
  async makeRecoveryCodes(): Promise<Outcome<readonly string[]>> {
    await this.#change({ recoveryCodes: 8 });
    return ok(["7KQD-M2XW-9FTA-RJ4H", "C6NY-WZ8P-3VGB-HE5K", "TQ2M-7KQD-M2XW-9FTA", "RJ4H-C6NY-WZ8P-3VGB", "HE5K-TQ2M-7KQD-M2XW", "9FTA-RJ4H-C6NY-WZ8P", "3VGB-HE5K-TQ2M-7KQD", "M2XW-9FTA-RJ4H-C6NY"]);
  }
  removePassword = () => this.#change({ passwordSinceUs: null });
  removeKit = (): Promise<Outcome<void>> => Promise.resolve({ ok: false, problem: { code: "last-way-in" } });
  endPasskeyOffer(): Promise<void> {
    this.#enter();
    return Promise.resolve();
  }
  passwordLengthMin = () => Promise.resolve(15);
  judgePassword = (password: string) => Promise.resolve({ fault: password.length < 15 ? ("short" as const) : password.startsWith("wilma") ? ("home-words" as const) : null, lengthMin: 15 });
  async notices(): Promise<Outcome<readonly NoticeView[]>> {
    await wait(200);
    return ok(notices());
  }
  noticesSeen(): Promise<void> {
    this.#set({ account: { unseenNotices: 0, approvals: [] } });
    return Promise.resolve();
  }
  watched(): Promise<Outcome<readonly WatchedView[]>> {
    const one = (name: string, camera: string, agoUs: number, lengthUs: number): WatchedView => ({ cameraId: "cam-1" as DeviceId, cameraName: camera, memberName: name, isMe: name === "Wilma", fromUs: nowUs() - agoUs, toUs: nowUs() - agoUs + lengthUs });
    return Promise.resolve(ok([one("Fred", "Front door", HOUR_US, 4 * MINUTE_US), one("Wilma", "Garden gate", 7 * HOUR_US, 40 * 1_000_000)]));
  }
  stopRecovery = () => this.#change({ recoveryUntilUs: null });
  approve(): Promise<Outcome<void>> {
    this.#set({ account: { unseenNotices: 0, approvals: [] } });
    return Promise.resolve(ok(undefined));
  }
  deny = () => this.approve();
}
