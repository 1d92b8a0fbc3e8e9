/** @file The one way to the vault: what goes out with a request, and what every kind of answer becomes. */
import { describe, expect, test } from "vitest";
import { readEvents } from "./events";
import { readProblem } from "./problem";
import { Transport } from "./transport";
import { Vault } from "./vault";

interface Sent {
  readonly path: string;
  readonly init: RequestInit;
}

function transport(answer: () => Response | Promise<Response>) {
  const sent: Sent[] = [];
  const told: string[] = [];
  const made = new Transport({
    fetch: async (path, init = {}) => {
      sent.push({ path, init });
      return answer();
    },
    onSignedOut: () => told.push("signed-out"),
    onReached: (isReached) => told.push(isReached ? "reached" : "lost"),
  });
  return { transport: made, sent, told };
}

const problem = (status: number, code: string, more: object = {}) => Response.json({ code, status, ...more }, { status });

describe("requests", () => {
  test("a guarded vault is shown work once, and is not worked for twice", async () => {
    const sent: RequestInit[] = [];
    const guarded = problem(428, "proof-of-work-needed", { proofOfWork: { challenge: "c", bits: 3 } });
    const on = new Transport({
      fetch: (_path, init = {}) => {
        sent.push(init);
        return Promise.resolve(guarded.clone());
      },
      onWork: (challenge, bits) => Promise.resolve(`${challenge}.${bits}`),
    });
    expect((await on.json("/api/v1/login/start", { method: "POST" })).ok).toBe(false);
    expect(sent.map(({ headers }) => (headers as Record<string, string>)["eaves-work"])).toEqual([undefined, "c.3"]);
  });

  test("a change carries the header that no foreign page can send, a question does not", async () => {
    const { transport: on, sent } = transport(() => new Response(null, { status: 204 }));
    await on.json("/api/v1/logout", { method: "POST" });
    await on.json("/api/v1/state");
    expect(sent[0]?.init.headers).toEqual({ "x-eaves": "1" });
    expect(sent[1]?.init.headers).toEqual({});
    for (const { init } of sent) expect(init).toMatchObject({ mode: "same-origin", redirect: "error", cache: "no-store", credentials: "same-origin" });
  });

  test("a range is asked for by its first and last byte", async () => {
    const { transport: on, sent } = transport(() => new Response(new Uint8Array(4), { status: 206, headers: { "content-range": "bytes 16-19/99" } }));
    const piece = await on.octets("/part", { range: { from: 16, to: 20 } });
    expect(new Headers(sent[0]?.init.headers).get("range")).toBe("bytes=16-19");
    expect(piece).toMatchObject({ ok: true, value: { totalBytes: 99 } });
  });

  test("every route stays within the app's own prefix", async () => {
    const paths: string[] = [];
    const vault = new Vault({
      fetch: (path) => {
        paths.push(path);
        return Promise.resolve(new Response("{}"));
      },
    });
    await vault.state();
    await vault.endSession("../../hub/v1/x");
    await vault.part("a".repeat(32), "media");
    for (const path of paths) expect(new URL(path, "http://vault").pathname).toMatch(/^\/api\/v1\//);
  });
});

describe("answers", () => {
  test("nothing, JSON and nonsense", async () => {
    expect(await transport(() => new Response(null, { status: 204 })).transport.json("/x")).toEqual({ ok: true, value: null });
    expect(await transport(() => Response.json({ a: 1 })).transport.json("/x")).toEqual({ ok: true, value: { a: 1 } });
    expect(await transport(() => new Response("<html>")).transport.json("/x")).toMatchObject({ problem: { code: "unexpected" } });
  });

  test("no answer is a vault that cannot be reached, an aborted one was cancelled", async () => {
    const { transport: on, told } = transport(() => Promise.reject(new TypeError("network")));
    expect(await on.json("/x")).toEqual({ ok: false, problem: { code: "vault-unreachable" } });
    expect(told).toEqual(["lost"]);
    const stop = new AbortController();
    stop.abort();
    expect(await on.json("/x", { signal: stop.signal })).toEqual({ ok: false, problem: { code: "cancelled" } });
  });

  test("a session that ended is told to whoever listens", async () => {
    const { transport: on, told } = transport(() => problem(401, "signed-out"));
    expect(await on.json("/x")).toEqual({ ok: false, problem: { code: "signed-out" } });
    expect(told).toEqual(["reached", "signed-out"]);
  });

  test("a wrong password is not an ended session", async () => {
    const { transport: on, told } = transport(() => problem(401, "sign-in-failed"));
    expect(await on.json("/x")).toEqual({ ok: false, problem: { code: "name-or-password-wrong" } });
    expect(told).toEqual(["reached"]);
  });

  test("waiting times are taken over when they make sense", () => {
    expect(readProblem(429, { code: "too-many-attempts", retryAfterS: 30 }, 1_000_000)).toEqual({ code: "too-many-tries", retryAtUs: 31_000_000 });
    for (const retryAfterS of [-1, 1e9, "30"]) expect(readProblem(429, { code: "too-many-attempts", retryAfterS }, 0)).toEqual({ code: "too-many-tries" });
  });

  test("a code that is no code does not reach the screen", () => {
    expect(readProblem(500, { code: "<b>no</b>" }, 0)).toEqual({ code: "unexpected", detail: "500" });
    expect(readProblem(502, null, 0)).toEqual({ code: "vault-unreachable" });
  });
});

describe("events", () => {
  const read = async (pieces: readonly string[]) => {
    const events: unknown[] = [];
    const stream = new ReadableStream<Uint8Array>({
      start(control) {
        for (const piece of pieces) control.enqueue(new TextEncoder().encode(piece));
        control.close();
      },
    });
    await readEvents(stream, (event) => events.push(event));
    return events;
  };
  test("are read across pieces, with comments and nonsense left out", async () => {
    expect(await read(['data: {"a"', ':1}\n', "\n: keep-alive\n\n", "data: nonsense\n\n", 'event: x\r\ndata:{"b":2}\r\n\r\n', "data: {"])).toEqual([{ a: 1 }, { b: 2 }]);
  });
});
