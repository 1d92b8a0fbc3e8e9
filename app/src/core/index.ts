/**
 * @file The home as the screens see it: `HomeModel` over the vault, the keys and the players.
 *
 * This file only connects. What is decided where: `session` who is in, `household` which rosters and keys are believed,
 * `deviceChain` which recordings, `erase` and `probe` what is signed.
 */
import type { DeviceId, HomeModel, Outcome, PlayerState, RoomChoice, RoomId, SessionId, SessionView, StorageView } from "../domain/home";
import { fail, succeed } from "../api/problem";
import { Vault } from "../api/vault";
import type { TransportOptions } from "../api/transport";
import type { PeopleModel } from "../domain/people";
import type { ActivityModel } from "../domain/activity";
import type { RulesModel } from "../domain/rules";
import type { SecurityModel } from "../domain/security";
import type { SignInModel } from "../domain/signIn";
import { browserAuthenticators, type Authenticators } from "../crypto/authenticators";
import type { PasskeyKey } from "../crypto/passkey";
import type { CameraSettings } from "../crypto/camera";
import { Keyring } from "../crypto/keyring";
import { indexedDbStore, type LocalStore } from "../crypto/localStore";
import { Marks } from "../crypto/marks";
import type { Opener } from "../crypto/opener";
import { solveWork } from "../crypto/proofOfWork";
import { clientView } from "./accountNews";
import { answer, done, storageShape } from "./answers";
import type { Inside } from "./inside";
import { lazily } from "./lazily";
import type { TellStrength } from "./passwordAdvice";
import { peopleModel } from "./people";
import * as pictures from "./pictures";
import { Probes } from "./probe";
import * as edits from "./rosterEdits";
import { Session } from "./session";
import { SnapshotStore } from "./snapshot";
import { keepCameraOff, turnCamera } from "./turning";
import { StepUp } from "./stepUp";
import { VaultClock } from "./vaultClock";
import { sessionsShape, type SessionAnswer } from "./wayAnswers";
import type { WithOpaque } from "./ways";
import { startOpener, tellStrength, withOpaque } from "./workers";

/** What the model stands on. Tests put a hostile vault here. */
export interface ModelGround {
  readonly makeVault: (options: TransportOptions) => Vault;
  readonly store: LocalStore;
  readonly startOpener: () => Opener;
  readonly withOpaque: WithOpaque;
  readonly authenticators: Authenticators | null;
  readonly tellStrength: TellStrength;
}

const PASSWORD_LENGTH_MIN = 15;
/** What a player is when nobody is in. */
const NO_PLAYER = {
  seek: () => undefined,
  play: () => undefined,
  pause: () => undefined,
  setRate: () => undefined,
  step: () => undefined,
  close: () => undefined,
};

export function createHomeModel(ground: Partial<ModelGround> = {}): HomeModel {
  const model = new Model({ ...browserGround(), ...ground });
  void model.start();
  return model;
}

function browserGround(): ModelGround {
  return {
    makeVault: (options) => new Vault(options),
    store: indexedDbStore(),
    startOpener,
    withOpaque,
    authenticators: browserAuthenticators(),
    tellStrength,
  };
}

class Model implements HomeModel {
  readonly #snapshot = new SnapshotStore();
  readonly #clock = new VaultClock();
  readonly #probes = new Probes();
  readonly #vault: Vault;
  readonly #session: Session;
  readonly people: PeopleModel;
  readonly rules: RulesModel;
  readonly signingIn: SignInModel;
  readonly stepUp: StepUp;
  readonly security: SecurityModel;
  readonly activity: ActivityModel;

  constructor(ground: ModelGround) {
    this.#vault = ground.makeVault({
      onSignedOut: () => void this.#ended(),
      onReached: (isReached) => this.#session.connection(isReached),
      onClock: this.#clock.tell,
      onWork: solveWork,
      onStepUp: () => this.stepUp.need(),
    });
    const { nowUs } = this.#clock;
    const { store } = ground;
    const kept = { store, keyring: new Keyring(store), marks: new Marks(store) };
    this.#session = new Session({ ...ground, ...kept, vault: this.#vault, snapshot: this.#snapshot, nowUs, onLeave: () => this.stepUp.cancel() });
    const { authenticators } = ground;
    this.signingIn = this.#session.signingIn;
    this.stepUp = new StepUp({
      ways: () => this.#session.ways(),
      snapshot: this.#snapshot,
      authenticators,
      onPasskey: (id, key) => void this.#wrapUnder(id, key),
    });
    this.security = lazily(async () => (await import("./security")).securityModel(this.#session, this.#vault, authenticators, ground.tellStrength));
    const own = () => Date.now() * 1000;
    this.activity = lazily(async () => (await import("./activity")).activityModel({ session: this.#session, vault: this.#vault, store, nowUs: own }));
    this.rules = lazily(async () => (await import("./rules")).rulesModel(this.#session));
    this.people = peopleModel(this.#session, () => (typeof window === "undefined" ? "https://home.invalid" : window.location.origin));
    if (typeof window === "undefined") return;
    for (const change of ["online", "offline"]) window.addEventListener(change, () => this.#network(change === "online"));
  }

  start(): Promise<void> {
    return this.#session.start();
  }

  subscribe = this.#snapshot.subscribe;
  snapshot = this.#snapshot.now;
  nowUs = this.#clock.nowUs;

  reconnect(): void {
    this.#session.retryNow();
  }

  // accounts

  claim: HomeModel["claim"] = async (input) => {
    if (input.password.length < PASSWORD_LENGTH_MIN) return fail("password-too-short");
    const name = edits.cleanName(input.memberName);
    return name.ok ? this.#session.claim({ ...input, memberName: name.value }) : name;
  };
  signIn: HomeModel["signIn"] = ({ memberName, password }) => this.#session.signingIn.withPassword(memberName, password);
  signInWithKit: HomeModel["signInWithKit"] = ({ memberName, kit }) => this.#session.signingIn.withKit(memberName, kit);
  setPassword: HomeModel["setPassword"] = async (password) => {
    const isLong = password.length >= PASSWORD_LENGTH_MIN || password.length >= (await this.security.passwordLengthMin());
    return isLong ? this.#session.setPassword(password) : fail("password-too-short");
  };
  signOut: HomeModel["signOut"] = (how) => this.#session.signOut(how?.forgetBrowser ?? false);
  draftKit: HomeModel["draftKit"] = () => Promise.resolve(this.#session.draftKit());
  confirmKit: HomeModel["confirmKit"] = (draft, typed) => this.#session.confirmKit(draft, typed);

  sessions: HomeModel["sessions"] = async () => {
    const got = await answer(sessionsShape, this.#vault.sessions());
    const cameras = new Map(this.#session.inside?.view().cameras.map(({ id, name }) => [id, name]));
    return got.ok ? succeed(got.value.sessions.map((one) => sessionView(one, cameras))) : got;
  };
  endSession: HomeModel["endSession"] = (id) => done(this.#vault.endSession(id));
  endOtherSessions: HomeModel["endOtherSessions"] = async () => {
    const before = await this.sessions();
    if (!before.ok) return before;
    const ended = await done(this.#vault.endOtherSessions());
    return ended.ok ? succeed({ endedCount: before.value.filter(({ isThis }) => !isThis).length }) : ended;
  };

  endAllSessions: HomeModel["endAllSessions"] = async () => {
    const ended = await done(this.#vault.endAllSessions());
    if (ended.ok) await this.#session.leave("signed-out");
    return ended;
  };

  // rooms and devices

  addRoom: HomeModel["addRoom"] = (name) =>
    this.#within(async (inside) => {
      const clean = freeName(name, inside.view().rooms);
      if (!clean.ok) return clean;
      const id = edits.newId();
      const added = await inside.edit(edits.addRoom(id, clean.value));
      return added.ok ? succeed(id as RoomId) : added;
    });
  renameRoom: HomeModel["renameRoom"] = (id, name) =>
    this.#within(async (inside) => {
      const clean = freeName(name, inside.view().rooms.filter((room) => room.id !== id));
      return clean.ok ? inside.edit(edits.renameRoom(id, clean.value)) : clean;
    });
  removeRoom: HomeModel["removeRoom"] = (id) => this.#within((inside) => inside.edit(edits.removeRoom(id)));

  probeCamera: HomeModel["probeCamera"] = (input, onStep, signal) =>
    this.#within(({ household }) => this.#probes.probe({ vault: this.#vault, household, nowUs: this.nowUs }, input, onStep, signal));

  addCamera: HomeModel["addCamera"] = ({ probe, name, room, withSound }) =>
    this.#within(async (inside) => {
      const settings = this.#probes.settingsOf(probe, withSound);
      if (settings === null) return fail("unexpected", "a probe of another visit");
      const added = await this.#addCamera(inside, { name, room, settings });
      if (added.ok) this.#probes.clear();
      return added;
    });
  addDemoCamera: HomeModel["addDemoCamera"] = ({ name, room }) =>
    this.#within(async (inside) => {
      const added = await this.#addCamera(inside, { name, room, settings: { source: "demo", microphone: true } });
      if (added.ok) inside.rememberDemo(added.value);
      return added;
    });
  renameCamera: HomeModel["renameCamera"] = (id, name) =>
    this.#within(async (inside) => {
      const clean = freeName(name, inside.view().cameras.filter((camera) => camera.id !== id));
      return clean.ok ? inside.edit(edits.renameCamera(id, clean.value)) : clean;
    });
  setUpCamera: HomeModel["setUpCamera"] = ({ id, probe, withSound }) =>
    this.#within(async (inside) => {
      const settings = probe === null ? ({ source: "demo", microphone: withSound } as const) : this.#probes.settingsOf(probe, withSound);
      if (settings === null) return fail("unexpected", "a probe of another visit");
      const changed = await inside.edit(edits.setUpCamera(id, settings));
      if (changed.ok) this.#probes.clear();
      return changed;
    });
  turnCamera: HomeModel["turnCamera"] = (id, isOn) => this.#within((inside) => turnCamera(inside, id, isOn));
  keepCameraOff: HomeModel["keepCameraOff"] = (id) => this.#within((inside) => keepCameraOff(inside, id));
  removeCamera: HomeModel["removeCamera"] = (id, recordings, onProgress) =>
    this.#within(async (inside) => {
      if (recordings === "erase") {
        const erased = await pictures.erase(inside, { kind: "camera", deviceId: id }, onProgress);
        if (!erased.ok) return erased;
      }
      return inside.edit(edits.removeCamera(id));
    });

  storage: HomeModel["storage"] = () =>
    this.#within(async ({ household }): Promise<Outcome<StorageView>> => {
      const got = await answer(storageShape, this.#vault.storage());
      if (!got.ok) return got;
      const days = household.roster.rooms.map(({ lifetimes }) => lifetimes.continuousDays);
      const { usedBytes, freeBytes } = got.value;
      return succeed({ usedBytes, freeBytes, limitBytes: null, continuousKeptDays: days.length === 0 ? 3 : Math.max(...days), cameras: [] });
    });
  versions: HomeModel["versions"] = () => Promise.resolve(succeed({ vault: this.#session.version, hub: null }));

  // pictures

  watchLive: HomeModel["watchLive"] = (id, video, _quality, onState) => {
    const { inside } = this.#session;
    if (inside !== null) return pictures.watch(inside, id, video, onState);
    onState({ kind: "failed", problem: { code: "signed-out" } });
    return { stop: () => undefined };
  };
  openPlayer: HomeModel["openPlayer"] = (id, video, onState) => {
    const { inside } = this.#session;
    if (inside !== null) return pictures.openPlayer(inside, id, video, onState);
    onState({ kind: "failed", positionUs: 0, problem: { code: "signed-out" } } satisfies PlayerState);
    return { ...NO_PLAYER, positionUs: () => 0 };
  };
  timelineBounds: HomeModel["timelineBounds"] = (id) => this.#within((inside) => pictures.bounds(inside, id));
  timeline: HomeModel["timeline"] = (id, span) => this.#within((inside) => pictures.slice(inside, id, span));
  onTimelineChange: HomeModel["onTimelineChange"] = (id, listener) =>
    this.#session.inside?.onTimelineChange(id, listener) ?? (() => undefined);
  posterUrl: HomeModel["posterUrl"] = async (id, recording) => {
    const { inside } = this.#session;
    return inside === null ? null : pictures.posterUrl(inside, id, recording);
  };
  posterNow: HomeModel["posterNow"] = (recording) => this.#session.inside?.posters.now(recording) ?? null;

  // taking out and taking away

  exportSpan: HomeModel["exportSpan"] = (id, span, onProgress, signal) =>
    this.#within(async (inside) => {
      const fresh = await this.stepUp.fresh();
      return fresh.ok ? pictures.exportRecordings(inside, id, span, onProgress, signal) : fresh;
    });
  eraseReach: HomeModel["eraseReach"] = (request) => this.#within((inside) => pictures.eraseReach(inside, request));
  erase: HomeModel["erase"] = (request, onProgress) => this.#within((inside) => pictures.erase(inside, request, onProgress));

  async #addCamera(inside: Inside, wish: { name: string; room: RoomChoice; settings: CameraSettings }): Promise<Outcome<DeviceId>> {
    const { rooms, cameras } = inside.view();
    const name = freeName(wish.name, cameras);
    if (!name.ok) return name;
    const newRoom = "newRoomName" in wish.room ? freeName(wish.room.newRoomName, rooms) : null;
    if (newRoom?.ok === false) return newRoom;
    const room = "roomId" in wish.room ? { id: wish.room.roomId, newName: null } : { id: edits.newId(), newName: newRoom?.value ?? "" };
    const device = edits.newId();
    const added = await inside.edit(edits.addCamera({ device, name: name.value, settings: wish.settings, room }));
    return added.ok ? succeed(device as DeviceId) : added;
  }

  /** Does something for a person who is in. */
  #within<T>(act: (inside: Inside) => Promise<Outcome<T>>): Promise<Outcome<T>> {
    const { inside } = this.#session;
    return inside === null ? Promise.resolve(fail("signed-out")) : act(inside);
  }

  /** A passkey that gave a key only now opens by itself from the next time on. */
  async #wrapUnder(id: string, key: PasskeyKey | null): Promise<void> {
    const { account } = this.#session;
    if (account === null || key === null) return;
    const ways = await this.security.view();
    const isNew = ways.ok && ways.value.passkeys.some((one) => (one.id as string) === id && !one.opens);
    if (isNew) await (await import("./security")).wrapUnder(account.arrival, this.#vault, id, key);
  }

  /** The vault says that there is no session any more. */
  async #ended(): Promise<void> {
    const { inside } = this.#session;
    if (inside !== null) await this.#session.leave(inside.isFollowing ? "put-out" : "ended");
  }

  #network(isOnline: boolean): void {
    // What was open may have lived through it; only an answer tells whether the vault is there.
    if (isOnline) {
      this.reconnect();
      void this.#vault.state();
    } else this.#session.connection(false);
  }
}

/** A name that nothing else in the list has. */
function freeName(typed: string, others: readonly { readonly name: string }[]): Outcome<string> {
  const clean = edits.cleanName(typed);
  if (!clean.ok) return clean;
  const isTaken = others.some(({ name }) => name.toLowerCase() === clean.value.toLowerCase());
  return isTaken ? fail("name-taken") : clean;
}

function sessionView(one: SessionAnswer, cameras: ReadonlyMap<string, string>): SessionView {
  return {
    ...clientView(one.client),
    id: one.session as SessionId,
    isThis: one.this,
    startedUs: one.startedUs,
    lastUsedUs: one.usedUs,
    isKnown: one.deviceKnown ?? true,
    network: one.network ?? "elsewhere",
    watching: one.watching.flatMap((device) => cameras.get(device) ?? []),
  };
}
