/**
 * @file A lying vault: a relay in front of a real one. It passes on what app and hub say and what the vault answers,
 * except for what the lie of the moment changes. It ends HTTP, the event stream and both WebSockets, so it can do
 * everything that whoever runs the vault can do on the wire.
 */

import { createServer, request, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocket, WebSocketServer } from "ws";

export interface Asked {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A message of a WebSocket on its way. */
export interface Message {
  /** Which connection it is of. */
  readonly socket: number;
  readonly path: string;
  readonly to: "app" | "hub" | "vault";
  readonly data: Buffer;
  readonly isBinary: boolean;
}

let nextSocket = 1;

type Sent = Pick<Message, "data" | "isBinary">;

export type Json = Record<string, unknown>;

export interface Lie {
  /** Answers in the vault's place. Undefined: the honest answer. */
  answer?(asked: Asked, honest: () => Promise<Answer>): Promise<Answer | undefined> | Answer | undefined;
  /** What becomes of an event on its way to the app. */
  event?(event: Json): Json[];
  /** What becomes of a message of a socket. */
  message?(message: Message): Sent[];
}

export interface Relay {
  readonly origin: string;
  readonly port: number;
  /** Everything that was asked, in order. */
  readonly asked: readonly Asked[];
  /** Every command that the vault passed on to the hub, as the hub gets it. */
  readonly commands: readonly Json[];
  /** How the hub last said that each camera does; nothing while it is away. */
  readonly states: ReadonlyMap<string, string>;
  /** Lies from now on, until the next lie or `honest()`. */
  lie(lie: Lie): void;
  honest(): void;
  /** Says something to every app that listens. */
  tellApp(event: Json): void;
  /** Says something to the hub. */
  tellHub(message: Json): void;
  /** Ends the hub's channel; it comes back by itself. */
  cutHub(): void;
  close(): Promise<void>;
}

const HUB_CHANNEL = "/hub/v1/channel";
const BODY_BYTES_MAX = 64 << 20;

export async function startRelay(vaultPort: number): Promise<Relay> {
  const asked: Asked[] = [];
  const commands: Json[] = [];
  const states = new Map<string, string>();
  const streams = new Set<ServerResponse>();
  const hubs = new Set<WebSocket>();
  const sockets = new Set<WebSocket>();
  let current: Lie = {};

  const server = createServer((incoming, outgoing) => {
    void pass(incoming, outgoing).catch(() => outgoing.destroy());
  });
  const upgrades = new WebSocketServer({ noServer: true, maxPayload: BODY_BYTES_MAX });
  server.on("upgrade", (incoming, socket, head) => upgrade(incoming, socket, head));

  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await whole(incoming);
    const one: Asked = { method: incoming.method ?? "GET", path: incoming.url ?? "/", headers: incoming.headers, body };
    asked.push(one);
    if (one.path === "/api/v1/events") return stream(one, outgoing);
    const honest = (): Promise<Answer> => ask(one);
    const told = (await current.answer?.(one, honest)) ?? (await honest());
    const headers = { ...told.headers };
    delete headers["transfer-encoding"];
    headers["content-length"] = String(told.body.length);
    outgoing.writeHead(told.status, headers).end(told.body);
  }

  function ask(one: Asked): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const up = request({ host: "127.0.0.1", port: vaultPort, method: one.method, path: one.path, headers: one.headers }, (answer) => {
        whole(answer).then((body) => resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body }), reject);
      });
      up.on("error", reject).end(one.body);
    });
  }

  function stream(one: Asked, outgoing: ServerResponse): void {
    const up = request({ host: "127.0.0.1", port: vaultPort, method: one.method, path: one.path, headers: one.headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      outgoing.flushHeaders();
      if (answer.statusCode === 200) streams.add(outgoing);
      let pending = "";
      answer.setEncoding("utf8").on("data", (text: string) => {
        pending += text;
        const blocks = pending.split("\n\n");
        pending = blocks.pop() ?? "";
        for (const block of blocks) {
          const data = /^data: ?(.*)$/m.exec(block)?.[1];
          if (data === undefined) outgoing.write(`${block}\n\n`);
          else for (const event of current.event?.(JSON.parse(data) as Json) ?? [JSON.parse(data) as Json]) say(outgoing, event);
        }
      });
      answer.on("close", () => outgoing.end());
    });
    up.on("error", () => outgoing.destroy()).end();
    outgoing.on("close", () => {
      streams.delete(outgoing);
      up.destroy();
    });
  }

  function upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
    const path = incoming.url ?? "/";
    const isHub = path === HUB_CHANNEL;
    const kept = ["host", "origin", "cookie", "authorization"] as const;
    const headers = Object.fromEntries(kept.flatMap((name) => (incoming.headers[name] === undefined ? [] : [[name, incoming.headers[name]]])));
    const far = new WebSocket(`ws://127.0.0.1:${String(vaultPort)}${path}`, { headers, perMessageDeflate: false, maxPayload: BODY_BYTES_MAX });
    far.once("error", () => socket.destroy());
    const early: Sent[] = [];
    far.on("message", (data: Buffer, isBinary) => early.push({ data, isBinary }));
    far.once("open", () => {
      upgrades.handleUpgrade(incoming, socket, head, (near) => {
        sockets.add(near).add(far);
        if (isHub) hubs.add(near);
        const id = nextSocket++;
        const through = (to: Message["to"], on: WebSocket) => (data: Buffer, isBinary: boolean) => {
          const message: Message = { socket: id, path, to, data, isBinary };
          const said = isBinary || !isHub ? null : (JSON.parse(data.toString()) as Json);
          if (said?.["type"] === "command") commands.push(said);
          if (said?.["type"] === "status") states.set(String(said["device"]), String((said["state"] as Json)["state"]));
          for (const one of current.message?.(message) ?? [message]) if (on.readyState === WebSocket.OPEN) on.send(one.data, { binary: one.isBinary });
        };
        const down = through(isHub ? "hub" : "app", near);
        far.removeAllListeners("message").on("message", down);
        for (const { data, isBinary } of early.splice(0)) down(data, isBinary);
        near.on("message", through("vault", far));
        for (const [one, other] of [[near, far], [far, near]] as const) {
          one.on("error", () => other.terminate());
          one.on("close", () => {
            sockets.delete(one);
            if (hubs.delete(one)) states.clear();
            other.close();
          });
        }
      });
    });
  }

  const port = await listening(server);
  return {
    origin: `http://127.0.0.1:${String(port)}`,
    port,
    asked,
    commands,
    states,
    lie: (lie) => {
      current = lie;
    },
    honest: () => {
      current = {};
    },
    tellApp: (event) => {
      for (const one of streams) say(one, event);
    },
    tellHub: (message) => {
      for (const one of hubs) one.send(JSON.stringify(message));
    },
    cutHub: () => {
      for (const one of hubs) one.terminate();
    },
    close: () =>
      new Promise((resolve) => {
        for (const one of sockets) one.terminate();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function say(to: ServerResponse, event: Json): void {
  to.write(`data: ${JSON.stringify(event)}\n\n`);
}

async function whole(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new Error("a body that is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}

// What lies are made of.

export function asJson(value: unknown, status = 200): Answer {
  return { status, headers: { "content-type": "application/json", "cache-control": "no-store" }, body: Buffer.from(JSON.stringify(value)) };
}

export function bodyOf(from: { readonly body: Buffer }): Json {
  return JSON.parse(from.body.toString()) as Json;
}

/** Changes the JSON of one route's answers. The address is matched without its query. */
export function changing(route: RegExp, change: (honest: Json, asked: Asked) => unknown): Lie {
  return {
    answer: async (asked, honest) => {
      if (!route.test(asked.path.split("?")[0] ?? "")) return undefined;
      const answer = await honest();
      return answer.status >= 300 ? answer : { ...answer, body: Buffer.from(JSON.stringify(change(bodyOf(answer), asked))) };
    },
  };
}

/** Several lies at once: the first that has something to say answers. */
export function both(...lies: readonly Lie[]): Lie {
  return {
    answer: async (asked, honest) => {
      for (const lie of lies) {
        const told = await lie.answer?.(asked, honest);
        if (told !== undefined) return told;
      }
      return undefined;
    },
    event: (event) => lies.reduce<Json[]>((events, lie) => events.flatMap((one) => lie.event?.(one) ?? [one]), [event]),
    message: (message) => lies.reduce<Sent[]>((sent, lie) => sent.flatMap((one) => lie.message?.({ ...message, ...one }) ?? [one]), [message]),
  };
}
