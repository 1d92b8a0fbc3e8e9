/** @file A child process whose output lines can be waited for, and that never outlives the test. */

import { spawn, type ChildProcess } from "node:child_process";

const alive = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of alive) child.kill("SIGKILL");
});

export interface Running {
  readonly pid: number;
  /** Everything printed so far, both streams. */
  output(): string;
  /** Standard output only. */
  stdout(): string;
  /** Resolves with the first match in the output, past or future. */
  waitFor(pattern: RegExp, timeoutMs?: number): Promise<RegExpMatchArray>;
  /** Resolves with the exit code, or the signal's name. */
  readonly exited: Promise<number | string>;
  /** Asks to stop (SIGTERM), then insists. */
  stop(graceMs?: number): Promise<number | string>;
  /** SIGKILL, as a power cut would. */
  kill(): Promise<void>;
  signal(name: NodeJS.Signals): void;
}

export interface StartOptions {
  readonly env?: Record<string, string>;
  readonly cwd?: string;
}

/** Starts `command`; its output is kept in memory and shown only when something fails. */
export function start(command: string, args: readonly string[], options: StartOptions = {}): Running {
  const child = spawn(command, args, {
    env: { ...process.env, ...options.env },
    cwd: options.cwd,
    stdio: ["ignore", "pipe", "pipe"],
  });
  alive.add(child);
  let out = "";
  let err = "";
  const listeners = new Set<() => void>();
  const notify = (): void => {
    for (const listener of [...listeners]) listener();
  };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
    notify();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
    notify();
  });
  let ended: number | string | null = null;
  const exited = new Promise<number | string>((resolve) => {
    child.on("error", (error) => {
      err += String(error);
      ended = "not-started";
      alive.delete(child);
      notify();
      resolve(ended);
    });
    child.on("close", (code, signal) => {
      ended = signal ?? code ?? 0;
      alive.delete(child);
      notify();
      resolve(ended);
    });
  });
  const output = (): string => out + err;

  return {
    pid: child.pid ?? -1,
    output,
    stdout: () => out,
    exited,
    waitFor: (pattern, timeoutMs = 30_000) =>
      new Promise((resolve, reject) => {
        const fail = (why: string): void => {
          done();
          reject(new Error(`${command}: ${why} while waiting for ${String(pattern)}\n${output().slice(-4000)}`));
        };
        const look = (): void => {
          const match = pattern.exec(output());
          if (match) {
            done();
            resolve(match);
          } else if (ended !== null) fail(`ended with ${String(ended)}`);
        };
        const timer = setTimeout(() => fail(`nothing after ${timeoutMs} ms`), timeoutMs);
        const done = (): void => {
          clearTimeout(timer);
          listeners.delete(look);
        };
        listeners.add(look);
        look();
      }),
    stop: async (graceMs = 15_000) => {
      if (ended === null) child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
      const code = await exited;
      clearTimeout(timer);
      return code;
    },
    kill: async () => {
      if (ended === null) child.kill("SIGKILL");
      await exited;
    },
    signal: (name) => void child.kill(name),
  };
}

/** Runs `command` to its end and returns what it printed; throws when it fails. */
export async function run(command: string, args: readonly string[], options: StartOptions = {}): Promise<string> {
  const running = start(command, args, options);
  const code = await running.exited;
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${String(code)}\n${running.output().slice(-4000)}`);
  return running.stdout();
}
