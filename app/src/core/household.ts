/**
 * @file The household as a signed-in member holds it: verified rosters, opened identities and names.
 *
 * The vault only carries these. A chain that neither starts with our own signature nor holds what our invitation pinned, goes back behind what this browser
 * has seen, or names us with other keys is refused, and then nothing of it is used.
 */
import type { Outcome } from "../domain/home";
import { fail, succeed } from "../api/problem";
import type { Vault } from "../api/vault";
import { toBase64Url, type Bytes } from "../crypto/bytes";
import { refuse, accept, type Checked } from "../crypto/checked";
import { payloadDigest, readEnvelope, type Envelope, type EnvelopeJson } from "../crypto/envelope";
import { openAnchor } from "../crypto/invite";
import type { Self } from "../crypto/letter";
import type { Marks } from "../crypto/marks";
import type { MemberKeys, MemberPlace } from "../crypto/member";
import type { Opener } from "../crypto/opener";
import { acceptChain, acceptChainWith, acceptNext, checkNotRolledBack, type AcceptedRoster, type Roster, type RosterMember } from "../crypto/roster";
import { signNext, type RosterChange } from "../crypto/rosterWriting";
import { unwrapIdentity, type KeyWrapJson, type SharedIdentity } from "../crypto/sharedIdentity";
import { answer, rosterChainShape } from "./answers";
import type { Holdings } from "./peopleEdits";
import { refused } from "./refused";

const EDIT_TRIES = 8;

/** A change to the roster, made from the roster that holds when it is tried. */
export type MakeChange = (roster: Roster) => Promise<Outcome<RosterEdit>>;

export interface RosterEdit {
  readonly change: RosterChange;
  /** Identities that are new in it. */
  readonly identities: readonly SharedIdentity[];
  readonly wraps: readonly KeyWrapJson[];
}

export interface HouseholdTools {
  readonly vault: Vault;
  readonly marks: Marks;
  /** All of them are told about new rosters and identities. */
  readonly openers: readonly Opener[];
  readonly opener: Opener;
}

export class Household {
  readonly place: MemberPlace;
  readonly keys: MemberKeys;
  readonly #tools: HouseholdTools;
  #turn: Promise<unknown> = Promise.resolve();
  #chain: readonly AcceptedRoster[] = [];
  #identities: readonly SharedIdentity[] = [];
  readonly #names = new Map<string, string | null>();

  private constructor(place: MemberPlace, keys: MemberKeys, tools: HouseholdTools) {
    this.place = place;
    this.keys = keys;
    this.#tools = tools;
  }

  /** Reads and verifies everything anew. */
  static async open(place: MemberPlace, keys: MemberKeys, tools: HouseholdTools): Promise<Outcome<Household>> {
    const household = new Household(place, keys, tools);
    const read = await household.refresh();
    return read.ok ? succeed(household) : read;
  }

  get chain(): readonly AcceptedRoster[] {
    return this.#chain;
  }

  get roster(): Roster {
    return this.#last().roster;
  }

  get me(): RosterMember {
    const me = this.roster.members.find(({ member }) => member === this.place.member);
    if (me === undefined) throw new Error("the roster was accepted without this member");
    return me;
  }

  /** Fetches what is new: later rosters, and the identities that came with them. */
  refresh(): Promise<Outcome<void>> {
    return this.#inTurn(() => this.#refresh());
  }

  async #refresh(): Promise<Outcome<void>> {
    const from = this.#chain.length + 1;
    const got = await answer(rosterChainShape, this.#tools.vault.rosters(from));
    if (!got.ok) return got;
    const chain = await this.#extend(got.value.rosters, got.value.anchor);
    if (!chain.ok) return refused(chain.refusal);
    const identities = await this.#unwrap(got.value.keyWraps, chain.value);
    if (!identities.ok) return refused(identities.refusal);
    if (!this.#hasAll(chain.value, identities.value)) return refused("no-key");
    return this.#adopt(chain.value, identities.value);
  }

  /** Signs and stores a change; when somebody was faster, reads theirs and tries again on top of it. */
  edit(makeChange: MakeChange, nowUs: () => number, along: (envelope: EnvelopeJson) => object = () => ({})): Promise<Outcome<void>> {
    return this.#inTurn(() => this.#edit(makeChange, nowUs, along));
  }

  /** One after the other: a change that was made from one roster must not be signed on top of another. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #edit(makeChange: MakeChange, nowUs: () => number, along: (envelope: EnvelopeJson) => object): Promise<Outcome<void>> {
    for (let attempt = 0; attempt < EDIT_TRIES; attempt += 1) {
      const before = this.#last();
      const made = await makeChange(before.roster);
      if (!made.ok) return made;
      const envelope = signNext(before, made.value.change, nowUs(), this.keys.signing);
      const stored = await this.#tools.vault.putRoster({ roster: envelope, keyWraps: made.value.wraps, ...along(envelope) });
      if (stored.ok) {
        const chain = this.#follow(envelope);
        return chain.ok ? this.#adopt(chain.value, [...this.#identities, ...made.value.identities]) : refused(chain.refusal);
      }
      if (stored.problem.code !== "conflict") return stored;
      const fresh = await this.#refresh();
      if (!fresh.ok) return fresh;
    }
    return fail("conflict");
  }

  /** What this member can give on, and by which names. */
  get holdings(): Holdings {
    return { member: this.place.member, identitiesOf: (scope) => this.#identities.filter((one) => one.scope === scope), name: (label) => this.name(label) };
  }

  /** For letters to oneself. */
  get self(): Self {
    return { ...this.place, secret: this.keys.secret };
  }

  /** The digest of the roster that holds. */
  get digest(): string {
    return this.#last().digest;
  }

  /** The name behind a sealed label, if it has been opened. */
  name(label: Bytes): string | null {
    return this.#names.get(toBase64Url(label)) ?? null;
  }

  /** The identity that opens what is sealed to the household now. */
  identityOf(scope: string, epoch: number): SharedIdentity | null {
    return this.#identities.find((one) => one.scope === scope && one.epoch === epoch) ?? null;
  }

  #last(): AcceptedRoster {
    const last = this.#chain.at(-1);
    if (last === undefined) throw new Error("a household is used only after it was read");
    return last;
  }

  async #extend(values: readonly unknown[], anchor: unknown): Promise<Checked<readonly AcceptedRoster[]>> {
    const envelopes = values.map(readEnvelope);
    const bad = envelopes.find((one) => !one.ok);
    if (bad?.ok === false) return bad;
    const later = envelopes.flatMap((one) => (one.ok ? [one.value] : []));
    if (this.#chain.length > 0) {
      let chain: Checked<readonly AcceptedRoster[]> = accept(this.#chain);
      for (const envelope of later) {
        if (!chain.ok) return chain;
        // Two answers that crossed may bring the same version twice.
        if (chain.value.some(({ digest }) => digest === payloadDigest(envelope))) continue;
        const last = chain.value.at(-1);
        const next: Checked<AcceptedRoster> = last === undefined ? refuse("wrong-version") : acceptNext(last, envelope);
        chain = next.ok ? accept([...chain.value, next.value]) : next;
      }
      return chain.ok ? this.#checkOurs(chain.value) : chain;
    }
    const chain = this.#accept(later, anchor);
    if (!chain.ok) return chain;
    const mark = await this.#tools.marks.roster(this.place.household);
    const kept = checkNotRolledBack(chain.value, mark);
    return kept.ok ? this.#checkOurs(chain.value) : kept;
  }

  /** From our own first signature on, or with the version that our invitation pinned: then only a letter of our own says which. */
  #accept(envelopes: readonly Envelope[], anchor: unknown): Checked<readonly AcceptedRoster[]> {
    if (anchor === null) return acceptChain(envelopes, this.keys.signing.publicKey);
    const pin = openAnchor(this.self, anchor);
    return pin.ok ? acceptChainWith(envelopes, pin.value) : pin;
  }

  #follow(envelope: EnvelopeJson): Checked<readonly AcceptedRoster[]> {
    const read = readEnvelope(envelope);
    if (!read.ok) return read;
    if (this.#chain.some(({ digest }) => digest === payloadDigest(read.value))) return accept(this.#chain);
    const next = acceptNext(this.#last(), read.value);
    return next.ok ? accept([...this.#chain, next.value]) : next;
  }

  /** Whether the newest roster is of our household and knows us by the keys that we have. */
  #checkOurs(chain: readonly AcceptedRoster[]): Checked<readonly AcceptedRoster[]> {
    const roster = chain.at(-1)?.roster;
    if (roster?.household !== this.place.household) return refuse("wrong-household");
    const me = roster.members.find(({ member }) => member === this.place.member);
    const isMe =
      me?.recipient === this.keys.identity.recipient && toBase64Url(me.signingKey) === toBase64Url(this.keys.signing.publicKey);
    return isMe ? accept(chain) : refuse("not-our-roster");
  }

  async #unwrap(wraps: readonly unknown[], chain: readonly AcceptedRoster[]): Promise<Checked<readonly SharedIdentity[]>> {
    const found: SharedIdentity[] = [];
    for (const wrap of wraps) {
      const { scope, epoch } = (wrap ?? {}) as { scope?: unknown; epoch?: unknown };
      if (this.#identities.some((one) => one.scope === scope && one.epoch === epoch)) continue;
      const opened = await unwrapIdentity(wrap, { member: this.place.member, identity: this.keys.identity }, chain);
      if (!opened.ok) return opened;
      found.push(opened.value);
    }
    return accept([...this.#identities, ...found]);
  }

  /** Whether nothing is held back: the roster says what this member may open now, and for all of it there is a key. */
  #hasAll(chain: readonly AcceptedRoster[], identities: readonly SharedIdentity[]): boolean {
    const roster = chain.at(-1)?.roster;
    if (roster === undefined) return false;
    const rooms = roster.rooms.filter(({ audience }) => audience.includes(this.place.member));
    const scopes = [{ scope: roster.household, epoch: roster.epoch }, ...rooms.map(({ room, epoch }) => ({ scope: room, epoch }))];
    return scopes.every(({ scope, epoch }) => identities.some((one) => one.scope === scope && one.epoch === epoch));
  }

  async #adopt(chain: readonly AcceptedRoster[], identities: readonly SharedIdentity[]): Promise<Outcome<void>> {
    // Two answers that crossed: the longer chain holds the shorter one.
    if (chain.length >= this.#chain.length) this.#chain = chain;
    this.#identities = identities;
    const { roster, digest } = this.#last();
    await this.#tools.marks.raiseRoster(this.place.household, { version: roster.version, digest });
    await Promise.all(this.#tools.openers.map((opener) => opener.setHousehold({ rosters: this.#chain, identities })));
    await this.#openNames();
    return succeed(undefined);
  }

  async #openNames(): Promise<void> {
    const { roster } = this;
    const sealed = [roster.label, ...[...roster.members, ...roster.rooms, ...roster.devices].map(({ label }) => label)];
    const closed = sealed.filter((label) => !this.#names.has(toBase64Url(label)));
    const names = await this.#tools.opener.openNames(closed);
    closed.forEach((label, i) => this.#names.set(toBase64Url(label), names[i] ?? null));
  }
}

