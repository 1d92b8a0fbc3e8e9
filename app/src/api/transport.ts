/**
 * @file The one way to the vault: requests of the app's own origin, with the header that no foreign page can send.
 *
 * Every answer is a value. What an answer holds is `unknown`: the vault is not believed, so whoever asked reads it strictly.
 */
import type { Outcome } from "../domain/home";
import { fail, readProblem, succeed } from "./problem";

const CSRF_HEADER = "x-eaves";
const ANSWER_MS_MAX = 30_000;
/** `docs/spec/proof-of-work.md`. */
const WORK_HEADER = "eaves-work";
const WORK_NEEDED = 428;

export type Fetch = (input: string, init?: RequestInit) => Promise<Response>;

export interface TransportOptions {
  readonly fetch?: Fetch;
  /** Called whenever an answer says that there is no session. */
  readonly onSignedOut?: () => void;
  /** Called with every answer and every failure to get one. */
  readonly onReached?: (isReached: boolean) => void;
  /** Does the work that a guarded vault asks for; gives the header that shows it, or null. */
  readonly onWork?: (challenge: string, bits: number) => Promise<string | null>;
  /** Asks the person for a fresh proof; whether there is one now, and what was asked is worth asking again. */
  readonly onStepUp?: () => Promise<boolean>;
  /** What the vault's clock said, and this clock at that moment, in milliseconds. */
  readonly onClock?: (vaultMs: number, hereMs: number) => void;
}

export interface Ask {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly body?: object;
  readonly signal?: AbortSignal;
  readonly range?: { readonly from: number; readonly to: number };
}

/** A piece of a body: the bytes asked for, and how long the whole is said to be. */
export interface Piece {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly totalBytes: number;
}

export class Transport {
  readonly #options: TransportOptions;
  readonly #fetch: Fetch;

  constructor(options: TransportOptions = {}) {
    this.#options = options;
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init));
  }

  /** Asks for JSON. An empty answer is null. */
  async json(path: string, ask: Ask = {}): Promise<Outcome<unknown>> {
    const answer = await this.#ask(path, ask);
    if (!answer.ok) return answer;
    try {
      const text = await answer.value.text();
      return succeed(text === "" ? null : (JSON.parse(text) as unknown));
    } catch {
      return ask.signal?.aborted === true ? fail("cancelled") : fail("unexpected", "answer is not JSON");
    }
  }

  /** Asks for octets, whole or in part. */
  async octets(path: string, ask: Ask = {}): Promise<Outcome<Piece>> {
    const answer = await this.#ask(path, ask);
    if (!answer.ok) return answer;
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = new Uint8Array(await answer.value.arrayBuffer());
    } catch {
      return ask.signal?.aborted === true ? fail("cancelled") : fail("vault-unreachable");
    }
    if (ask.range === undefined) return succeed({ bytes, totalBytes: bytes.length });
    if (answer.value.status === 200) return succeed({ bytes: bytes.slice(ask.range.from, ask.range.to), totalBytes: bytes.length });
    const total = /^bytes \d+-\d+\/(\d+)$/.exec(answer.value.headers.get("content-range") ?? "")?.[1];
    return total === undefined ? fail("unexpected", "range without its total") : succeed({ bytes, totalBytes: Number(total) });
  }

  /** Opens an answer that goes on and on. */
  async stream(path: string, signal: AbortSignal): Promise<Outcome<ReadableStream<Uint8Array>>> {
    const answer = await this.#ask(path, { signal }, null);
    if (!answer.ok) return answer;
    return answer.value.body === null ? fail("unexpected", "empty stream") : succeed(answer.value.body);
  }

  async #ask(path: string, ask: Ask, answerMsMax: number | null = ANSWER_MS_MAX): Promise<Outcome<Response>> {
    const answer = await this.#askOnce(path, ask, answerMsMax);
    if (answer.ok || answer.problem.code !== "step-up-needed" || this.#options.onStepUp === undefined) return answer;
    return (await this.#options.onStepUp()) ? this.#askOnce(path, ask, answerMsMax) : fail("cancelled");
  }

  async #askOnce(path: string, ask: Ask, answerMsMax: number | null, work: string | null = null): Promise<Outcome<Response>> {
    const method = ask.method ?? "GET";
    const headers: Record<string, string> = {};
    if (work !== null) headers[WORK_HEADER] = work;
    if (method !== "GET") headers[CSRF_HEADER] = "1";
    if (ask.body !== undefined) headers["content-type"] = "application/json";
    if (ask.range !== undefined) headers.range = `bytes=${ask.range.from}-${ask.range.to - 1}`;
    const limits = [ask.signal, answerMsMax === null ? undefined : AbortSignal.timeout(answerMsMax)].filter((one) => one !== undefined);
    const askedMs = Date.now();
    let answer: Response;
    try {
      answer = await this.#fetch(path, {
        method,
        headers,
        credentials: "same-origin",
        mode: "same-origin",
        redirect: "error",
        cache: "no-store",
        referrerPolicy: "no-referrer",
        signal: AbortSignal.any(limits),
        ...(ask.body === undefined ? {} : { body: JSON.stringify(ask.body) }),
      });
    } catch {
      if (ask.signal?.aborted === true) return fail("cancelled");
      this.#options.onReached?.(false);
      return fail("vault-unreachable");
    }
    this.#options.onReached?.(true);
    this.#tellClock(answer, askedMs);
    if (answer.ok) return succeed(answer);
    const body: unknown = await answer.json().catch(() => null);
    const wanted = work === null && answer.status === WORK_NEEDED ? workIn(body) : null;
    if (wanted !== null) {
      const shown = await this.#options.onWork?.(wanted.challenge, wanted.bits);
      if (typeof shown === "string") return this.#askOnce(path, ask, answerMsMax, shown);
    }
    const problem = readProblem(answer.status, body, Date.now() * 1000);
    if (problem.code === "signed-out") this.#options.onSignedOut?.();
    return { ok: false, problem };
  }

  #tellClock(answer: Response, askedMs: number): void {
    const said = Date.parse(answer.headers.get("date") ?? "");
    if (!Number.isNaN(said)) this.#options.onClock?.(said + 500, (askedMs + Date.now()) / 2);
  }
}

function workIn(body: unknown): { readonly challenge: string; readonly bits: number } | null {
  const { proofOfWork } = (typeof body === "object" && body !== null ? body : {}) as { proofOfWork?: unknown };
  const { challenge, bits } = (typeof proofOfWork === "object" && proofOfWork !== null ? proofOfWork : {}) as { challenge?: unknown; bits?: unknown };
  return typeof challenge === "string" && typeof bits === "number" ? { challenge, bits } : null;
}
