/** @file Erasing: signed wishes over verified links, and what the vault says about how far they are. */
import type { EraseProgress, EraseReach, EraseResult, Outcome } from "../domain/home";
import { succeed } from "../api/problem";
import type { Vault } from "../api/vault";
import type { ChainLink } from "../crypto/chain";
import { signErase, type EraseTarget } from "../crypto/command";
import type { RecordingLink } from "../crypto/link";
import { awaitCommand } from "./commands";
import type { Household } from "./household";

/**
 * Recordings per command. The format allows 2 000, but the vault shows the whole command beside each link that it
 * erased, so a timeline of erased recordings grows with the square of this.
 */
const TARGETS_PER_COMMAND = 100;
const PATIENCE_MS = 60_000;

export interface ErasableRecording {
  readonly link: RecordingLink;
  readonly digest: string;
}

/** The recordings among verified links that are still there. */
export function erasable(links: readonly ChainLink[]): readonly ErasableRecording[] {
  return links.flatMap(({ link, digest, state }) => (link.kind === "recording" && state === "kept" ? [{ link, digest }] : []));
}

export function reachOf(recordings: readonly ErasableRecording[]): EraseReach {
  const links = recordings.map(({ link }) => link);
  const fromUs = Math.min(...links.map(({ startUs }) => startUs));
  const toUs = Math.max(...links.map(({ endUs }) => endUs));
  return {
    recordingCount: links.length,
    durationMs: links.reduce((sum, { startUs, endUs }) => sum + (endUs - startUs) / 1000, 0),
    sizeBytes: sizeOf(recordings),
    span: links.length === 0 ? null : { fromUs, toUs },
  };
}

export interface EraseJob {
  readonly vault: Vault;
  readonly household: Household;
  readonly device: string;
  readonly recordings: readonly ErasableRecording[];
  readonly nowUs: () => number;
  readonly onProgress: (progress: EraseProgress) => void;
}

export async function eraseRecordings(job: EraseJob): Promise<Outcome<EraseResult>> {
  const { vault, household, device, recordings, nowUs, onProgress } = job;
  const total = recordings.length;
  const by = { ...household.place, key: household.keys.signing };
  let done = 0;
  let isHubLate = false;
  const startedUs = nowUs();
  onProgress({ phase: "keys", done: 0, total });
  for (let from = 0; from < total; from += TARGETS_PER_COMMAND) {
    const targets = recordings.slice(from, from + TARGETS_PER_COMMAND).map((one): EraseTarget => ({ recording: one.link.recording, link: one.digest }));
    const command = signErase(by, nowUs(), device, targets);
    const ended = await awaitCommand(vault, command, {
      patienceMs: PATIENCE_MS,
      onState: ({ keysDestroyed, bytesGone }) => {
        const isKeysOnly = bytesGone < keysDestroyed || keysDestroyed < targets.length;
        onProgress({ phase: isKeysOnly ? "keys" : "confirming", done: Math.min(total, done + keysDestroyed), total });
      },
      // The vault's part is done when every key is destroyed and every byte is gone; the hub's may come later.
      isEnough: ({ keysDestroyed, bytesGone }) => keysDestroyed >= targets.length && bytesGone >= targets.length,
    });
    if (!ended.ok) return ended;
    isHubLate ||= ended.value.outcome === null;
    done += targets.length;
    onProgress({ phase: "bytes", done, total });
  }
  const late = isHubLate ? [{ holder: "hub-spool" as const, sinceUs: startedUs }] : [];
  return succeed({ recordingCount: total, sizeBytes: sizeOf(recordings), late });
}

function sizeOf(recordings: readonly ErasableRecording[]): number {
  return recordings.reduce((sum, { link }) => sum + link.parts.reduce((bytes, { bodyBytes }) => bytes + bodyBytes, 0), 0);
}
