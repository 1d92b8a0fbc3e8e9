/** @file What the hubs keep to and who watches, as far as their signatures say so. */
import type { TimeUs } from "../domain/home";
import { readEnvelope } from "../crypto/envelope";
import { acceptHomeState, type HomeState, type Loosening, type Scope } from "../crypto/homeState";
import type { Roster } from "../crypto/roster";

/** That a camera was turned off. */
export interface TurnedOff {
  readonly by: readonly string[];
  readonly scopes: readonly Scope[];
  readonly sinceUs: TimeUs;
  /** It goes on by itself then, unless somebody stops that. */
  readonly goesOn: { readonly atUs: TimeUs; readonly what: Loosening } | null;
}

export interface Held {
  readonly continuousDays: number;
  readonly eventDays: number;
  readonly records: "always" | "when-armed";
}

export type WaitingChange = HomeState["waiting"][number] & { readonly id: string };

export class HomeStates {
  readonly #states = new Map<string, HomeState>();
  readonly #seen = new Map<string, number>();

  /** Whether it was news. What does not verify is not believed, and an older state is not gone back to. */
  tell(value: unknown, roster: Roster): boolean {
    const envelope = readEnvelope(value);
    const accepted = envelope.ok ? acceptHomeState(envelope.value, roster, this.#seen) : envelope;
    if (!accepted.ok) return false;
    const state = accepted.value;
    this.#seen.set(state.hub, state.version);
    this.#states.set(state.hub, state);
    return true;
  }

  /** The hub went: who watches is not known any more, and nobody sees anything. */
  forgetWatchers(): void {
    for (const [hub, state] of this.#states) this.#states.set(hub, { ...state, watching: [] });
  }

  /** Members who see the camera live now. */
  watchers(device: string): readonly string[] {
    return [...this.#states.values()].flatMap(({ watching }) => watching.filter((one) => one.device === device).map(({ member }) => member));
  }

  turnedOff(device: string, room: string, hub: string): TurnedOff | null {
    const state = this.#states.get(hub);
    const reaches = (scope: Scope): boolean =>
      scope.of === "household" || (scope.of === "room" ? scope.room === room : scope.device === device);
    return state === undefined ? null : offBy([state], reaches);
  }

  /** That all cameras of a room were turned off, or all of the home. */
  roomOff(room: string): TurnedOff | null {
    return offBy([...this.#states.values()], (scope) => scope.of === "household" || (scope.of === "room" && scope.room === room));
  }

  /** Armed only when every hub says so. */
  get armed(): HomeState["armed"] | null {
    const said = [...this.#states.values()].map(({ armed }) => armed);
    return said.find(({ on }) => !on) ?? said.toSorted((a, b) => b.sinceUs - a.sinceUs)[0] ?? null;
  }

  /** The version of the roster that every hub has read by now; null while none has said anything. */
  get followed(): number | null {
    return this.#states.size === 0 ? null : Math.min(...[...this.#states.values()].map(({ roster }) => roster));
  }

  /** The tighter rule that a hub keeps to although the roster has a looser one. */
  held(room: string): Held | null {
    const held = [...this.#states.values()].flatMap((state) => state.held.filter((one) => one.room === room));
    if (held.length === 0) return null;
    return {
      continuousDays: Math.min(...held.map(({ lifetimes }) => lifetimes.continuousDays)),
      eventDays: Math.min(...held.map(({ lifetimes }) => lifetimes.eventDays)),
      records: held.some(({ records }) => records === "when-armed") ? "when-armed" : "always",
    };
  }

  /** What waits, the next one first. The same at several hubs is one: it begins to hold with the first of them. */
  get waiting(): readonly WaitingChange[] {
    const all = [...this.#states.values()].flatMap(({ waiting }) => waiting.map((one) => ({ ...one, id: JSON.stringify(one.what) })));
    const inOrder = all.toSorted((a, b) => a.effectiveUs - b.effectiveUs);
    return inOrder.filter(({ id }, at) => inOrder.findIndex((one) => one.id === id) === at);
  }
}

function offBy(states: readonly HomeState[], reaches: (scope: Scope) => boolean): TurnedOff | null {
  const wishes = states.flatMap(({ privacy }) => privacy.filter(({ scope }) => reaches(scope)));
  if (wishes.length === 0) return null;
  const waiting = states.flatMap((state) => state.waiting.filter(({ what }) => what.loosening === "privacy" && reaches(what.scope)));
  const [last] = waiting.toSorted((a, b) => b.effectiveUs - a.effectiveUs);
  return {
    by: [...new Set(wishes.map(({ by }) => by))],
    scopes: wishes.map(({ scope }) => scope).filter((scope, at, all) => all.findIndex((one) => isSameScope(one, scope)) === at),
    sinceUs: Math.min(...wishes.map(({ sinceUs }) => sinceUs)),
    goesOn: last === undefined ? null : { atUs: last.effectiveUs, what: last.what },
  };
}

function isSameScope(a: Scope, b: Scope): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
