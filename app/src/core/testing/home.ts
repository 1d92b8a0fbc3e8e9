/** @file Tests only: a model over a test vault, claimed and with one camera. */
import { createHomeModel, type ModelGround } from "../index";
import type { DeviceId, HomeModel, HomeSnapshot, Outcome } from "../../domain/home";
import type { LocalStore } from "../../crypto/localStore";
import type { Authenticators } from "../../crypto/passkey";
import { LocalOpener } from "../../crypto/opener";
import * as opaque from "../../crypto/opaque";
import { readEnvelope } from "../../crypto/envelope";
import { peekEnvelope } from "../../crypto/envelope";
import { rosterForm, type Roster } from "../../crypto/roster";
import { TestHub } from "./testHub";
import { TestVault } from "./testVault";

export const PASSWORD = "correct horse battery";
export const NAME = "Ada";

export interface MemoryStore extends LocalStore {
  /** Another browser's, with the same in it now. */
  copy(): MemoryStore;
}

export function memoryStore(values = new Map<string, unknown>()): MemoryStore {
  return {
    copy: () => memoryStore(new Map(values)),
    get: (store, key) => Promise.resolve(values.get(`${store}|${key}`)),
    put: (store, key, value) => {
      values.set(`${store}|${key}`, value);
      return Promise.resolve();
    },
    clear: (store) => {
      for (const key of [...values.keys()]) if (key.startsWith(`${store}|`)) values.delete(key);
      return Promise.resolve();
    },
  };
}

/** A browser with its own memory in front of `vault`. */
export function browser(
  vault: { readonly client: ModelGround["makeVault"] },
  store: LocalStore = memoryStore(),
  authenticators: Authenticators | null = null,
): HomeModel {
  return createHomeModel({ makeVault: vault.client, store, startOpener: () => new LocalOpener(), withOpaque: (work) => work(opaque), authenticators, tellStrength: () => Promise.resolve({ score: 4, wordShare: 0 }) });
}

export async function until(model: HomeModel, is: (snapshot: HomeSnapshot) => boolean): Promise<HomeSnapshot> {
  return new Promise((resolve) => {
    const look = () => {
      if (!is(model.snapshot())) return;
      stop();
      resolve(model.snapshot());
    };
    const stop = model.subscribe(look);
    queueMicrotask(look);
  });
}

export const access = (model: HomeModel) => model.snapshot().access.kind;
export const settled = (model: HomeModel) => until(model, (now) => now.access.kind !== "starting");

export function must<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`${outcome.problem.code} ${outcome.problem.detail ?? ""}`);
  return outcome.value;
}

export function newestRoster(vault: TestVault): Roster {
  const envelope = readEnvelope(vault.rosters.at(-1));
  const roster = envelope.ok ? peekEnvelope(envelope.value, rosterForm) : envelope;
  if (!roster.ok) throw new Error(roster.refusal);
  return roster.value;
}

export interface TestHome {
  readonly hub: TestHub;
  readonly vault: TestVault;
  readonly store: LocalStore;
  readonly model: HomeModel;
  readonly kit: readonly string[];
  readonly camera: DeviceId;
}

/** A claimed home with a confirmed kit, one room and one camera in it. */
export async function claimedHome(): Promise<TestHome> {
  const hub = await TestHub.make();
  const vault = await TestVault.make(hub);
  const store = memoryStore();
  const model = browser(vault, store);
  await settled(model);
  must(await model.claim({ code: hub.codeText, memberName: NAME, password: PASSWORD }));
  const draft = must(await model.draftKit());
  must(await model.confirmKit(draft, [{ index: 2, text: draft.groups[2]!.toLowerCase() }]));
  const camera = must(await model.addDemoCamera({ name: "Porch", room: { newRoomName: "Outside" } }));
  return { hub, vault, store, model, kit: draft.groups, camera };
}
