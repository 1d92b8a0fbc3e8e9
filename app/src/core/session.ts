/** @file Which door a person stands before, and going through it: the app's side of accounts and sessions. */
import type { Connection, KitDraft, Outcome, Problem, SignedOutReason, TypedGroup } from "../domain/home";
import { fail, succeed } from "../api/problem";
import type { Vault } from "../api/vault";
import { equal, type Bytes } from "../crypto/bytes";
import { kitGroups, makeKit, readKit } from "../crypto/kit";
import type { Keyring } from "../crypto/keyring";
import type { LocalStore } from "../crypto/localStore";
import type { Marks } from "../crypto/marks";
import { memberKeys } from "../crypto/member";
import type { Opener } from "../crypto/opener";
import type { Authenticators } from "../crypto/passkey";
import { AccountNews } from "./accountNews";
import { answer, done, joinStateShape, stateShape } from "./answers";
import { Inside } from "./inside";
import type { JoinInput } from "./joining";
import { passkeyCode, SigningIn } from "./signingIn";
import type { SnapshotStore } from "./snapshot";
import type * as ways from "./ways";

const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 20_000;
/** Between two looks whether one has been let in. */
const WAITING_MS = 2_000;

export interface SessionTools {
  readonly vault: Vault;
  readonly snapshot: SnapshotStore;
  readonly keyring: Keyring;
  readonly marks: Marks;
  readonly store: LocalStore;
  readonly withOpaque: ways.WithOpaque;
  /** null: this browser knows no passkeys. */
  readonly authenticators: Authenticators | null;
  readonly startOpener: () => Opener;
  readonly nowUs: () => number;
  /** Somebody who was in is not any more. */
  readonly onLeave: () => void;
}

/** A person who is in, and what they are asked for before anything else. */
interface Stay {
  readonly arrival: ways.Arrival;
  readonly inside: Inside;
  readonly news: AccountNews;
  owes: "nothing" | "password" | "kit" | "passkey";
}

export class Session {
  readonly #tools: SessionTools;
  #stay: Stay | null = null;
  /** Kits that were made here and are not kept yet. The one of the claim is known to the vault already. */
  readonly #drafts = new WeakMap<KitDraft, Bytes>();
  #claimKit: Bytes | null = null;
  #openers: { readonly recordings: Opener; readonly live: Opener } | null = null;
  #version = "";
  #isStarting = false;
  #wakeRetry: (() => void) | null = null;
  #waiting: AbortController | null = null;

  readonly signingIn: SigningIn;

  constructor(tools: SessionTools) {
    this.#tools = tools;
    const { snapshot, authenticators } = tools;
    const arrive = async (arrival: ways.Arrival, owesPassword: boolean) => this.#arrive(arrival, owesPassword ? "password" : await this.#owed(arrival));
    this.signingIn = new SigningIn({ ways: () => this.ways(), snapshot, authenticators, arrive });
  }

  get account(): Stay | null {
    return this.#stay;
  }

  get version(): string {
    return this.#version;
  }

  get inside(): Inside | null {
    return this.#stay?.inside ?? null;
  }

  /** Finds out what door this is. Tries until the vault answers. */
  async start(): Promise<void> {
    if (this.#isStarting) return;
    this.#isStarting = true;
    let pauseMs = RETRY_MS_MIN;
    for (;;) {
      const begun = await this.#begin();
      if (begun === null) break;
      if (this.#tools.snapshot.now().access.kind === "starting") this.#tools.snapshot.setAccess({ kind: "unreachable" });
      this.connection(false);
      await this.#pause(pauseMs);
      pauseMs = Math.min(pauseMs * 2, RETRY_MS_MAX);
    }
    this.#isStarting = false;
  }

  /** Does not wait for the next try. */
  retryNow(): void {
    this.#wakeRetry?.();
    this.inside?.reconnect();
  }

  async claim(input: ways.ClaimInput): Promise<Outcome<void>> {
    const claimed = await (await import("./ways")).claim(this.ways(), input);
    if (!claimed.ok) return claimed;
    this.#claimKit = claimed.value.kit;
    await this.#tools.store.put("marks", KIT_OWED, claimed.value.place.member);
    return this.#enter(claimed.value, "kit");
  }

  /** Makes an account by an invitation; it waits to be let in. */
  async join(input: JoinInput): Promise<Outcome<void>> {
    const joined = await (await import("./joining")).join(this.ways(), input);
    if (!joined.ok) return joined;
    this.#claimKit = joined.value.kit;
    await this.#tools.store.put("marks", KIT_OWED, joined.value.place.member);
    await this.#tools.keyring.keep(joined.value.place, joined.value.keys.secret);
    this.#waitToBeLetIn(joined.value, input.memberName);
    return succeed(undefined);
  }

  async stopWaiting(): Promise<Outcome<void>> {
    const left = await done(this.#tools.vault.leaveJoin());
    if (!left.ok && left.problem.code !== "signed-out") return left;
    await this.leave("signed-out");
    return succeed(undefined);
  }

  /** Asks again and again whether the roster names us by now. Ends by itself when the account is gone. */
  #waitToBeLetIn(arrival: ways.Arrival, memberName: string | null): void {
    const { vault, snapshot } = this.#tools;
    this.#waiting?.abort();
    const waiting = (this.#waiting = new AbortController());
    snapshot.setAccess({ kind: "waiting", memberName });
    void (async () => {
      while (!waiting.signal.aborted) {
        const state = await answer(joinStateShape, vault.joinState(waiting.signal));
        if (waiting !== this.#waiting) return;
        if (state.ok && state.value.isIn) {
          const entered = await this.#enter(arrival, await this.#owed(arrival));
          if (entered.ok) return;
          if (entered.problem.code !== "vault-unreachable") return this.leave("locked");
        } else if (!state.ok && state.problem.code === "signed-out") return this.leave("not-let-in");
        await this.#pause(WAITING_MS);
      }
    })();
  }

  /** In, or back to waiting to be let in. */
  async #arrive(arrival: ways.Arrival, owes: Stay["owes"]): Promise<Outcome<void>> {
    const state = await answer(stateShape, this.#tools.vault.state());
    if (!state.ok || state.value.signedIn?.pending !== true) return this.#enter(arrival, owes);
    await this.#tools.keyring.keep(arrival.place, arrival.keys.secret);
    this.#waitToBeLetIn(arrival, null);
    return succeed(undefined);
  }

  async setPassword(password: string): Promise<Outcome<void>> {
    const stay = this.#stay;
    if (stay === null) return fail("signed-out");
    const replaced = await (await import("./ways")).replacePassword(this.ways(), stay.arrival, password);
    if (!replaced.ok) return replaced;
    if (stay.owes === "password") stay.owes = await this.#owed(stay.arrival);
    this.show();
    return succeed(undefined);
  }

  async signOut(forgetBrowser: boolean): Promise<Outcome<void>> {
    const left = await this.#tools.vault.logout(forgetBrowser);
    if (!left.ok && left.problem.code !== "signed-out") return left;
    await this.leave("signed-out");
    return succeed(undefined);
  }

  /** The session is over: keys and everything opened are dropped. */
  async leave(reason: SignedOutReason, problem?: Problem): Promise<void> {
    const stay = this.#stay;
    this.#waiting?.abort();
    this.#stay = null;
    this.#claimKit = null;
    this.signingIn.forget();
    this.#tools.onLeave();
    stay?.inside.close();
    await this.#tools.keyring.forget();
    this.#tools.snapshot.setAccount();
    this.#tools.snapshot.setAccess({ kind: "signed-out", reason, ...(problem === undefined ? {} : { problem }) });
  }

  draftKit(): Outcome<KitDraft> {
    if (this.#stay === null) return fail("signed-out");
    const secret = this.#claimKit ?? makeKit();
    const draft = { draft: "kit" as KitDraft["draft"], groups: kitGroups(secret), createdUs: this.#tools.nowUs() };
    this.#drafts.set(draft, secret);
    return succeed(draft);
  }

  async confirmKit(draft: KitDraft, typed: readonly TypedGroup[]): Promise<Outcome<void>> {
    const stay = this.#stay;
    const secret = this.#drafts.get(draft);
    if (stay === null || secret === undefined) return fail("signed-out");
    const isRight = typed.every(({ index, text }) => isSameGroup(draft.groups, index, text));
    if (!isRight) return fail("kit-groups-differ");
    const isKept = this.#claimKit !== null && equal(secret, this.#claimKit);
    const kept = isKept ? succeed(undefined) : await (await import("./ways")).replaceKit(this.#tools.vault, stay.arrival, secret);
    if (!kept.ok) return kept;
    this.#claimKit = null;
    await this.#tools.store.put("marks", KIT_OWED, null);
    if (stay.owes === "kit") stay.owes = await this.#offer();
    this.show();
    return succeed(undefined);
  }

  /** After the first kit, where this device can hold a passkey: a second way in that needs no paper. */
  async #offer(): Promise<Stay["owes"]> {
    const { authenticators } = this.#tools;
    if (authenticators === null || !(await (await passkeyCode()).canHoldPasskey())) return "nothing";
    return (await this.signingIn.passkeyUse()) === "yes" ? "passkey" : "nothing";
  }

  /** There is one now, or there shall be none: nobody is asked twice. */
  endPasskeyOffer(): Promise<void> {
    const stay = this.#stay;
    if (stay?.owes === "passkey") {
      stay.owes = "nothing";
      this.show();
    }
    return Promise.resolve();
  }

  /** Tells the snapshot what is true now. */
  show(): void {
    const stay = this.#stay;
    if (stay === null) return;
    const household = stay.inside.view();
    const { memberName } = household;
    const { snapshot } = this.#tools;
    if (stay.owes === "password") snapshot.setAccess({ kind: "needs-password", memberName });
    else if (stay.owes === "passkey") snapshot.setAccess({ kind: "passkey-offered", memberName });
    else if (stay.owes === "kit") snapshot.setAccess({ kind: "needs-kit", memberName });
    else snapshot.setAccess({ kind: "in", household });
  }

  connection(isReached: boolean): void {
    this.#tools.snapshot.setConnection(isReached ? { kind: "online" } : lostConnection(this.#tools.nowUs()));
  }

  /** Null when the door is known; otherwise why not. */
  async #begin(): Promise<Problem | null> {
    const { vault, snapshot, keyring } = this.#tools;
    const state = await answer(stateShape, vault.state());
    if (!state.ok) return state.problem;
    this.connection(true);
    this.#version = state.value.version;
    if (!state.value.claimed) {
      snapshot.setAccess({ kind: "unclaimed" });
      return null;
    }
    const place = state.value.signedIn;
    if (place === null) {
      const hadKeys = await this.#tools.store.get("keyring", "member");
      await keyring.forget();
      snapshot.setAccess({ kind: "signed-out", reason: hadKeys === undefined ? "none" : "expired" });
      return null;
    }
    const secret = await keyring.recall(place);
    if (secret === null) {
      snapshot.setAccess({ kind: "signed-out", reason: "locked" });
      return null;
    }
    const arrival = { place, keys: await memberKeys(secret) };
    if (place.pending === true) {
      this.#waitToBeLetIn(arrival, null);
      return null;
    }
    const entered = await this.#enter(arrival, await this.#owed(arrival));
    if (entered.ok) return null;
    if (entered.problem.code === "vault-unreachable") return entered.problem;
    // What the vault shows is not our household: nothing of it is used, and the keys stay out of reach.
    await this.leave("not-believed", entered.problem);
    return null;
  }

  async #enter(arrival: ways.Arrival, owes: Stay["owes"]): Promise<Outcome<void>> {
    const { vault, marks, startOpener, nowUs, keyring, store, snapshot } = this.#tools;
    const nameOf = (member: string) => this.inside?.nameOf(member) ?? null;
    const news = new AccountNews(arrival.place, { vault, store, snapshot, nowUs, nameOf });
    this.#openers ??= { recordings: startOpener(), live: startOpener() };
    const inside = await Inside.open(arrival, {
      vault,
      marks,
      ...this.#openers,
      nowUs,
      onChange: () => this.show(),
      onSignedOut: () => void this.leave("ended"),
      onNotBelieved: (problem) => void this.leave("not-believed", problem),
      onPutOut: () => void this.leave("put-out"),
      onConnection: (isOpen) => {
        this.connection(isOpen);
        if (isOpen) void news.refresh();
      },
      onAccount: (event) => news.happened(event),
    });
    if (!inside.ok) return inside;
    this.#waiting?.abort();
    await keyring.keep(arrival.place, arrival.keys.secret);
    this.#stay = { arrival, inside: inside.value, news, owes };
    this.show();
    inside.value.start();
    return succeed(undefined);
  }

  /** Whether this browser made an account whose kit nobody has written down yet. */
  async #owed({ place }: ways.Arrival): Promise<Stay["owes"]> {
    return (await this.#tools.store.get("marks", KIT_OWED)) === place.member ? "kit" : "nothing";
  }

  ways(): ways.WaysTools {
    const { vault, withOpaque, nowUs } = this.#tools;
    return { vault, withOpaque, nowUs };
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wakeRetry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

const KIT_OWED = "kit-owed";

/** Groups typed back are read as forgivingly as a whole kit. */
function isSameGroup(groups: readonly string[], index: number, typed: string): boolean {
  const group = groups[index];
  if (group === undefined) return false;
  const whole = readKit(groups.map((one, i) => (i === index ? typed : one)).join("-"));
  const right = readKit(groups.join("-"));
  return whole.ok && right.ok && equal(whole.value, right.value);
}

function lostConnection(sinceUs: number): Connection {
  const isOnline = typeof navigator === "undefined" || navigator.onLine;
  return isOnline ? { kind: "reconnecting", sinceUs } : { kind: "offline", sinceUs };
}
