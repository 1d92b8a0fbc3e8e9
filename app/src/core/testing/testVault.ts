/**
 * @file Tests only: a vault in memory that speaks the wire contract, OPAQUE included. It is honest until a test makes it
 * lie: `lie(path, change)` changes the answers of a route.
 */
import { ready, server } from "@serenity-kit/opaque";
import { digestHex } from "../../crypto/hash";
import { toBase64Url } from "../../crypto/bytes";
import type { EnvelopeJson } from "../../crypto/envelope";
import { Vault } from "../../api/vault";
import type { TransportOptions } from "../../api/transport";
import type { TestLog } from "./testLog";
import { TestWays } from "./testWays";
import { payloadOf, type SealedRecording, type TestHub } from "./testHub";

export type Json = Record<string, unknown>;
type Lie = (answer: Json) => unknown;

export interface Account {
  readonly handle: string;
  readonly member: string;
  readonly household: string;
  record: string;
  password: unknown;
  kit: unknown;
  kitKey: string;
}

export class Refused extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string) {
    super(code);
    this.status = status;
    this.code = code;
  }
}

export interface ShownEntry {
  state: "kept" | "erased" | "expired";
  link: EnvelopeJson;
  command?: EnvelopeJson;
}

export class TestVault {
  readonly setup: string;
  readonly hub: TestHub;
  account: Account | null = null;
  rosters: EnvelopeJson[] = [];
  keyWraps: Json[] = [];
  /** Whether the browser was signed in before: then the password or the kit is enough. */
  isKnownBrowser = true;
  isSignedIn = false;
  /** Its log, where a test looks at one. */
  log: TestLog | null = null;
  readonly ways = new TestWays(this);
  readonly chains = new Map<string, ShownEntry[]>();
  readonly recordings = new Map<string, SealedRecording>();
  readonly commands: Json[] = [];
  /** Every request, to be searched for what must not be there. */
  readonly requests: string[] = [];
  /** What its clock says; null: it says nothing about the time. */
  clockMs: number | null = null;
  readonly #listeners: ReadableStreamDefaultController<Uint8Array>[] = [];
  readonly #lies = new Map<string, Lie>();

  private constructor(hub: TestHub) {
    this.hub = hub;
    this.setup = server.createSetup();
  }

  static async make(hub: TestHub): Promise<TestVault> {
    await ready;
    return new TestVault(hub);
  }

  lie(path: string, change: Lie): void {
    this.#lies.set(path, change);
  }

  /** Tells everybody who listens. */
  tell(event: Json): void {
    for (const stream of this.#listeners) stream.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(event)}\n\n`));
  }

  honest(): void {
    this.#lies.clear();
  }

  client = (options: TransportOptions): Vault =>
    new Vault({ ...options, fetch: this.fetch });

  readonly fetch = (path: string, init?: RequestInit): Promise<Response> => Promise.resolve(this.#answer(path, init ?? {}));

  keep(device: string, recording: SealedRecording): void {
    this.recordings.set(recording.id, recording);
    this.show(device, recording.link);
  }

  show(device: string, link: EnvelopeJson): void {
    this.chains.set(device, [...(this.chains.get(device) ?? []), { state: "kept", link }]);
  }

  #answer(path: string, init: RequestInit): Response {
    const body = typeof init.body === "string" ? init.body : "";
    this.requests.push(`${init.method} ${path} ${body}`);
    const url = new URL(path, "http://vault.test");
    const route = url.pathname.replace("/api/v1", "");
    if (/"prf":\{[^}]*"results"/.test(body)) return Response.json({ code: "prf-result-refused", status: 400 }, { status: 400 });
    if (route === "/events") return new Response(new ReadableStream<Uint8Array>({ start: (stream) => void this.#listeners.push(stream) }), { status: 200 });
    try {
      const octets = this.#part(route, new Headers(init.headers).get("range"));
      if (octets !== null) return octets;
      const honest = this.#route(init.method ?? "GET", route, url.searchParams, body === "" ? {} : (JSON.parse(body) as Json));
      if (honest === "waits") return new Response(null, { status: 202 });
      const name = [...this.#lies.keys()].find((lie) => route.startsWith(lie));
      const told = name === undefined ? honest : this.#lies.get(name)!(honest ?? {});
      const headers = this.clockMs === null ? {} : { date: new Date(this.clockMs).toUTCString() };
      return told === null ? new Response(null, { status: 204, headers }) : Response.json(told, { headers });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return Response.json({ type: "about:blank", code: error.code, title: "", status: error.status }, { status: error.status });
    }
  }

  #part(route: string, range: string | null): Response | null {
    const [, id, part] = /^\/recordings\/(\w+)\/parts\/(\w+)$/.exec(route) ?? [];
    if (id === undefined) return null;
    const recording = this.recordings.get(id);
    if (recording === undefined) throw new Refused(404, "not-found");
    const { body } = recording[part as "media"];
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range ?? "") ?? [];
    if (from === undefined) return new Response(body);
    const piece = body.slice(Number(from), Number(to) + 1);
    return new Response(piece, { status: 206, headers: { "content-range": `bytes ${from}-${to}/${body.length}` } });
  }

  #route(method: string, route: string, query: URLSearchParams, body: Json): Json | null | "waits" {
    const known = `${method} ${route}`;
    const ofWays = this.ways.route(known, query, body);
    if (ofWays !== "not-mine") return ofWays;
    switch (known) {
      case "GET /state":
        return { claimed: this.account !== null, claimable: true, version: "test", signedIn: this.isSignedIn ? this.#identity() : null, passkeys: "available" };
      case "POST /claim/hub":
        return this.hub.introduction();
      case "POST /claim/register":
      case "POST /ways-in/password/start":
        return server.createRegistrationResponse({
          serverSetup: this.setup,
          userIdentifier: typeof body.handle === "string" ? body.handle : this.known().handle,
          registrationRequest: String(body.registrationRequest),
        }) as unknown as Json;
      case "POST /claim/finish":
        return this.#claimed(body);
      case "PUT /ways-in/password":
        Object.assign(this.known(), { record: body.registrationRecord, password: body.password });
        return null;
      case "PUT /ways-in/kit":
        Object.assign(this.known(), { kit: body.kit, kitKey: body.kitKey });
        return null;
      case "POST /logout":
        this.isSignedIn = false;
        return null;
      case "GET /log":
        return this.log?.page(query) ?? {};
      case "GET /roster":
        return { rosters: this.rosters.slice(Number(query.get("from")) - 1), keyWraps: this.keyWraps };
      case "PUT /roster":
        return this.#putRoster(body);
      case "POST /commands":
        return this.#command(body);
      case "GET /storage":
        return { usedBytes: 1, freeBytes: 2, recordings: 0, oldestUs: null };
    }
    const device = /^\/devices\/(\w+)\/links$/.exec(route)?.[1];
    if (device !== undefined) return this.#links(device, query);
    const recording = /^\/recordings\/(\w+)\/headers$/.exec(route)?.[1];
    if (recording !== undefined) return this.#headers(recording);
    throw new Refused(404, "not-found");
  }

  known(): Account {
    if (this.account === null) throw new Refused(401, "signed-out");
    return this.account;
  }

  #identity(): Json {
    const { household, member } = this.known();
    return { household, member };
  }

  signedIn(wrapped: unknown): Json {
    this.isSignedIn = true;
    return { state: "signed-in", ...this.#identity(), wrapped, session: { strongUntilUs: 1, powersFromUs: this.ways.powersFromUs }, pending: false };
  }

  #claimed(body: Json): Json {
    const roster = body.roster as EnvelopeJson;
    const { household } = JSON.parse(new TextDecoder().decode(payloadOf(roster))) as { household: string };
    this.rosters = [roster];
    this.keyWraps = body.keyWraps as Json[];
    this.account = {
      handle: String(body.handle),
      member: String(body.member),
      household,
      record: String(body.registrationRecord),
      password: body.password,
      kit: body.kit,
      kitKey: String(body.kitKey),
    };
    return this.signedIn(body.password);
  }

  #putRoster(body: Json): null {
    const roster = body.roster as EnvelopeJson;
    const { version, previous } = JSON.parse(new TextDecoder().decode(payloadOf(roster))) as { version: number; previous: string };
    if (version !== this.rosters.length + 1 || previous !== digestHex(payloadOf(this.rosters.at(-1)!))) throw new Refused(409, "conflict");
    this.rosters.push(roster);
    this.keyWraps.push(...(body.keyWraps as Json[]));
    return null;
  }

  #links(device: string, query: URLSearchParams): Json {
    const chain = this.chains.get(device) ?? [];
    const last = chain.at(-1);
    const head = { nextIndex: chain.length, digest: last === undefined ? null : digestHex(payloadOf(last.link)) };
    const number = (name: string) => Number(query.get(name));
    const links = query.has("fromIndex")
      ? chain.slice(number("fromIndex"), number("toIndex"))
      : chain.filter(({ link }) => {
          const { startUs, endUs } = JSON.parse(new TextDecoder().decode(payloadOf(link))) as { startUs: number; endUs: number };
          return startUs < number("toUs") && endUs >= number("fromUs");
        });
    return { links, head, more: false };
  }

  #headers(id: string): Json {
    const recording = this.recordings.get(id);
    if (recording === undefined) throw new Refused(410, "erased");
    return {
      media: toBase64Url(recording.media.header),
      card: toBase64Url(recording.card.header),
      poster: toBase64Url(recording.poster.header),
    };
  }

  #command(envelope: Json): Json {
    this.commands.push(envelope);
    const command = JSON.parse(new TextDecoder().decode(payloadOf(envelope as unknown as EnvelopeJson))) as {
      command: string;
      device: string;
      targets?: { recording: string }[];
    };
    const gone = new Set(command.targets?.map(({ recording }) => recording));
    for (const entry of this.chains.get(command.device) ?? []) {
      const { recording } = JSON.parse(new TextDecoder().decode(payloadOf(entry.link))) as { recording?: string };
      if (recording !== undefined && gone.has(recording)) Object.assign(entry, { state: "erased", command: envelope });
    }
    return { command: command.command, outcome: { outcome: "done", reply: null }, keysDestroyed: gone.size, bytesGone: gone.size };
  }
}
