/** @file Outcomes and problems: what came of something, in codes that a screen turns into a sentence and an advice. */
import type { TimeUs } from "./home.ts";

/** Why something did not happen. Each code is something a person could do something different about. */
export type ProblemCode =
  // everywhere
  | "cancelled"
  | "vault-unreachable" // no answer from the vault
  | "hub-unreachable" // the vault answers, the hub does not
  | "signed-out" // the session ended meanwhile
  | "not-allowed"
  | "not-found" // or not visible to this member: the two are not told apart
  | "gone" // it was erased
  | "conflict" // somebody changed it at the same moment
  | "too-many-tries" // `retryAtUs` says when
  | "storage-full"
  | "unsupported-browser" // something the app needs is missing; `detail` names it
  | "vault-not-believed" // it showed a key or document that is not this household's; `detail` says which check refused it
  | "unexpected" // a bug: shown with its `detail`
  // accounts
  | "claim-code-wrong"
  | "claim-code-expired" // codes live ten minutes and are used once
  | "already-claimed"
  | "name-or-password-wrong" // never says which
  | "password-wrong" // of somebody who is signed in
  | "password-too-short"
  | "kit-wrong" // no account answers to this kit
  | "second-step-wrong" // the second proof was not right
  | "second-step-over" // too many wrong ones, or too late: from the beginning
  | "approval-denied" // the other device said no, or nothing
  | "passkey-not-used" // cancelled, or there is none here
  | "passkey-wrong" // the vault does not know it, or the person was not verified
  | "passkey-there-already"
  | "passkey-without-key" // the authenticator gives nothing to open with
  | "passkeys-need-a-name" // an address without a name
  | "last-way-in"
  | "code-wrong" // of an authenticator app
  | "step-up-needed" // the last proof that it is you is too old for this
  | "powers-wait" // after a recovery this has to wait
  | "kit-mistyped" // the checksum says it was mistyped
  | "kit-groups-differ" // the groups typed back are not those of the kit
  // invitations
  | "invite-mistyped" // the link is not complete
  | "invite-over" // used, taken back or too old
  | "name-in-use" // somebody signs in with that name
  // rooms and devices
  | "name-empty"
  | "name-taken"
  | "room-not-empty"
  // adding a camera
  | "camera-address-invalid"
  | "camera-address-forbidden" // loopback, link-local and the like
  | "camera-name-not-found" // DNS
  | "camera-no-route"
  | "camera-refused" // the port is closed
  | "camera-timed-out"
  | "camera-not-rtsp"
  | "camera-wrong-password"
  | "camera-password-needed"
  | "camera-path-missing"
  | "camera-busy"
  | "camera-codec-unknown"
  | "camera-no-video"
  | "camera-already-added"
  // opening recordings: the picture is not shown, and this is why
  | "recording-changed" // bytes or signature do not fit what the hub sealed
  | "recording-not-ours" // signed by no hub of this household, or for another room or camera
  | "recording-incomplete" // the end is missing and the hub did not say so
  | "recording-no-key" // sealed to an epoch this member does not hold
  | "codec-not-playable" // this browser cannot play it (H.265); exporting still works
  | "live-not-available"
  | "live-not-believed" // frames or a key that are not the hub's, or not of now
  // commands
  | "not-erased" // the vault says that it is done, and shows it all the same
  | "not-waiting" // what was to be stopped does not wait any more
  | "too-late"; // the hub refuses what was signed too long ago

export interface Problem {
  readonly code: ProblemCode;
  /** When trying again makes sense. */
  readonly retryAtUs?: TimeUs;
  /** For "Details" only: a technical phrase without names, addresses or keys. */
  readonly detail?: string;
}

export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem };
