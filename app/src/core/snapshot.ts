/** @file The snapshot of what is true now, in the shape of `useSyncExternalStore`: immutable, replaced as a whole. */
import type { Access, Connection, HomeSnapshot } from "../domain/home";

export class SnapshotStore {
  #now: HomeSnapshot = { connection: { kind: "connecting" }, access: { kind: "starting" } };
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

  #set(next: HomeSnapshot): void {
    this.#now = next;
    for (const listener of this.#listeners) listener();
  }
}
