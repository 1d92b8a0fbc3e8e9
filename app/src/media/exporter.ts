/**
 * @file A span of recordings as one MP4 file: an init segment, then the fragments with times and numbers of their own.
 *
 * Nothing is re-encoded. Gaps are left out, so the file runs through. Where the camera's format changed there can be no
 * one file: the export ends there, and its span says so.
 */
import type { ExportedFile, Outcome, Progress, Span } from "../domain/home";
import { fail, succeed } from "../api/problem";
import type { Bytes } from "../crypto/bytes";
import type { RecordingLink } from "../crypto/link";
import { findBoxes, viewOf } from "./boxes";
import { runsOf, tracksOf, type Track } from "./movie";
import { RecordingMedia, type Source } from "./recordingMedia";

export interface ExportJob {
  readonly source: Source;
  /** In order of time. */
  readonly links: readonly RecordingLink[];
  readonly span: Span;
  readonly onProgress: (progress: Progress) => void;
  readonly signal: AbortSignal;
}

/** What has been written so far. */
interface Tape {
  readonly parts: (Bytes | Blob)[];
  readonly init: Bytes;
  readonly tracks: readonly Track[];
  sequence: number;
  lengthMs: number;
  fromUs: number | null;
  toUs: number;
  gapCount: number;
}

const GAP_MS = 250;
const PIECES_MAX = 64;

export async function exportSpan(job: ExportJob): Promise<Outcome<ExportedFile>> {
  let tape: Tape | null = null;
  let done = 0;
  for (const link of job.links) {
    if (job.signal.aborted) return fail("cancelled");
    const media = await RecordingMedia.open(job.source, link, job.signal);
    if (!media.ok) return media;
    tape ??= newTape(media.value);
    const isSame = sameBytes(tape.init, media.value.init);
    const copied = isSame ? await copyFragments(tape, media.value, job) : succeed(undefined);
    media.value.close();
    if (!copied.ok) return copied;
    if (!isSame) break;
    done += 1;
    job.onProgress({ fraction: done / job.links.length });
  }
  if (tape?.fromUs == null) return fail("not-found");
  const span = { fromUs: tape.fromUs, toUs: tape.toUs };
  return succeed({ blob: new Blob(tape.parts, { type: "video/mp4" }), span, gapCount: tape.gapCount });
}

function newTape({ init }: RecordingMedia): Tape {
  return { parts: [init], init, tracks: tracksOf(init), sequence: 1, lengthMs: 0, fromUs: null, toUs: 0, gapCount: 0 };
}

/** Whole fragments: the first starts at the keyframe at or before the span. */
async function copyFragments(tape: Tape, media: RecordingMedia, { span, signal }: ExportJob): Promise<Outcome<void>> {
  const { link, index } = media;
  for (const [place, { startMs, durationMs }] of index.fragments.entries()) {
    const startUs = link.startUs + startMs * 1000;
    const endUs = startUs + durationMs * 1000;
    if (endUs <= span.fromUs || startUs >= span.toUs) continue;
    const fragment = await media.fragment(place, signal);
    if (!fragment.ok) return fragment;
    if (tape.fromUs !== null && startUs - tape.toUs > GAP_MS * 1000) tape.gapCount += 1;
    tape.fromUs ??= startUs;
    rewrite(fragment.value, tape, startMs);
    tape.parts.push(fragment.value);
    tape.toUs = endUs;
    tape.lengthMs += durationMs;
    // Many small pieces become one blob, which the browser may keep where it likes: memory stays bounded.
    if (tape.parts.length > PIECES_MAX) tape.parts.splice(0, tape.parts.length, new Blob(tape.parts));
  }
  return succeed(undefined);
}

/** Sets sequence number and decode times so that the fragment follows what is on the tape. */
function rewrite(fragment: Bytes, tape: Tape, startMs: number): void {
  const view = viewOf(fragment);
  for (const mfhd of findBoxes(fragment, "moof/mfhd")) view.setUint32(mfhd.body + 4, tape.sequence++);
  const shiftMs = tape.lengthMs - startMs;
  for (const run of runsOf(fragment)) {
    const timescale = tape.tracks.find(({ id }) => id === run.trackId)?.timescale ?? 1000;
    const time = Math.max(0, run.decodeTime + Math.round((shiftMs * timescale) / 1000));
    if (run.isDecodeTimeLong) view.setBigUint64(run.decodeTimeAt, BigInt(time));
    else view.setUint32(run.decodeTimeAt, time);
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
