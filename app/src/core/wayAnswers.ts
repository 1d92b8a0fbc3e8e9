/** @file The vault's answers about signing in, ways in and notices, read strictly. */
import { NOTICE_KINDS } from "../domain/security";
import { bytes, bytesUpTo, flag, id, list, nullable, oneOf, openObject as object, optional, text, timeUs, whole, type Shape, type Shaped } from "../crypto/shape";

/** Something that another reader looks into. */
const opaqueValue: Shape<unknown> = (value) => value;

export const powersShape = object({ strongUntilUs: timeUs, powersFromUs: optional(timeUs) });
export type Powers = Shaped<typeof powersShape>;

export const signedInShape = object({ household: id, member: id, wrapped: opaqueValue, session: optional(powersShape) });
export type SignedIn = Shaped<typeof signedInShape>;

const secondStepShape = object({
  state: oneOf("second-step"),
  login: text(256),
  offers: list(text(64), 16),
  challenge: bytes(32),
  passkey: opaqueValue,
});
const waitingShape = object({ state: oneOf("waiting"), untilUs: timeUs });

/** What comes of a proof: in, one more proof, or days of waiting. */
export type SignInAnswer =
  | { readonly state: "signed-in"; readonly signed: SignedIn }
  | ({ readonly state: "second-step" } & Omit<Shaped<typeof secondStepShape>, "state">)
  | { readonly state: "waiting"; readonly untilUs: number };

export const signInShape: Shape<SignInAnswer> = (value) => {
  const { state } = (value ?? {}) as { readonly state?: unknown };
  if (state === "second-step") return secondStepShape(value);
  if (state === "waiting") return waitingShape(value);
  return { state: "signed-in", signed: signedInShape(value) };
};

/** An approval that nobody has answered yet is an empty answer. */
export const secondAnswerShape = nullable(signInShape);

export const passkeyChallengeShape = object({ login: text(256), options: opaqueValue });
export const passkeyRegistrationShape = object({ registration: text(256), options: opaqueValue });
export const approvalNumberShape = object({ number: text(8) });

const passkeyShape = object({
  credential: text(2048),
  kind: oneOf("this-device", "phone", "security-key", "unknown"),
  label: optional(bytesUpTo(4 << 10)),
  madeUs: timeUs,
  usedUs: optional(timeUs),
  opens: flag,
  synced: flag,
});
export const madePasskeyShape = passkeyShape;
export type PasskeyAnswer = Shaped<typeof passkeyShape>;
export const passkeysShape = object({ passkeys: list(passkeyShape, 64) });

export const waysInShape = object({
  ways: list(object({ way: oneOf("password", "kit", "passkey"), madeUs: timeUs }), 64),
  totp: optional(flag),
  recoveryCodes: optional(whole(0, 100)),
  recoveryUntilUs: optional(timeUs),
});

export const totpShape = object({ secret: text(64), uri: text(512) });
export const recoveryCodesShape = object({ codes: list(text(32), 32) });

export const stepUpShape = object({
  kind: oneOf("password", "passkey", "kit"),
  stepUp: text(256),
  ke2: optional(text(1024)),
  ksfPreset: optional(whole(0, 255)),
  options: opaqueValueOrNone(),
  challenge: optional(bytes(32)),
});

function opaqueValueOrNone(): Shape<unknown> {
  return optional(opaqueValue);
}

const networkShape = oneOf("this", "home", "elsewhere");

export const sessionsShape = object({
  sessions: list(
    object({
      session: text(128),
      this: flag,
      client: text(128),
      startedUs: timeUs,
      usedUs: timeUs,
      deviceKnown: optional(flag),
      network: optional(networkShape),
      watching: list(id, 1_000),
    }),
    1_000,
  ),
});
export type SessionAnswer = Shaped<typeof sessionsShape>["sessions"][number];

export const approvalFields = { approval: text(64), client: text(128), network: networkShape, atUs: timeUs, numbers: list(text(8), 8) };
const approvalShape = object(approvalFields);
export type ApprovalAnswer = Shaped<typeof approvalShape>;
export const approvalsShape = object({ approvals: list(approvalShape, 100) });

export const noticeFields = {
  notice: whole(0),
  kind: oneOf(...NOTICE_KINDS),
  atUs: timeUs,
  member: optional(id),
  session: optional(text(128)),
  client: optional(text(128)),
  network: optional(networkShape),
  untilUs: optional(timeUs),
};
const noticeShape = object(noticeFields);
export type NoticeAnswer = Shaped<typeof noticeShape>;
export const noticesShape = object({ notices: list(noticeShape, 1_000), more: flag });

export const viewsShape = object({ views: list(object({ device: id, member: id, fromUs: timeUs, toUs: timeUs }), 10_000) });
