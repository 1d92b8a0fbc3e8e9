/** @file The vault's event stream (server-sent events), reconnected with growing pauses for as long as it is wanted. */
import type { Problem } from "../domain/home";
import type { Transport } from "./transport";

const PATH = "/api/v1/events";
const PAUSE_MS_MIN = 500;
const PAUSE_MS_MAX = 30_000;

export interface EventsListener {
  /** One event as it came. */
  onEvent(event: unknown): void;
  /** The stream is open again: what happened meanwhile is unknown, read everything anew. */
  onOpen(): void;
  onProblem(problem: Problem): void;
}

export interface EventsStream {
  /** Do not wait for the next try. */
  retryNow(): void;
  close(): void;
}

/** Listens until closed. Ends by itself only when the session has ended. */
export function listenToEvents(transport: Transport, listener: EventsListener): EventsStream {
  const stop = new AbortController();
  let wake: () => void = () => undefined;
  void listen();
  return {
    retryNow: () => wake(),
    close: () => {
      stop.abort();
      wake();
    },
  };

  async function listen(): Promise<void> {
    let pauseMs = PAUSE_MS_MIN;
    while (!stop.signal.aborted) {
      const opened = await transport.stream(PATH, stop.signal);
      if (opened.ok) {
        pauseMs = PAUSE_MS_MIN;
        listener.onOpen();
        await readEvents(opened.value, (event) => listener.onEvent(event));
        if (!isStopped()) listener.onProblem({ code: "vault-unreachable" });
      } else if (!isStopped()) {
        listener.onProblem(opened.problem);
        if (opened.problem.code === "signed-out") return;
      }
      if (isStopped()) return;
      await pause(pauseMs * (0.5 + jitter()));
      pauseMs = Math.min(pauseMs * 2, PAUSE_MS_MAX);
    }
  }

  function isStopped(): boolean {
    return stop.signal.aborted;
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Not for anything secret: spreads the clients of a vault that came back. */
function jitter(): number {
  return (performance.now() % 97) / 97;
}

/** Reads a stream of events until it ends, breaks or is aborted. What is not JSON is skipped. */
export async function readEvents(stream: ReadableStream<Uint8Array>, onEvent: (event: unknown) => void): Promise<void> {
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  let pending = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      pending += decoder.decode(value, { stream: true });
      const blocks = pending.split(/\r?\n\r?\n/);
      pending = blocks.pop() ?? "";
      for (const block of blocks) deliver(block, onEvent);
    }
  } catch {
    // The connection broke: the caller reconnects.
  } finally {
    reader.releaseLock();
  }
}

function deliver(block: string, onEvent: (event: unknown) => void): void {
  const data = block
    .split(/\r?\n/)
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice(5).replace(/^ /, ""))
    .join("\n");
  if (data === "") return;
  let event: unknown;
  try {
    event = JSON.parse(data);
  } catch {
    return;
  }
  onEvent(event);
}
