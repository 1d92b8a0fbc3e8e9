/**
 * @file Marks: how far this browser has seen each chain and the roster. They only go up, and they outlive sign-out, so a
 * vault that shows yesterday's state is noticed at the next visit too.
 */
import type { ChainMark } from "./chain";
import type { LocalStore } from "./localStore";
import type { RosterMark } from "./roster";
import { object, readShape, sha256Hex, whole } from "./shape";

const rosterMarkShape = object({ version: whole(1), digest: sha256Hex });
const chainMarkShape = object({ index: whole(0), digest: sha256Hex });

export class Marks {
  readonly #store: LocalStore;

  constructor(store: LocalStore) {
    this.#store = store;
  }

  async roster(household: string): Promise<RosterMark | null> {
    const read = readShape(rosterMarkShape, await this.#store.get("marks", `roster|${household}`));
    return read.ok ? read.value : null;
  }

  async chain(household: string, device: string): Promise<ChainMark | null> {
    const read = readShape(chainMarkShape, await this.#store.get("marks", `chain|${household}|${device}`));
    return read.ok ? read.value : null;
  }

  async raiseRoster(household: string, mark: RosterMark): Promise<void> {
    const held = await this.roster(household);
    if (held === null || held.version < mark.version) await this.#store.put("marks", `roster|${household}`, mark);
  }

  async raiseChain(household: string, device: string, mark: ChainMark): Promise<void> {
    const held = await this.chain(household, device);
    if (held === null || held.index < mark.index) await this.#store.put("marks", `chain|${household}|${device}`, mark);
  }
}
