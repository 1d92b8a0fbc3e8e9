/** @file The snapshot of what is true now, in the shape of `useSyncExternalStore`: immutable, replaced as a whole. */
import type { Access, Connection, HomeSnapshot } from "../domain/home";
import type { AccountNews } from "../domain/security";
import type { StepUpView } from "../domain/signIn";

const NO_NEWS: AccountNews = { unseenNotices: 0, approvals: [] };

export class SnapshotStore {
  #now: HomeSnapshot = { connection: { kind: "connecting" }, access: { kind: "starting" }, account: NO_NEWS, stepUp: null };
  readonly #listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly now = (): HomeSnapshot => this.#now;

  setConnection(connection: Connection): void {
    if (this.#now.connection.kind !== connection.kind) this.#set({ ...this.#now, connection });
  }

  setAccess(access: Access): void {
    this.#set({ ...this.#now, access });
  }

  setAccount(account: AccountNews = NO_NEWS): void {
    this.#set({ ...this.#now, account });
  }

  setStepUp(stepUp: StepUpView | null): void {
    if (this.#now.stepUp !== stepUp) this.#set({ ...this.#now, stepUp });
  }

  #set(next: HomeSnapshot): void {
    this.#now = next;
    for (const listener of this.#listeners) listener();
  }
}
