/**
 * @file Everything that exists only while somebody is signed in: the household, its chains, pictures and events.
 *
 * Made at sign-in, taken down at sign-out with all that it had opened.
 */
import type { DeviceId, HouseholdView, MemberId, Outcome, Problem, RoomId, Span, TurnedOffView } from "../domain/home";
import { listenToEvents, type EventsStream } from "../api/events";
import { succeed } from "../api/problem";
import type { Vault } from "../api/vault";
import type { ArmedView } from "../domain/rules";
import type { Bytes } from "../crypto/bytes";
import type { Marks } from "../crypto/marks";
import type { Opener } from "../crypto/opener";
import type { EnvelopeJson } from "../crypto/envelope";
import type { RecordingLink } from "../crypto/link";
import { readShape } from "../crypto/shape";
import { Posters } from "../media/posters";
import type { AccountEvent } from "./accountNews";
import { eventShape, type VaultEvent } from "./answers";
import { CameraStates } from "./cameraStates";
import { DeviceChain } from "./deviceChain";
import { HomeStates, type TurnedOff } from "./homeStates";
import { pendingOf, rulesOf, type HouseGround } from "./houseRules";
import { Household, type MakeChange } from "./household";
import { refused } from "./refused";
import type { Arrival } from "./ways";

export interface InsideTools {
  readonly vault: Vault;
  readonly marks: Marks;
  readonly recordings: Opener;
  readonly live: Opener;
  readonly nowUs: () => number;
  /** Something that the snapshot shows has changed. */
  readonly onChange: () => void;
  readonly onSignedOut: () => void;
  /** It shows a roster or a key that is not this household's. */
  readonly onNotBelieved: (problem: Problem) => void;
  /** An owner signed a roster without this member. */
  readonly onPutOut: () => void;
  readonly onConnection: (isOpen: boolean) => void;
  /** A notice, or an approval that is asked for or over. */
  readonly onAccount: (event: AccountEvent) => void;
}

/** Something that holds opened recordings. */
export interface Forgetful {
  forget(recordings: ReadonlySet<string>): void;
}

/** What a roster is refused for that follows, and does not name this member any more. */
const PUT_OUT = refused("not-our-roster").problem.detail;

export class Inside {
  readonly household: Household;
  readonly states = new CameraStates();
  readonly homes = new HomeStates();
  readonly posters: Posters;
  readonly tools: InsideTools;
  readonly #chains = new Map<string, DeviceChain>();
  readonly #listeners = new Map<string, Set<(changed: Span) => void>>();
  readonly #demo = new Set<string>();
  readonly #links = new Map<string, RecordingLink>();
  readonly #players = new Set<Forgetful>();
  readonly #peopleListeners = new Set<() => void>();
  #isFollowing = false;
  #events: EventsStream | null = null;

  private constructor(household: Household, tools: InsideTools) {
    this.household = household;
    this.tools = tools;
    this.posters = new Posters({ vault: tools.vault, opener: tools.recordings });
  }

  static async open({ place, keys }: Arrival, tools: InsideTools): Promise<Outcome<Inside>> {
    const openers = [tools.recordings, tools.live];
    const household = await Household.open(place, keys, { vault: tools.vault, marks: tools.marks, openers, opener: tools.recordings });
    return household.ok ? succeed(new Inside(household.value, tools)) : household;
  }

  /** Starts listening to what happens at home. */
  start(): void {
    this.#events = listenToEvents(this.tools.vault.transport, {
      onEvent: (value) => {
        const event = readShape(eventShape, value);
        if (event.ok) void this.#happened(event.value);
      },
      onOpen: () => {
        this.tools.onConnection(true);
        void this.#readAnew();
      },
      onProblem: ({ code }) => {
        if (code === "signed-out") this.tools.onSignedOut();
        else this.tools.onConnection(false);
      },
    });
  }

  reconnect(): void {
    this.#events?.retryNow();
  }

  close(): void {
    this.#events?.close();
    this.posters.clear();
    const nobody = { rosters: [], identities: [] };
    for (const opener of [this.tools.recordings, this.tools.live]) void opener.setHousehold(nobody);
  }

  view(): HouseholdView {
    const { household, states } = this;
    const { roster, place } = household;
    const seen = roster.rooms.filter(({ audience }) => audience.includes(place.member));
    return {
      memberId: place.member as MemberId,
      memberName: household.name(household.me.label) ?? "",
      role: household.me.role,
      rooms: seen.map((room) => ({
        id: room.room as RoomId,
        name: household.name(room.label) ?? "",
        rules: rulesOf({ chain: household.chain, homes: this.homes }, room),
        turnedOff: this.#offView(this.homes.roomOff(room.room)),
      })),
      cameras: roster.devices
        .filter(({ room }) => seen.some((one) => one.room === room))
        .map(({ device, room, hub, label }) => ({
          id: device as DeviceId,
          roomId: room as RoomId,
          name: household.name(label) ?? "",
          // Settings are sealed to the hub: what kind of source it is, only the browser that added it knows.
          source: this.#demo.has(device) ? "demo" : "rtsp",
          state: states.of(device),
          pictureAtUs: states.pictureAtUs(device),
          microphone: "unknown",
          watchers: this.#namesOf(this.homes.watchers(device).filter((member) => member !== place.member)),
          turnedOff: this.#offView(this.homes.turnedOff(device, room, hub)),
        })),
      hub: states.hub,
      armed: this.#armed(),
      pending: pendingOf(this.#ground()),
      isLoading: false,
    };
  }

  nameOf(id: string): string | null {
    return this.#labelOf(this.household.roster.members.find(({ member }) => member === id));
  }

  /** Null when this home has no such camera, or its name does not open here. */
  cameraName(id: string): string | null {
    return this.#labelOf(this.household.roster.devices.find(({ device }) => device === id));
  }

  roomName(id: string): string | null {
    return this.#labelOf(this.household.roster.rooms.find(({ room }) => room === id));
  }

  #labelOf(named: { readonly label: Bytes } | undefined): string | null {
    return named === undefined ? null : this.household.name(named.label);
  }

  #namesOf(members: readonly string[]): readonly string[] {
    return members.map((id) => this.nameOf(id) ?? "");
  }

  #ground(): HouseGround {
    const { household, homes } = this;
    const { chain, roster, place } = household;
    return { chain, roster, homes, me: place.member, nameOf: (member) => this.nameOf(member), labelOf: (named) => this.#labelOf(named) ?? "" };
  }

  #armed(): ArmedView | null {
    const { armed } = this.homes;
    if (armed === null) return null;
    const { on, sinceUs, by } = armed;
    return { on, sinceUs, byName: by === null ? null : this.nameOf(by), isMine: by === this.household.place.member };
  }

  #offView(off: TurnedOff | null): TurnedOffView | null {
    if (off === null) return null;
    const { by, sinceUs, goesOn } = off;
    const isMine = by.every((member) => member === this.household.place.member);
    return { by: this.#namesOf(by), isMine, sinceUs, goesOnAtUs: goesOn?.atUs ?? null };
  }

  async edit(change: MakeChange, along?: (envelope: EnvelopeJson) => object): Promise<Outcome<void>> {
    const edited = await this.household.edit(change, this.tools.nowUs, along);
    if (edited.ok) this.#peopleChanged();
    return edited;
  }

  /** Called when somebody answered an invitation, or who is in changed. */
  onPeople(listener: () => void): () => void {
    this.#peopleListeners.add(listener);
    return () => this.#peopleListeners.delete(listener);
  }

  /** A newer roster is being read: a session that ends at this moment ended because of it. */
  get isFollowing(): boolean {
    return this.#isFollowing;
  }

  #peopleChanged(): void {
    this.tools.onChange();
    for (const listener of this.#peopleListeners) listener();
  }

  rememberDemo(device: string): void {
    this.#demo.add(device);
  }

  chain(device: string): DeviceChain {
    const known = this.#chains.get(device);
    if (known !== undefined) return known;
    const { vault, marks, recordings } = this.tools;
    const nowUs = () => Date.now() * 1000;
    const chain = new DeviceChain(this.household.place.household, device, { vault, marks, opener: recordings, nowUs });
    this.#chains.set(device, chain);
    return chain;
  }

  /** A verified link, for pictures that are asked for by the id of a recording only. */
  rememberLinks(links: readonly RecordingLink[]): void {
    for (const link of links) this.#links.set(link.recording, link);
  }

  linkOf(recording: string): RecordingLink | null {
    return this.#links.get(recording) ?? null;
  }

  onTimelineChange(device: string, listener: (changed: Span) => void): () => void {
    const listeners = this.#listeners.get(device) ?? new Set();
    this.#listeners.set(device, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  seen(device: string, takenUs: number): void {
    if (this.states.tellPicture(device, takenUs)) this.tools.onChange();
  }

  async #happened(event: VaultEvent): Promise<void> {
    switch (event.event) {
      case "link": {
        const changed = await this.chain(event.device).take(event.link);
        if (changed === null) return;
        this.seen(event.device, changed.toUs);
        this.#tellTimeline(event.device, changed);
        return;
      }
      case "erased":
        this.forgetErased(event.device, event.recordings);
        return;
      case "device":
        this.states.tell(event.status);
        this.tools.onChange();
        return;
      case "hub":
        this.states.tellHub(event.connected, event.sinceUs);
        if (!event.connected) this.homes.forgetWatchers();
        this.tools.onChange();
        return;
      case "home":
        if (this.homes.tell(event.state, this.household.roster)) this.tools.onChange();
        return;
      case "roster":
        if (event.version <= this.household.roster.version) return;
        this.#isFollowing = true;
        await this.#refresh();
        this.#isFollowing = false;
        this.#peopleChanged();
        return;
      case "join-asked":
        this.#peopleChanged();
        return;
      case "notice":
      case "approval-asked":
      case "approval-over":
        this.tools.onAccount(event);
        return;
      case "missed":
        await this.#readAnew();
        return;
      case "signed-out":
        this.tools.onSignedOut();
        return;
      case "command":
        return; // whoever sent it asks for itself
    }
  }

  /** A player that has to forget erased recordings for as long as it is open. */
  enlist(player: Forgetful): () => void {
    this.#players.add(player);
    return () => this.#players.delete(player);
  }

  /** Takes back what was opened of recordings that are gone. */
  forgetErased(device: string, recordings: readonly string[]): void {
    for (const recording of recordings) {
      this.posters.drop(recording);
      this.#links.delete(recording);
    }
    const gone = new Set(recordings);
    const span = this.chain(device).forgetRecordings(gone);
    for (const player of this.#players) player.forget(gone);
    if (span !== null) this.#tellTimeline(device, span);
  }

  async #readAnew(): Promise<void> {
    for (const chain of this.#chains.values()) chain.forgetAll();
    await this.#refresh();
    for (const device of this.#listeners.keys()) this.#tellTimeline(device, { fromUs: 0, toUs: this.tools.nowUs() });
  }

  async #refresh(): Promise<void> {
    const read = await this.household.refresh();
    if (read.ok) this.tools.onChange();
    else if (read.problem.detail === PUT_OUT) this.tools.onPutOut();
    else if (read.problem.code === "vault-not-believed") this.tools.onNotBelieved(read.problem);
  }

  #tellTimeline(device: string, changed: Span): void {
    for (const listener of this.#listeners.get(device) ?? []) listener(changed);
  }
}
