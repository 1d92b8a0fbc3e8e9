/** @file Development only: a made-up home behind `HomeModel`, in the scene one wants to look at. */
import { FakePeople } from "./FakePeople.ts";
import { FakeActivity } from "./FakeActivity.ts";
import { busyHouse, FakeRules, fakeRules } from "./FakeRules.ts";
import { FakeSecurity } from "./FakeSecurity.ts";
import { DAY_US, HOUR_US, MINUTE_US, SECOND_US } from "../src/domain/clock.ts";
import type {
  Access, CameraAddress, CameraView, Cause, DeviceId, EraseProgress, EraseReach, EraseRequest, EraseResult, ExportedFile, HomeModel, HomeSnapshot, HouseholdView,
  KitDraft, LiveState, LiveWatch, MemberId, Outcome, Player, PlayerState, ProbeResult, ProbeStep, ProblemCode, Progress, RecordingId, RoomChoice, RoomId, RoomView, SessionId,
  SessionView, Span, StorageView, TimelineBounds, TimelineItem, TimelineSlice, TimeUs, TypedGroup, VersionView,
} from "../src/domain/home.ts";
import { FakePlayer, fakeLive } from "./FakePlayer.ts";
import { pictureUrl, type View } from "./picture.ts";

const SCENES = ["home", "one", "empty", "loading", "unclaimed", "kit", "signed-out", "needs-password", "second-step", "number", "unlock", "passkey", "waits", "fresh", "approval", "offline", "unreachable", "starting", "hub-away", "lies", "rules", "guest"] as const;
export type Scene = (typeof SCENES)[number];
export const isScene = (name: string): name is Scene => (SCENES as readonly string[]).includes(name);

const ok = <T>(value: T): Outcome<T> => ({ ok: true, value });
const bad = <T>(code: ProblemCode): Outcome<T> => ({ ok: false, problem: { code } });
const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const MB = 1_000_000;
const RECORDING_US = MINUTE_US;
const KIT = ["7KQD", "M2XW", "9FTA", "RJ4H", "C6NY", "WZ8P", "3VGB", "HE5K", "TQ2M"];
const VIEWS: readonly View[] = ["street", "garden", "hall", "living"];
const isMade = new Set<RecordingId>();

function camera(number: number, name: string, roomId: string, more: Partial<CameraView> = {}): CameraView {
  return {
    id: `cam-${number}` as DeviceId, roomId: roomId as RoomId, name, source: "rtsp", state: { kind: "recording" },
    pictureAtUs: Date.now() * 1000, microphone: "on", watchers: null, turnedOff: null, ...more,
  };
}

/** Three days of a camera: nights with a gap, a reboot each noon, one alarm. */
function timelineOf(nowUs: TimeUs, seed: number): TimelineItem[] {
  const items: TimelineItem[] = [];
  const gaps: readonly (readonly [number, number, Cause])[] = [
    [nowUs - 26 * HOUR_US, 41 * MINUTE_US, "camera-timed-out"], [nowUs - 9 * HOUR_US, 4 * MINUTE_US, "camera-closed"],
    [nowUs - 47 * MINUTE_US - seed * MINUTE_US, 6 * MINUTE_US, "camera-stalled"], [nowUs - 50 * HOUR_US, 3 * HOUR_US, "hub-crashed"], [nowUs - 3 * HOUR_US, 25 * SECOND_US, "camera-format-changed"],
  ];
  const alarmUs = nowUs - 22 * MINUTE_US;
  for (let at = nowUs - 3 * DAY_US + seed * HOUR_US; at < nowUs; at += RECORDING_US) {
    const gap = gaps.find(([start, length]) => at + RECORDING_US > start && at < start + length);
    if (gap !== undefined) {
      const [start, length, cause] = gap;
      const startUs = Math.floor(at);
      const endUs = Math.max(startUs + 1, Math.min(startUs + RECORDING_US, start + length));
      const last = items.at(-1);
      if (last?.kind === "gap" && last.cause === cause) items[items.length - 1] = { ...last, endUs };
      else items.push({ kind: "gap", startUs, endUs, cause });
      if (endUs < startUs + RECORDING_US) items.push({ kind: "recording", id: `rec-${seed}-${endUs}` as RecordingId, startUs: endUs, endUs: startUs + RECORDING_US, sizeBytes: 3 * MB, hasPoster: true, isCut: false });
    } else if (at <= alarmUs && alarmUs < at + RECORDING_US && seed === 0) {
      items.push({ kind: "alarm", startUs: at, endUs: at + RECORDING_US, alarm: "changed", id: `rec-${seed}-${at}` as RecordingId });
    } else {
      items.push({ kind: "recording", id: `rec-${seed}-${at}` as RecordingId, startUs: at, endUs: Math.min(nowUs, at + RECORDING_US), sizeBytes: 4.2 * MB, hasPoster: true, isCut: false });
    }
  }
  return items;
}

export class FakeHome implements HomeModel {
  readonly #listeners = new Set<() => void>();
  readonly #changes = new Map<DeviceId, Set<(span: Span) => void>>();
  readonly #timelines = new Map<DeviceId, TimelineItem[]>();
  readonly #posters = new Map<RecordingId, string>();
  readonly people: FakePeople;
  readonly rules = new FakeRules((change) => this.#change(change));
  readonly security: FakeSecurity;
  readonly signingIn: FakeSecurity;
  readonly stepUp: FakeSecurity;
  readonly activity: FakeActivity;
  #snapshot: HomeSnapshot;

  constructor(scene: Scene) {
    this.#snapshot = { connection: { kind: scene === "offline" ? "reconnecting" : "online", sinceUs: Date.now() * 1000 }, access: accessOf(scene), account: { unseenNotices: 3, approvals: scene === "approval" ? FakeSecurity.approvals() : [] }, stepUp: scene === "fresh" ? { proofs: ["passkey", "password", "kit"] } : null };
    const { access } = this.#snapshot;
    const household = access.kind === "in" ? access.household : null;
    const me = { id: household?.memberId ?? ("fake-me" as MemberId), name: household?.memberName ?? "Wilma" };
    this.security = this.signingIn = this.stepUp = new FakeSecurity((change) => this.#set(change), () => this.#enter(accessOf("home")));
    this.activity = new FakeActivity(scene === "lies");
    this.people = new FakePeople(me, household?.rooms ?? [], () => this.#set({}));
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  snapshot = (): HomeSnapshot => this.#snapshot;
  nowUs = (): TimeUs => Date.now() * 1000;
  reconnect(): void {
    this.#set({ connection: { kind: "online" } });
  }

  #set(change: Partial<HomeSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    for (const listener of this.#listeners) listener();
  }
  #enter(access: Access): void {
    this.#set({ access });
  }
  #change(change: (before: HouseholdView) => HouseholdView): void {
    const { access } = this.#snapshot;
    if (access.kind === "in") this.#enter({ kind: "in", household: change(access.household) });
  }
  #household(): HouseholdView {
    const { access } = this.#snapshot;
    return access.kind === "in" ? access.household : household([], []);
  }
  #items(id: DeviceId): TimelineItem[] {
    const known = this.#timelines.get(id) ?? timelineOf(Math.floor(Date.now()) * 1000, Number(id.slice(4)) - 1);
    this.#timelines.set(id, known);
    return known;
  }

  async claim(input: { readonly code: string; readonly memberName: string }): Promise<Outcome<void>> {
    await wait(600);
    if (input.code.startsWith("0000")) return bad("claim-code-wrong");
    this.#enter({ kind: "needs-kit", memberName: input.memberName });
    return ok(undefined);
  }
  async signIn(input: { readonly password: string }): Promise<Outcome<void>> {
    await wait(500);
    if (input.password === "wrong") return bad("name-or-password-wrong");
    this.#enter(accessOf("home"));
    return ok(undefined);
  }
  async signInWithKit(input: { readonly memberName: string }): Promise<Outcome<void>> {
    await wait(500);
    this.#enter({ kind: "needs-password", memberName: input.memberName });
    return ok(undefined);
  }
  async setPassword(): Promise<Outcome<void>> {
    await wait(500);
    this.#enter(accessOf("home"));
    return ok(undefined);
  }
  async signOut(): Promise<Outcome<void>> {
    await wait(200);
    this.#enter({ kind: "signed-out", reason: "signed-out" });
    return ok(undefined);
  }
  async draftKit(): Promise<Outcome<KitDraft>> {
    await wait(300);
    return ok({ draft: "kit" as KitDraft["draft"], groups: KIT, createdUs: this.nowUs() });
  }
  async confirmKit(_draft: KitDraft, typed: readonly TypedGroup[]): Promise<Outcome<void>> {
    await wait(400);
    if (typed.some(({ index, text }) => text !== KIT[index])) return bad("kit-groups-differ");
    if (this.#snapshot.access.kind !== "in") this.#enter(accessOf("empty"));
    return ok(undefined);
  }
  async sessions(): Promise<Outcome<readonly SessionView[]>> {
    await wait(300);
    const nowUs = this.nowUs();
    return ok([
      { id: "s1" as SessionId, isThis: true, startedUs: nowUs - 2 * HOUR_US, lastUsedUs: nowUs, browser: "Chrome", system: "Linux", isKnown: true, network: "this", watching: [] },
      { id: "s2" as SessionId, isThis: false, startedUs: nowUs - 9 * HOUR_US, lastUsedUs: nowUs - 40 * MINUTE_US, browser: "Safari", system: "iPhone", isKnown: true, network: "home", watching: ["Front door", "Shed"] },
      { id: "s3" as SessionId, isThis: false, startedUs: nowUs - 20 * HOUR_US, lastUsedUs: nowUs - 3 * HOUR_US, browser: "Firefox", system: "Windows", isKnown: false, network: "elsewhere", watching: [] },
    ]);
  }
  async endSession(): Promise<Outcome<void>> {
    await wait(300);
    return ok(undefined);
  }
  async endOtherSessions(): Promise<Outcome<{ readonly endedCount: number }>> {
    await wait(300);
    return ok({ endedCount: 2 });
  }

  async endAllSessions(): Promise<Outcome<void>> {
    return this.signOut();
  }

  async addRoom(name: string): Promise<Outcome<RoomId>> {
    await wait(200);
    if (this.#household().rooms.some((room) => room.name === name)) return bad("name-taken");
    const id = `room-${Math.random()}` as RoomId;
    this.#change((before) => ({ ...before, rooms: [...before.rooms, room(id, name)] }));
    return ok(id);
  }
  async renameRoom(id: RoomId, name: string): Promise<Outcome<void>> {
    await wait(200);
    this.#change((before) => ({ ...before, rooms: before.rooms.map((room) => (room.id === id ? { ...room, name } : room)) }));
    return ok(undefined);
  }
  async removeRoom(id: RoomId): Promise<Outcome<void>> {
    await wait(200);
    this.#change((before) => ({ ...before, rooms: before.rooms.filter((room) => room.id !== id) }));
    return ok(undefined);
  }
  async probeCamera(input: CameraAddress, onStep: (step: ProbeStep) => void, signal: AbortSignal): Promise<Outcome<ProbeResult>> {
    for (const step of ["looking-up", "connecting", "signing-in", "describing", "waiting-for-picture"] as const) {
      onStep(step);
      await wait(500);
      if (signal.aborted) return bad("cancelled");
      if (step === "signing-in" && input.password === "wrong") return bad("camera-wrong-password");
      if (step === "connecting" && input.address.includes("busy")) return bad("camera-busy");
    }
    return ok({
      probe: "probe" as ProbeResult["probe"], address: `rtsp://${input.address}:554/stream1`, pictureUrl: await pictureUrl("street", Date.now()),
      streams: [
        { role: "main", codec: "H.264", width: 1920, height: 1080, framesPerSecond: 15, kilobitsPerSecond: 3000 },
        { role: "sub", codec: "H.264", width: 640, height: 360, framesPerSecond: 10, kilobitsPerSecond: 450 },
      ],
      audio: { codec: "AAC", isKept: true },
      warnings: input.password === "admin" ? ["default-password"] : [],
    });
  }
  #add(name: string, choice: RoomChoice, source: CameraView["source"]): DeviceId {
    const number = this.#household().cameras.length + 1;
    let roomId: RoomId;
    if ("roomId" in choice) roomId = choice.roomId;
    else {
      roomId = `room-${Math.random()}` as RoomId;
      this.#change((before) => ({ ...before, rooms: [...before.rooms, room(roomId, choice.newRoomName)] }));
    }
    const added = camera(number, name, roomId, { source });
    this.#change((before) => ({ ...before, cameras: [...before.cameras, added] }));
    return added.id;
  }
  async addCamera(input: { readonly name: string; readonly room: RoomChoice }): Promise<Outcome<DeviceId>> {
    await wait(400);
    return ok(this.#add(input.name, input.room, "rtsp"));
  }
  async addDemoCamera(input: { readonly name: string; readonly room: RoomChoice }): Promise<Outcome<DeviceId>> {
    await wait(400);
    return ok(this.#add(input.name, input.room, "demo"));
  }
  async renameCamera(id: DeviceId, name: string): Promise<Outcome<void>> {
    await wait(200);
    this.#change((before) => ({ ...before, cameras: before.cameras.map((one) => (one.id === id ? { ...one, name } : one)) }));
    return ok(undefined);
  }
  async setUpCamera({ id, withSound }: { readonly id: DeviceId; readonly withSound: boolean }): Promise<Outcome<void>> {
    await wait(200);
    this.#change((before) => ({ ...before, cameras: before.cameras.map((one) => (one.id === id ? { ...one, microphone: withSound ? "on" : "off" } : one)) }));
    return ok(undefined);
  }
  async turnCamera(id: DeviceId, isOn: boolean): Promise<Outcome<void>> {
    await wait(300);
    const nowUs = this.nowUs();
    const turnedOff = isOn ? null : { by: ["Wilma"], isMine: true, sinceUs: nowUs, goesOnAtUs: null };
    const state: CameraView["state"] = isOn ? { kind: "recording" } : { kind: "unreachable", sinceUs: nowUs, cause: "turned-off" };
    this.#change((before) => ({ ...before, cameras: before.cameras.map((one) => (one.id === id ? { ...one, turnedOff, state } : one)) }));
    return ok(undefined);
  }
  async keepCameraOff(id: DeviceId): Promise<Outcome<void>> {
    return this.turnCamera(id, false);
  }
  async removeCamera(id: DeviceId, recordings: "keep" | "erase", onProgress: (progress: EraseProgress) => void): Promise<Outcome<void>> {
    if (recordings === "erase") await this.erase({ kind: "camera", deviceId: id }, onProgress);
    this.#change((before) => ({ ...before, cameras: before.cameras.filter((one) => one.id !== id) }));
    return ok(undefined);
  }
  async storage(): Promise<Outcome<StorageView>> {
    await wait(300);
    const cameras = this.#household().cameras.map(({ id }) => ({ deviceId: id, usedBytes: 17_800 * MB, oldestUs: this.nowUs() - 3 * DAY_US }));
    return ok({ usedBytes: cameras.length * 17_800 * MB, limitBytes: 200_000 * MB, freeBytes: 912_000 * MB, continuousKeptDays: 3, cameras });
  }
  async versions(): Promise<Outcome<VersionView>> {
    await wait(100);
    return ok({ vault: "0.1.0", hub: "0.1.0" });
  }

  #view(id: DeviceId): View {
    return VIEWS[(Number(id.slice(4)) - 1) % VIEWS.length] ?? "street";
  }
  watchLive(id: DeviceId, video: HTMLVideoElement, _quality: "tile" | "page", onState: (state: LiveState) => void): LiveWatch {
    const one = this.#household().cameras.find((candidate) => candidate.id === id);
    if (one?.state.kind === "recording" || one?.state.kind === "not-kept") return fakeLive(video, this.#view(id), onState);
    onState({ kind: "opening" });
    return { stop: () => undefined };
  }
  openPlayer(id: DeviceId, video: HTMLVideoElement, onState: (state: PlayerState) => void): Player {
    return new FakePlayer(video, this.#view(id), () => this.#items(id), onState);
  }
  async timelineBounds(id: DeviceId): Promise<Outcome<TimelineBounds>> {
    await wait(100);
    const items = this.#items(id);
    return ok({ oldestUs: items[0]?.startUs ?? null, newestUs: items.at(-1)?.endUs ?? null });
  }
  async timeline(id: DeviceId, span: Span): Promise<Outcome<TimelineSlice>> {
    await wait(150);
    return ok({ span, items: this.#items(id).filter((item) => item.startUs < span.toUs && (item.endUs ?? Infinity) > span.fromUs) });
  }
  onTimelineChange(id: DeviceId, listener: (changed: Span) => void): () => void {
    const listeners = this.#changes.get(id) ?? new Set();
    this.#changes.set(id, listeners.add(listener));
    return () => listeners.delete(listener);
  }
  async posterUrl(id: DeviceId, recordingId: RecordingId): Promise<string | null> {
    if (!isMade.has(recordingId)) {
      isMade.add(recordingId);
      const startUs = Number(recordingId.split("-")[2] ?? 0);
      this.#posters.set(recordingId, await pictureUrl(this.#view(id), startUs / 1000));
    }
    return this.#posters.get(recordingId) ?? null;
  }
  posterNow(recordingId: RecordingId): string | null {
    return this.#posters.get(recordingId) ?? null;
  }

  async exportSpan(_id: DeviceId, span: Span, onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<Outcome<ExportedFile>> {
    for (let i = 0; i <= 20; i += 1) {
      onProgress({ fraction: i / 20 });
      await wait(120);
      if (signal.aborted) return bad("cancelled");
    }
    return ok({ blob: new Blob([new Uint8Array(4 * MB)], { type: "video/mp4" }), span, gapCount: 1 });
  }
  #reached(request: EraseRequest): readonly Extract<TimelineItem, { readonly kind: "recording" }>[] {
    return this.#items(request.deviceId).filter(
      (item) =>
        item.kind === "recording" &&
        (request.kind === "camera" || (request.kind === "recording" ? item.id === request.recordingId : item.startUs < request.span.toUs && item.endUs > request.span.fromUs)),
    ) as Extract<TimelineItem, { readonly kind: "recording" }>[];
  }
  async eraseReach(request: EraseRequest): Promise<Outcome<EraseReach>> {
    await wait(300);
    const reached = this.#reached(request);
    const first = reached[0];
    const last = reached.at(-1);
    return ok({
      recordingCount: reached.length,
      durationMs: reached.reduce((sum, item) => sum + (item.endUs - item.startUs) / 1000, 0),
      sizeBytes: reached.reduce((sum, item) => sum + item.sizeBytes, 0),
      span: first === undefined || last === undefined ? null : { fromUs: first.startUs, toUs: last.endUs },
    });
  }
  async erase(request: EraseRequest, onProgress: (progress: EraseProgress) => void): Promise<Outcome<EraseResult>> {
    const reached = this.#reached(request);
    const total = reached.length;
    for (const phase of ["keys", "bytes", "confirming"] as const) {
      for (let i = 1; i <= 5; i += 1) {
        onProgress({ phase, done: Math.round((total * i) / 5), total });
        await wait(150);
      }
    }
    const gone = new Set<TimelineItem>(reached);
    const items = this.#items(request.deviceId).map((item): TimelineItem => (gone.has(item) ? { kind: "gap", startUs: item.startUs, endUs: item.endUs, cause: "erased" } : item));
    this.#timelines.set(request.deviceId, items);
    const first = reached[0];
    const last = reached.at(-1);
    if (first !== undefined && last !== undefined) {
      for (const listener of this.#changes.get(request.deviceId) ?? []) listener({ fromUs: first.startUs, toUs: last.endUs });
    }
    return ok({ recordingCount: total, sizeBytes: reached.reduce((sum, item) => sum + item.sizeBytes, 0), late: [] });
  }
}

function room(id: string, name: string): RoomView {
  return { id: id as RoomId, name, rules: fakeRules(), turnedOff: null };
}

function household(rooms: HouseholdView["rooms"], cameras: readonly CameraView[]): HouseholdView {
  return { memberId: "m1" as MemberId, memberName: "Wilma", role: "owner", rooms, cameras, hub: { kind: "reachable" }, armed: null, pending: [], isLoading: false };
}

function accessOf(scene: Scene): Access {
  const nowUs = Date.now() * 1000;
  const rooms = [
    room("r1", "Front door"), room("r2", "Garden"), room("r3", "Living room"),
  ];
  const cameras = [
    camera(1, "Front door", "r1", { watchers: ["Fred"] }), camera(2, "Garden gate", "r2", { microphone: "off" }),
    camera(3, "Shed", "r2", { state: { kind: "unreachable", sinceUs: nowUs - 38 * MINUTE_US, cause: "camera-timed-out" }, pictureAtUs: nowUs - 38 * MINUTE_US, microphone: "none" }),
    camera(4, "Window", "r3", { state: { kind: "connecting", sinceUs: nowUs - 3 * SECOND_US }, pictureAtUs: null }),
  ];
  switch (scene) {
    case "unclaimed": return { kind: "unclaimed" };
    case "kit": return { kind: "needs-kit", memberName: "Wilma" };
    case "signed-out": return { kind: "signed-out", reason: "idle" };
    case "second-step": return { kind: "second-step", after: "password", offers: ["passkey", "approval", "totp", "recovery-code", "kit"], number: null };
    case "number": return { kind: "second-step", after: "password", offers: ["approval", "kit"], number: "42" };
    case "unlock": return { kind: "needs-unlock" };
    case "passkey": return { kind: "passkey-offered", memberName: "Wilma" };
    case "waits": return { kind: "recovery-waits", untilUs: nowUs + 3 * DAY_US };
    case "needs-password": return { kind: "needs-password", memberName: "Wilma" };
    case "unreachable": return { kind: "unreachable" };
    case "starting": return { kind: "starting" };
    case "empty": return { kind: "in", household: household([], []) };
    case "loading": return { kind: "in", household: { ...household([], []), isLoading: true } };
    case "one": return { kind: "in", household: household(rooms.slice(0, 1), cameras.slice(0, 1)) };
    case "hub-away": return { kind: "in", household: { ...household(rooms, cameras), hub: { kind: "unreachable", sinceUs: nowUs - 12 * MINUTE_US } } };
    case "rules": return { kind: "in", household: busyHouse(household(rooms, cameras)) };
    case "guest": return { kind: "in", household: { ...busyHouse(household(rooms, cameras)), role: "guest" } };
    case "home":
    case "fresh":
    case "lies":
    case "approval":
    case "offline": return { kind: "in", household: household(rooms, cameras) };
  }
}
