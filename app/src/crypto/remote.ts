/**
 * @file Calling an object in a worker: method name and arguments there, result back. Large byte strings are moved, not
 * copied. A method that throws there rejects here, because it is a bug in both places.
 */

interface Call {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

type Reply = { readonly id: number; readonly result: unknown } | { readonly id: number; readonly bug: string };

/** The end of a worker that a page, a worker's own scope, or a test's channel has. */
export interface Port {
  postMessage(message: unknown, transfer: Transferable[]): void;
  addEventListener(type: "message", listener: (event: MessageEvent<unknown>) => void): void;
}

/** Answers calls that arrive on `port` with the methods of `target`. */
export function serve(port: Port, target: object): void {
  port.addEventListener("message", ({ data }) => {
    const { id, method, args } = data as Call;
    void answer(id, method, args);
  });

  async function answer(id: number, method: string, args: readonly unknown[]): Promise<void> {
    try {
      const act = (target as Readonly<Record<string, unknown>>)[method];
      if (typeof act !== "function") throw new Error(`no method ${method}`);
      const result = await (act as (...given: unknown[]) => unknown).apply(target, [...args]);
      port.postMessage({ id, result } satisfies Reply, bytesToMove(result));
    } catch (error) {
      port.postMessage({ id, bug: error instanceof Error ? error.message : "unknown" } satisfies Reply, []);
    }
  }
}

export type Caller = (method: string, args: readonly unknown[], move?: readonly Uint8Array[]) => Promise<unknown>;

/** Calls methods of what is served at the other end of `port`. Byte strings in `move` are gone here afterwards. */
export function caller(port: Port): Caller {
  const waiting = new Map<number, { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }>();
  let nextId = 1;
  port.addEventListener("message", ({ data }) => {
    const reply = data as Reply;
    const waiter = waiting.get(reply.id);
    waiting.delete(reply.id);
    if ("bug" in reply) waiter?.reject(new Error(reply.bug));
    else waiter?.resolve(reply.result);
  });
  return (method, args, move = []) =>
    new Promise((resolve, reject) => {
      const id = nextId++;
      waiting.set(id, { resolve, reject });
      port.postMessage({ id, method, args } satisfies Call, wholeBuffers(move));
    });
}

/** The byte strings one or two levels inside a result. */
function bytesToMove(result: unknown): Transferable[] {
  const found: Uint8Array[] = [];
  const look = (value: unknown, depth: number) => {
    if (value instanceof Uint8Array) found.push(value);
    else if (depth > 0 && typeof value === "object" && value !== null) for (const inner of Object.values(value)) look(inner, depth - 1);
  };
  look(result, 2);
  return wholeBuffers(found);
}

/** Only buffers that belong to one byte string alone can be moved without taking others with them. */
function wholeBuffers(bytes: readonly Uint8Array[]): Transferable[] {
  return bytes.flatMap(({ buffer, byteLength }) =>
    buffer instanceof ArrayBuffer && buffer.byteLength === byteLength && byteLength > 0 ? [buffer] : [],
  );
}
