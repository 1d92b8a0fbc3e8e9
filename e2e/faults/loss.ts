/** @file What was lost: the ledger of the camera against the pictures that the archive shows. */

import { readFileSync } from "node:fs";
import type { Link } from "./archive.ts";

export interface Sent {
  readonly path: string;
  readonly session: string;
  readonly number: number;
  readonly isKey: boolean;
  readonly bytes: number;
  readonly ms: number;
}

/** One viewer's connection, in order. */
export interface Session {
  readonly path: string;
  readonly name: string;
  readonly pictures: readonly Sent[];
}

export function readLedger(file: string): Session[] {
  const sessions = new Map<string, Sent[]>();
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const [path = "", session = "", number, isKey, bytes, ms] = line.split(" ");
    if (ms === undefined) continue;
    const sent = { path, session, number: Number(number), isKey: isKey === "1", bytes: Number(bytes), ms: Number(ms) };
    const list = sessions.get(session);
    if (list === undefined) sessions.set(session, [sent]);
    else list.push(sent);
  }
  return [...sessions].map(([name, pictures]) => ({ path: pictures[0]?.path ?? "", name, pictures }));
}

/** The largest group of pictures that the cameras sent, in bytes. */
export function largestGop(sessions: readonly Session[]): number {
  let largest = 0;
  for (const { pictures } of sessions) {
    let gop = 0;
    for (const { isKey, bytes } of pictures) {
      gop = isKey ? bytes : gop + bytes;
      largest = Math.max(largest, gop);
    }
  }
  return largest;
}

export interface Loss {
  readonly session: string;
  readonly path: string;
  /** Pictures, bytes and keyframes that were sent before the fault and are not kept. */
  readonly pictures: number;
  readonly bytes: number;
  readonly keyframes: number;
  readonly kept: number;
}

export interface Losses {
  readonly losses: readonly Loss[];
  /** What cannot be by any loss: pictures nobody sent, kept twice, out of order, or missing in the middle. */
  readonly problems: readonly string[];
}

/** What was lost of each session. `until` says up to when pictures count as sent, for a session that a fault ended. */
export function losses(sessions: readonly Session[], chain: readonly Link[], until: (session: Session) => number): Losses {
  const kept = new Map<string, number[]>();
  for (const picture of chain.flatMap((link) => link.pictures)) {
    const [session = "", number = ""] = picture.split(" ");
    const list = kept.get(session);
    if (list === undefined) kept.set(session, [Number(number)]);
    else list.push(Number(number));
  }
  const problems: string[] = [];
  for (const session of kept.keys())
    if (!sessions.some(({ name }) => name === session)) problems.push(`pictures of ${session}, which no camera sent`);
  const found = sessions.map((session) => {
    const numbers = kept.get(session.name) ?? [];
    // From the first picture on, without a hole: only the end may be missing.
    const wrong = numbers.findIndex((number, at) => number !== at);
    if (wrong >= 0) problems.push(`${session.path} ${session.name}: picture ${String(numbers[wrong])} stands where ${String(wrong)} should`);
    const end = until(session);
    const lost = session.pictures.slice(numbers.length).filter(({ ms }) => ms <= end);
    return {
      session: session.name,
      path: session.path,
      pictures: lost.length,
      bytes: lost.reduce((sum, { bytes }) => sum + bytes, 0),
      keyframes: lost.filter(({ isKey }) => isKey).length,
      kept: numbers.length,
    };
  });
  return { losses: found, problems };
}
