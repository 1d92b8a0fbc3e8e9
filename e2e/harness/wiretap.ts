/** @file A TCP relay that keeps every byte that passes, and that can be cut like a cable. */

import { createServer, connect, type Socket } from "node:net";

export interface Wiretap {
  readonly port: number;
  /** Everything that passed, both ways, in order of arrival. */
  captured(): Buffer;
  /** From now on nothing passes and every connection ends. */
  cut(): void;
  /** Lets connections through again. */
  mend(): void;
  close(): Promise<void>;
}

export async function wiretap(targetPort: number, keep = true): Promise<Wiretap> {
  const chunks: Buffer[] = [];
  const open = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect(targetPort, "127.0.0.1");
    for (const [from, to] of [[near, far], [far, near]] as const) {
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
  return {
    port: address.port,
    captured: () => Buffer.concat(chunks),
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
