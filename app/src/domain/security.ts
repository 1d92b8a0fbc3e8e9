/** @file What the screens see of an account: its ways in, where it is signed in, and what happened to it. */
import type { DeviceId, MemberId, Outcome, SessionId, TimeUs } from "./home.ts";
import type { PasswordFault } from "./password.ts";
import type { PasskeyUse } from "./signIn.ts";

export type PasskeyId = string & { readonly passkeyId: true };

export interface SecurityView {
  readonly passkeys: readonly PasskeyView[];
  readonly passkeyUse: PasskeyUse;
  /** When it was set; null: there is none. */
  readonly passwordSinceUs: TimeUs | null;
  readonly kitSinceUs: TimeUs | null;
  readonly hasTotp: boolean;
  /** How many are left. */
  readonly recoveryCodes: number;
  /** Somebody with the kit alone waits to come in; it opens then unless it is stopped. */
  readonly recoveryUntilUs: TimeUs | null;
  /** This device came in by the kit: until then it may not change any of this. */
  readonly powersFromUs: TimeUs | null;
}

export interface PasskeyView {
  readonly id: PasskeyId;
  /** What the person calls it; null: they gave no name, or it does not open. */
  readonly name: string | null;
  readonly place: "this-device" | "phone" | "security-key" | "unknown";
  readonly madeUs: TimeUs;
  readonly usedUs: TimeUs | null;
  /** Whether it also opens recordings. Otherwise password or kit is asked for after it. */
  readonly opens: boolean;
  readonly isSynced: boolean;
}

/** What came of making a passkey. */
export interface MadePasskey {
  readonly id: PasskeyId;
  readonly opens: boolean;
  /** It may open after one more touch. */
  readonly mayOpenLater: boolean;
}

/** For an authenticator app; it counts once a code of it was typed back. */
export interface TotpDraft {
  /** In base 32, in groups of four. */
  readonly secret: string;
  /** For a QR code. */
  readonly uri: string;
}

export type NetworkHint = "this" | "home" | "elsewhere";

/** A browser and system in plain words; null where not known. */
export interface ClientView {
  readonly browser: string | null;
  readonly system: string | null;
}

/** Somebody who knows this person's password or kit asks to come in elsewhere. */
export interface ApprovalView {
  readonly id: string;
  readonly client: ClientView;
  readonly network: NetworkHint;
  readonly atUs: TimeUs;
  /** One of them is shown on the other device. */
  readonly numbers: readonly string[];
}

export const NOTICE_KINDS = [
  "new-device", "second-step-failed", "approval-denied", "recovery-started", "recovery-stopped", "throttle-tripped", "password-changed", "kit-changed",
  "passkey-added", "passkey-removed", "totp-on", "totp-off", "codes-made", "session-ended", "member-joined", "member-out", "loosening-announced", "loosening-stopped",
] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** These mean that somebody may be trying to get in. */
export const ALARMING: readonly NoticeKind[] = ["second-step-failed", "approval-denied", "recovery-started", "throttle-tripped"];

export interface NoticeView {
  readonly id: number;
  readonly kind: NoticeKind;
  readonly atUs: TimeUs;
  readonly isMine: boolean;
  /** Who it is about; null where it is the household. */
  readonly memberId: MemberId | null;
  readonly memberName: string | null;
  readonly client: ClientView | null;
  readonly network: NetworkHint | null;
  readonly untilUs: TimeUs | null;
  readonly isNew: boolean;
}

/** Who watched which camera live. */
export interface WatchedView {
  readonly cameraId: DeviceId;
  readonly cameraName: string | null;
  readonly memberName: string | null;
  readonly isMe: boolean;
  readonly fromUs: TimeUs;
  readonly toUs: TimeUs;
}

/** What every screen says about the account. */
export interface AccountNews {
  readonly unseenNotices: number;
  /** The newest one first. */
  readonly approvals: readonly ApprovalView[];
}

export interface SecurityModel {
  view(): Promise<Outcome<SecurityView>>;
  addPasskey(name: string): Promise<Outcome<MadePasskey>>;
  /** One more touch, for an authenticator that did not open at once. */
  openWithPasskey(id: PasskeyId): Promise<Outcome<void>>;
  renamePasskey(id: PasskeyId, name: string): Promise<Outcome<void>>;
  removePasskey(id: PasskeyId): Promise<Outcome<void>>;
  startTotp(): Promise<Outcome<TotpDraft>>;
  confirmTotp(code: string): Promise<Outcome<void>>;
  removeTotp(): Promise<Outcome<void>>;
  /** New ones, shown once. Earlier ones stop working. */
  makeRecoveryCodes(): Promise<Outcome<readonly string[]>>;
  removePassword(): Promise<Outcome<void>>;
  removeKit(): Promise<Outcome<void>>;
  /** First run has offered one: made or not, nobody is asked twice. */
  endPasskeyOffer(): Promise<void>;
  /** The shortest password that is taken: shorter beside a passkey. */
  passwordLengthMin(): Promise<number>;
  /** Nothing of the password leaves the browser. The names of this home, and those given, make poor ones. */
  judgePassword(password: string, names: readonly string[]): Promise<{ readonly fault: PasswordFault | null; readonly lengthMin: number }>;

  /** Newest first. */
  notices(): Promise<Outcome<readonly NoticeView[]>>;
  /** Everything until now was read on this device. */
  noticesSeen(): Promise<void>;
  /** Newest first. */
  watched(): Promise<Outcome<readonly WatchedView[]>>;
  stopRecovery(member: MemberId): Promise<Outcome<void>>;
  approve(id: string, number: string): Promise<Outcome<void>>;
  deny(id: string): Promise<Outcome<void>>;
}

export type { SessionId };
