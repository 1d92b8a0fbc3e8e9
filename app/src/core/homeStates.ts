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
    if (state === undefined) return null;
    const reaches = (scope: Scope): boolean =>
      scope.of === "household" || (scope.of === "room" ? scope.room === room : scope.device === device);
    const wishes = state.privacy.filter(({ scope }) => reaches(scope));
    if (wishes.length === 0) return null;
    const waiting = state.waiting.filter(({ what }) => what.loosening === "privacy" && reaches(what.scope));
    const [last] = waiting.toSorted((a, b) => b.effectiveUs - a.effectiveUs);
    return {
      by: [...new Set(wishes.map(({ by }) => by))],
      scopes: wishes.map(({ scope }) => scope),
      sinceUs: Math.min(...wishes.map(({ sinceUs }) => sinceUs)),
      goesOn: last === undefined ? null : { atUs: last.effectiveUs, what: last.what },
    };
  }
}
