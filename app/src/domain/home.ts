/**
 * @file What the screens see of a home: view types, expected problems, and the `HomeModel` that screens act through.
 *
 * This file is the seam between the screens (`features/`) and everything that touches keys, the network or media
 * (`core/`, over `crypto/`, `api/`, `media/`). It holds types only: no React, no fetch, no text shown to people.
 *
 * Rules of the seam
 * - Whatever can fail for an expected reason resolves to an `Outcome`; a rejected promise is a bug and is shown as one.
 * - Problems travel as codes. The words for them are in `text/en.ts`, so the model never makes a sentence.
 * - Times are UTC microseconds (`TimeUs`), the unit of every Eaves format; durations are milliseconds (`…Ms`).
 * - Everything handed out is already verified. What failed verification arrives as an `alarm`, never as a recording.
 * - Actions that take a signal stop when it aborts and then resolve to the problem `cancelled`.
 */

import type { PeopleModel } from "./people.ts";
import type { Outcome, Problem } from "./problem.ts";
import type { ArmedView, PendingView, RoomRules, RulesModel } from "./rules.ts";
import type { AccountNews, NetworkHint, SecurityModel } from "./security.ts";
import type { ActivityModel } from "./activity.ts";
import type { SecondStepView, SignInModel, StepUpModel, StepUpView } from "./signIn.ts";

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type MemberId = Branded<"MemberId">;
export type RoomId = Branded<"RoomId">;
export type DeviceId = Branded<"DeviceId">;
export type RecordingId = Branded<"RecordingId">;
export type SessionId = Branded<"SessionId">;

/** UTC microseconds since 1970. Safe as a number until the year 2255. */
export type TimeUs = number;

// ---------------------------------------------------------------------------------------------------------------
// Outcomes and problems

export type { Outcome, Problem, ProblemCode } from "./problem.ts";

// ---------------------------------------------------------------------------------------------------------------
// The snapshot: what is true now. Immutable; a new object whenever something in it changed.

export interface HomeSnapshot {
  readonly connection: Connection;
  readonly access: Access;
  readonly account: AccountNews;
  /** Set while something that was asked for waits for a fresh proof. */
  readonly stepUp: StepUpView | null;
}

export type Connection =
  | { readonly kind: "connecting" } // before the first answer
  | { readonly kind: "online" }
  | { readonly kind: "reconnecting"; readonly sinceUs: TimeUs }
  | { readonly kind: "offline"; readonly sinceUs: TimeUs }; // the browser itself says it has no network

/** Which door the person stands before. */
export type Access =
  | { readonly kind: "starting" }
  | { readonly kind: "unreachable" } // never had an answer since the app was opened
  | { readonly kind: "unclaimed" } // first run
  | { readonly kind: "signed-out"; readonly reason: SignedOutReason; readonly problem?: Problem }
  | SecondStepView
  /** The kit was right and there is nothing else: every device hears of it, and the kit opens then. */
  | { readonly kind: "recovery-waits"; readonly untilUs: TimeUs }
  | { readonly kind: "needs-unlock" } // a passkey signed in and opens nothing: the password or the kit does
  | { readonly kind: "passkey-offered"; readonly memberName: string } // first run: this device can hold one
  | { readonly kind: "needs-password"; readonly memberName: string } // came in by kit: choose a new password
  | { readonly kind: "needs-kit"; readonly memberName: string } // no recovery kit yet, so nothing is recorded yet
  /** Has an account and waits to be let in; the name is known where it was typed. */
  | { readonly kind: "waiting"; readonly memberName: string | null }
  | { readonly kind: "in"; readonly household: HouseholdView };

export type SignedOutReason =
  | "none" // simply not signed in
  | "signed-out" // by this person, here
  | "ended" // by this person or an owner, from another device
  | "expired" // 24 hours
  | "idle" // one hour
  | "put-out" // an owner took this person out of the home
  | "not-let-in" // the invitation was taken back, or ended, before anybody said yes
  | "locked" // the session lives but the keys are no longer in this browser
  | "not-believed"; // the vault showed something that is not this household's; `problem` says what

export interface HouseholdView {
  readonly memberId: MemberId;
  readonly memberName: string;
  readonly role: "owner" | "adult" | "guest";
  /** In the order in which the household wants to see them. */
  readonly rooms: readonly RoomView[];
  readonly cameras: readonly CameraView[];
  /** Whether the hub answers. With the hub away nothing is recorded anew, but recordings stay readable. */
  readonly hub: { readonly kind: "reachable" } | { readonly kind: "unreachable"; readonly sinceUs: TimeUs };
  /** null while no hub has said. */
  readonly armed: ArmedView | null;
  /** What becomes looser unless somebody stops it, the next one first. */
  readonly pending: readonly PendingView[];
  /** True while sealed names are still being opened: show skeletons rather than an empty home. */
  readonly isLoading: boolean;
}

export interface RoomView {
  readonly id: RoomId;
  readonly name: string;
  readonly rules: RoomRules;
  /** Set while a member has turned off all its cameras, or all of the home. */
  readonly turnedOff: TurnedOffView | null;
}

export interface CameraView {
  readonly id: DeviceId;
  readonly roomId: RoomId;
  readonly name: string;
  readonly source: "rtsp" | "demo";
  readonly state: CameraState;
  /** When the newest picture known to the vault was taken; null when there was none yet. */
  readonly pictureAtUs: TimeUs | null;
  /** "none": the camera sends no sound. "unknown": not told yet. */
  readonly microphone: "on" | "off" | "none" | "unknown";
  /** Names of members watching live now; null when not known (then nothing is said). */
  readonly watchers: readonly string[] | null;
  /** Set while a member has turned it off. */
  readonly turnedOff: TurnedOffView | null;
}

export interface TurnedOffView {
  /** Names of who turned it off. */
  readonly by: readonly string[];
  /** Whether this member is the only one: then it can be turned on again at once. */
  readonly isMine: boolean;
  readonly sinceUs: TimeUs;
  /** Somebody else wants it on again: it goes on by itself then, unless an adult stops that. */
  readonly goesOnAtUs: TimeUs | null;
}

export type CameraState =
  | { readonly kind: "recording" } // frames arrive and are kept
  | { readonly kind: "connecting"; readonly sinceUs: TimeUs }
  | { readonly kind: "unreachable"; readonly sinceUs: TimeUs; readonly cause: Cause }
  /** Frames arrive and can be watched, but are not kept. */
  | { readonly kind: "not-kept"; readonly sinceUs: TimeUs; readonly cause: Cause };

/** Why pictures are missing: now (camera state) or then (gap). */
export type Cause =
  | "camera-not-found" // name or route
  | "camera-refused"
  | "camera-timed-out"
  | "camera-stalled" // connected, but no frame came
  | "camera-closed" // the camera ended the stream
  | "camera-wrong-password"
  | "camera-path-missing"
  | "camera-busy"
  | "camera-codec-unknown"
  | "camera-format-changed"
  | "clock-changed"
  | "hub-stopped" // shut down on purpose
  | "hub-crashed" // power cut or crash
  | "disk-full"
  | "spool-full" // the vault was away for so long that the oldest was dropped
  | "kit-missing" // nothing is recorded before the recovery kit exists
  | "not-shared" // recorded before this person was let into the room
  | "turned-off" // by a member
  | "not-armed" // the room records only while the home is armed
  | "settings-changed" // by a member: address, password or sound
  | "erased" // by a member
  | "expired" // kept as long as the rule says
  | "unknown";

// ---------------------------------------------------------------------------------------------------------------
// Timeline

export interface Span {
  readonly fromUs: TimeUs;
  readonly toUs: TimeUs;
}

export type TimelineItem = RecordingItem | GapItem | AlarmItem;

export interface RecordingItem {
  readonly kind: "recording";
  readonly id: RecordingId;
  readonly startUs: TimeUs;
  readonly endUs: TimeUs;
  readonly sizeBytes: number;
  readonly hasPoster: boolean;
  /** Ended by a crash or power cut and signed as such afterwards. */
  readonly isCut: boolean;
}

export interface GapItem {
  readonly kind: "gap";
  readonly startUs: TimeUs;
  /** null: still going on. */
  readonly endUs: TimeUs | null;
  readonly cause: Cause;
}

/** Something that should never be: somebody or something took away or changed what the hub sealed. */
export interface AlarmItem {
  readonly kind: "alarm";
  readonly startUs: TimeUs;
  readonly endUs: TimeUs;
  readonly alarm: AlarmKind;
  /** The recording that failed, when it is one. */
  readonly id: RecordingId | null;
}

export type AlarmKind =
  | "missing" // a link of the chain is gone, and no gap was announced
  | "changed" // hash or signature wrong
  | "stranger" // signed by no hub of this household
  | "misplaced" // belongs to another camera or room
  | "rolled-back"; // the vault shows an older state than this device has seen before

export interface TimelineSlice {
  /** What was asked for, perhaps shortened to what exists. */
  readonly span: Span;
  /** Sorted by start; items do not overlap. */
  readonly items: readonly TimelineItem[];
}

export interface TimelineBounds {
  /** null: nothing recorded (any more). */
  readonly oldestUs: TimeUs | null;
  readonly newestUs: TimeUs | null;
}

// ---------------------------------------------------------------------------------------------------------------
// Live and playback

export type LiveState =
  | { readonly kind: "opening" }
  | { readonly kind: "playing"; readonly pictureAtUs: TimeUs }
  /** No frame for a while; the model keeps trying. */
  | { readonly kind: "waiting"; readonly sinceUs: TimeUs; readonly cause: Cause }
  | { readonly kind: "failed"; readonly problem: Problem };

export interface LiveWatch {
  /** Stops and frees everything; safe to call twice. */
  stop(): void;
}

export type PlayerState =
  | { readonly kind: "loading"; readonly positionUs: TimeUs }
  | { readonly kind: "paused"; readonly positionUs: TimeUs }
  | { readonly kind: "playing"; readonly positionUs: TimeUs }
  /** Reached the end of what is recorded. */
  | { readonly kind: "ended"; readonly positionUs: TimeUs }
  /** Nothing is recorded here; `nextUs` is where the next recording starts. */
  | { readonly kind: "nothing-here"; readonly positionUs: TimeUs; readonly nextUs: TimeUs | null }
  | { readonly kind: "failed"; readonly positionUs: TimeUs; readonly problem: Problem };

export const PLAYBACK_RATES = [0.5, 1, 2, 4, 8] as const;
export type PlaybackRate = (typeof PLAYBACK_RATES)[number];

/** Plays the recordings of one camera, one after another, into one video element. Play runs over gaps. */
export interface Player {
  seek(atUs: TimeUs): void;
  play(): void;
  pause(): void;
  setRate(rate: PlaybackRate): void;
  /** One frame forward (1) or back (-1); pauses. */
  step(direction: 1 | -1): void;
  /** Position now, finer than the states tell; for drawing. */
  positionUs(): TimeUs;
  close(): void;
}

// ---------------------------------------------------------------------------------------------------------------
// Exporting and erasing

export interface Progress {
  /** 0..1, or null while the total is unknown. */
  readonly fraction: number | null;
}

export interface ExportedFile {
  readonly blob: Blob;
  /** What the file really covers: frames before the first keyframe cannot be cut off. */
  readonly span: Span;
  /** Gaps inside, which the file skips over. */
  readonly gapCount: number;
}

export type EraseRequest =
  | { readonly kind: "recording"; readonly deviceId: DeviceId; readonly recordingId: RecordingId }
  | { readonly kind: "span"; readonly deviceId: DeviceId; readonly span: Span }
  | { readonly kind: "camera"; readonly deviceId: DeviceId };

/** What an erase request will reach. Recordings are erased whole, so `span` may be wider than what was asked. */
export interface EraseReach {
  readonly recordingCount: number;
  readonly durationMs: number;
  readonly sizeBytes: number;
  readonly span: Span | null;
}

export interface EraseProgress {
  /** Keys are destroyed first: from then on nobody can open them, even if bytes still lie on a disk. */
  readonly phase: "keys" | "bytes" | "confirming";
  readonly done: number;
  readonly total: number;
}

export interface EraseResult {
  readonly recordingCount: number;
  readonly sizeBytes: number;
  /** Places that have not confirmed yet, named with their age. Empty means: deleted everywhere. */
  readonly late: readonly { readonly holder: Holder; readonly sinceUs: TimeUs }[];
}

export type Holder = "hub-memory" | "hub-spool" | "vault-bodies" | "vault-index" | "key-tree" | "backup" | "other";

// ---------------------------------------------------------------------------------------------------------------
// Adding a camera

export interface CameraAddress {
  /** As typed: a full rtsp:// address or a bare host. User name and password inside it are accepted and moved out. */
  readonly address: string;
  readonly userName: string;
  readonly password: string;
}

export type ProbeStep = "looking-up" | "connecting" | "signing-in" | "describing" | "waiting-for-picture";

export interface ProbeResult {
  /** Opaque to the screens; goes back into `addCamera`. */
  readonly probe: Branded<"Probe">;
  /** Without user name and password. */
  readonly address: string;
  /** A `blob:` address of the first picture; null when it could not be decoded. Freed by the model. */
  readonly pictureUrl: string | null;
  readonly streams: readonly ProbedStream[];
  readonly audio: { readonly codec: string; readonly isKept: boolean } | null;
  readonly warnings: readonly ProbeWarning[];
}

export interface ProbedStream {
  readonly role: "main" | "sub";
  readonly codec: string; // "H.264", "H.265"
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number | null;
  readonly kilobitsPerSecond: number | null;
}

export type ProbeWarning =
  | "default-password" // one of the passwords cameras are sold with
  | "no-password" // the camera shows its picture to everybody on the network
  | "may-not-play-here" // H.265, and this browser cannot play it
  | "no-sub-stream";

export type RoomChoice = { readonly roomId: RoomId } | { readonly newRoomName: string };

// ---------------------------------------------------------------------------------------------------------------
// Accounts, storage

/** A new recovery kit, in memory only. It counts for nothing until it was confirmed. */
export interface KitDraft {
  readonly draft: Branded<"KitDraft">;
  /** Nine groups of four characters, upper case, no look-alikes. */
  readonly groups: readonly string[];
  readonly createdUs: TimeUs;
}

export interface TypedGroup {
  /** 0-based. */
  readonly index: number;
  readonly text: string;
}

export interface SessionView {
  readonly id: SessionId;
  readonly isThis: boolean;
  readonly startedUs: TimeUs;
  readonly lastUsedUs: TimeUs;
  /** From the user agent: plain words such as "Chrome" and "Android"; null when not known. */
  readonly browser: string | null;
  readonly system: string | null;
  /** Whether its browser was signed in before, so that the password is enough there. */
  readonly isKnown: boolean;
  readonly network: NetworkHint;
  /** Names of the cameras that it shows live now. */
  readonly watching: readonly string[];
}

export interface StorageView {
  readonly usedBytes: number;
  /** The household's limit; null when only the disk limits. */
  readonly limitBytes: number | null;
  readonly freeBytes: number | null;
  readonly continuousKeptDays: number;
  readonly cameras: readonly { readonly deviceId: DeviceId; readonly usedBytes: number; readonly oldestUs: TimeUs | null }[];
}

export interface VersionView {
  readonly vault: string;
  readonly hub: string | null;
}

// ---------------------------------------------------------------------------------------------------------------
// The model

export interface HomeModel {
  /** The snapshot store, in the shape of `useSyncExternalStore`. */
  subscribe(listener: () => void): () => void;
  snapshot(): HomeSnapshot;
  /** The time, corrected to the vault's clock where that is known. */
  nowUs(): TimeUs;
  /** Try to reach the vault again at once, instead of waiting for the next try. */
  reconnect(): void;

  // accounts. Each changes `snapshot().access` on success before its promise resolves.
  claim(input: { readonly code: string; readonly memberName: string; readonly password: string }): Promise<Outcome<void>>;
  /** In a new browser a second proof is asked for: `access` says so. */
  signIn(input: { readonly memberName: string; readonly password: string }): Promise<Outcome<void>>;
  signInWithKit(input: { readonly memberName: string; readonly kit: string }): Promise<Outcome<void>>;
  setPassword(password: string): Promise<Outcome<void>>;
  signOut(how?: { readonly forgetBrowser: boolean }): Promise<Outcome<void>>;
  draftKit(): Promise<Outcome<KitDraft>>;
  /** Checks the groups typed back, then keeps the kit. An older kit stops working. */
  confirmKit(draft: KitDraft, typed: readonly TypedGroup[]): Promise<Outcome<void>>;
  sessions(): Promise<Outcome<readonly SessionView[]>>;
  endSession(id: SessionId): Promise<Outcome<void>>;
  endOtherSessions(): Promise<Outcome<{ readonly endedCount: number }>>;
  /** This one too. */
  endAllSessions(): Promise<Outcome<void>>;

  readonly people: PeopleModel;
  readonly rules: RulesModel;
  readonly signingIn: SignInModel;
  readonly stepUp: StepUpModel;
  readonly security: SecurityModel;
  readonly activity: ActivityModel;

  // rooms and devices
  addRoom(name: string): Promise<Outcome<RoomId>>;
  renameRoom(id: RoomId, name: string): Promise<Outcome<void>>;
  /** Only an empty room. */
  removeRoom(id: RoomId): Promise<Outcome<void>>;
  probeCamera(
    input: CameraAddress,
    onStep: (step: ProbeStep) => void,
    signal: AbortSignal,
  ): Promise<Outcome<ProbeResult>>;
  addCamera(input: { readonly probe: ProbeResult; readonly name: string; readonly room: RoomChoice; readonly withSound: boolean }): Promise<Outcome<DeviceId>>;
  addDemoCamera(input: { readonly name: string; readonly room: RoomChoice }): Promise<Outcome<DeviceId>>;
  renameCamera(id: DeviceId, name: string): Promise<Outcome<void>>;
  /**
   * Gives a camera other settings: address, password, sound. They are sealed to the hub, so that this app cannot read
   * them back: what is to hold is looked for and typed anew. `null` is the demo camera.
   */
  setUpCamera(input: { readonly id: DeviceId; readonly probe: ProbeResult | null; readonly withSound: boolean }): Promise<Outcome<void>>;
  /** Turns a camera off (nothing is seen, nothing recorded) or on again. What others turned off goes on ten minutes later. */
  turnCamera(id: DeviceId, isOn: boolean): Promise<Outcome<void>>;
  /** Keeps a camera off that somebody else is turning on. */
  keepCameraOff(id: DeviceId): Promise<Outcome<void>>;
  /** "keep": its recordings stay until their time is up. "erase": they are erased first, with progress. */
  removeCamera(
    id: DeviceId,
    recordings: "keep" | "erase",
    onProgress: (progress: EraseProgress) => void,
  ): Promise<Outcome<void>>;
  storage(): Promise<Outcome<StorageView>>;
  versions(): Promise<Outcome<VersionView>>;

  // pictures
  /** `quality` is a wish: "tile" is the sub stream where there is one. The model sets the element's source and plays it. */
  watchLive(
    id: DeviceId,
    video: HTMLVideoElement,
    quality: "tile" | "page",
    onState: (state: LiveState) => void,
  ): LiveWatch;
  openPlayer(id: DeviceId, video: HTMLVideoElement, onState: (state: PlayerState) => void): Player;
  timelineBounds(id: DeviceId): Promise<Outcome<TimelineBounds>>;
  timeline(id: DeviceId, span: Span): Promise<Outcome<TimelineSlice>>;
  /** Called when something on the timeline of this camera changed (new recording, gap, erasure). */
  onTimelineChange(id: DeviceId, listener: (changed: Span) => void): () => void;
  /** A `blob:` address, kept in a bounded cache of the model; null when there is none or it did not verify. */
  posterUrl(id: DeviceId, recordingId: RecordingId): Promise<string | null>;
  /** The same, only if it is there already. Never waits: scrubbing calls it for every frame. */
  posterNow(recordingId: RecordingId): string | null;

  // taking out and taking away
  exportSpan(
    id: DeviceId,
    span: Span,
    onProgress: (progress: Progress) => void,
    signal: AbortSignal,
  ): Promise<Outcome<ExportedFile>>;
  eraseReach(request: EraseRequest): Promise<Outcome<EraseReach>>;
  erase(request: EraseRequest, onProgress: (progress: EraseProgress) => void): Promise<Outcome<EraseResult>>;
}
