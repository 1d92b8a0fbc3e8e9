/**
 * @file The keyring: the member secret across reloads of the page, until sign-out.
 *
 * Sealed with AES-256-GCM under a CryptoKey that cannot be exported, bound to household and member.
 */
import { random, utf8, type Bytes } from "./bytes";
import type { LocalStore } from "./localStore";
import type { MemberPlace } from "./member";

const ENTRY = "member";

interface Entry {
  readonly place: MemberPlace;
  readonly key: CryptoKey;
  readonly iv: Bytes;
  readonly sealed: ArrayBuffer;
}

export class Keyring {
  readonly #store: LocalStore;

  constructor(store: LocalStore) {
    this.#store = store;
  }

  async keep(place: MemberPlace, secret: Bytes): Promise<void> {
    const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    const iv = random(12);
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: boundTo(place) }, key, secret);
    await this.#store.put("keyring", ENTRY, { place, key, iv, sealed } satisfies Entry);
  }

  /** The secret of exactly this member; null when another one, or none, was kept. */
  async recall(place: MemberPlace): Promise<Bytes | null> {
    const entry = (await this.#store.get("keyring", ENTRY)) as Entry | undefined;
    if (entry?.place.member !== place.member || entry.place.household !== place.household) return null;
    try {
      const { iv, key, sealed } = entry;
      return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: boundTo(place) }, key, sealed));
    } catch {
      return null;
    }
  }

  async forget(): Promise<void> {
    await this.#store.clear("keyring");
  }
}

function boundTo({ household, member }: MemberPlace): Bytes {
  return utf8(`eaves/keyring/v1|${household}|${member}`);
}
