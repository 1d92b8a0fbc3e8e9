/**
 * @file What this browser keeps between visits: the sealed member secret, and marks that let it notice a rollback.
 *
 * PRIVACY: no picture, sound, name or plaintext key is ever put here. The secret is stored sealed under an AES-GCM key
 * that the browser will use but not export. That stops somebody who copies the profile's files through a script or a
 * backup of exported data; it does not stop code that runs in this origin.
 */
const DATABASE = "eaves";
const VERSION = 1;
const STORES = ["keyring", "marks"] as const;
export type StoreName = (typeof STORES)[number];

/** A few named values. The browser's IndexedDB in the app, a map in tests. */
export interface LocalStore {
  get(store: StoreName, key: string): Promise<unknown>;
  put(store: StoreName, key: string, value: unknown): Promise<void>;
  clear(store: StoreName): Promise<void>;
}

/** The store of this origin. */
export function indexedDbStore(): LocalStore {
  let opened: Promise<IDBDatabase> | null = null;
  const database = () => (opened ??= open());
  const run = async <T>(store: StoreName, mode: IDBTransactionMode, act: (on: IDBObjectStore) => IDBRequest<T>): Promise<T> => {
    const transaction = (await database()).transaction(store, mode, { durability: "strict" });
    const request = act(transaction.objectStore(store));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error ?? new Error("the browser's database refused"));
    });
  };
  return {
    get: (store, key) => run<unknown>(store, "readonly", (on) => on.get(key) as IDBRequest<unknown>),
    put: async (store, key, value) => {
      await run(store, "readwrite", (on) => on.put(value, key));
    },
    clear: (store) => run(store, "readwrite", (on) => on.clear()),
  };
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, VERSION);
    request.onupgradeneeded = () => {
      for (const store of STORES) request.result.createObjectStore(store);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("the browser's database does not open"));
  });
}
