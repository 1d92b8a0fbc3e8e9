/** @file A TCP relay that keeps every byte that passes, and that can be cut like a cable. */

import { createServer, connect, type Socket } from "node:net";
import { unframed } from "./websocket.ts";

/** What passed over one connection. */
export interface Heard {
  /** From whoever connected. */
  readonly there: Buffer;
  /** From whoever was connected to. */
  readonly back: Buffer;
}

export interface Wiretap {
  readonly port: number;
  /** Every connection so far, each direction in one piece. */
  heard(): Heard[];
  /** Everything that passed, both ways, as it passed, and what WebSocket frames hold under their masks. */
  captured(): Buffer;
  /** From now on nothing passes and every connection ends. */
  cut(): void;
  /** Lets connections through again. */
  mend(): void;
  close(): Promise<void>;
}

export async function wiretap(targetPort: number, keep = true): Promise<Wiretap> {
  const connections: { there: Buffer[]; back: Buffer[] }[] = [];
  const open = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect(targetPort, "127.0.0.1");
    const kept = { there: [] as Buffer[], back: [] as Buffer[] };
    if (keep) connections.push(kept);
    for (const [from, to, chunks] of [[near, far, kept.there], [far, near, kept.back]] as const) {
      open.add(from);
      from.on("data", (bytes: Buffer) => {
        if (keep) chunks.push(bytes);
        if (!to.write(bytes)) {
          from.pause();
          to.once("drain", () => from.resume());
        }
      });
      from.on("end", () => to.end());
      from.on("error", () => to.destroy());
      from.on("close", () => {
        open.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the relay has no port");
  const heard = (): Heard[] =>
    connections.map(({ there, back }) => ({ there: Buffer.concat(there), back: Buffer.concat(back) }));
  return {
    port: address.port,
    heard,
    captured: () => Buffer.concat(heard().flatMap(({ there, back }) => [there, back, ...unframed(there, back)])),
    cut: () => {
      isCut = true;
      for (const socket of open) socket.destroy();
    },
    mend: () => {
      isCut = false;
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
