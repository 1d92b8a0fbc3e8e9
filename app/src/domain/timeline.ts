/** @file The maths of the timeline: what is where on the strip, what is at a time, how it groups. Pure. */
import { DAY_US, HOUR_US, MINUTE_US, SECOND_US, zoneOffsetUs } from "./clock.ts";
import type { AlarmItem, GapItem, RecordingItem, Span, TimelineItem, TimeUs } from "./home.ts";

/** What the strip shows: the time under its middle, and how much time a pixel holds. */
export interface View {
  readonly centreUs: TimeUs;
  readonly usPerPx: number;
}

/** From a second over two thumbs' width to some days over a phone. */
export const MIN_US_PER_PX = 20_000;
export const MAX_US_PER_PX = 900 * SECOND_US;

export function timeAt(view: View, x: number, width: number): TimeUs {
  return Math.round(view.centreUs + (x - width / 2) * view.usPerPx);
}

export function xOf(view: View, atUs: TimeUs, width: number): number {
  return (atUs - view.centreUs) / view.usPerPx + width / 2;
}

export function visibleSpan(view: View, width: number): Span {
  return { fromUs: timeAt(view, 0, width), toUs: timeAt(view, width, width) };
}

/** Drags the strip by so many pixels: to the right goes back in time. */
export function pan(view: View, dx: number): View {
  return { ...view, centreUs: view.centreUs - dx * view.usPerPx };
}

/** Zooms and keeps the time under `x` where it is. A factor above 1 shows more time. */
export function zoom(view: View, factor: number, x: number, width: number): View {
  const usPerPx = Math.min(MAX_US_PER_PX, Math.max(MIN_US_PER_PX, view.usPerPx * factor));
  const anchorUs = view.centreUs + (x - width / 2) * view.usPerPx;
  return { usPerPx, centreUs: anchorUs - (x - width / 2) * usPerPx };
}

export function clampCentre(view: View, limits: Span): View {
  const centreUs = Math.min(limits.toUs, Math.max(limits.fromUs, view.centreUs));
  return centreUs === view.centreUs ? view : { ...view, centreUs };
}

const TICK_STEPS: readonly number[] = [
  SECOND_US, 2 * SECOND_US, 5 * SECOND_US, 10 * SECOND_US, 15 * SECOND_US, 30 * SECOND_US,
  MINUTE_US, 2 * MINUTE_US, 5 * MINUTE_US, 10 * MINUTE_US, 15 * MINUTE_US, 30 * MINUTE_US,
  HOUR_US, 2 * HOUR_US, 3 * HOUR_US, 6 * HOUR_US, 12 * HOUR_US, DAY_US,
];

export interface Tick {
  readonly atUs: TimeUs;
  /** A midnight: labelled with the day. */
  readonly isDay: boolean;
}

/** Marks at round local times, at least so many pixels apart. */
export function ticks(view: View, width: number, minGapPx: number, timeZone?: string): { readonly stepUs: number; readonly ticks: readonly Tick[] } {
  const stepUs = TICK_STEPS.find((step) => step / view.usPerPx >= minGapPx) ?? DAY_US;
  const { fromUs, toUs } = visibleSpan(view, width);
  const offset = zoneOffsetUs(view.centreUs, timeZone);
  const marks: Tick[] = [];
  for (let at = Math.ceil((fromUs + offset) / stepUs) * stepUs - offset; at <= toUs; at += stepUs) {
    marks.push({ atUs: at, isDay: (at + offset) % DAY_US === 0 });
  }
  return { stepUs, ticks: marks };
}

/** How far one press of an arrow goes at this zoom: a tenth of what a phone shows, on a round number. */
export function keyStepUs(view: View): number {
  const wanted = view.usPerPx * 36;
  return TICK_STEPS.findLast((step) => step <= wanted) ?? SECOND_US;
}

/** Recordings this near to each other are one run to the eye. */
const SEAM_US = 1.5 * SECOND_US;

export interface Run extends Span {
  readonly recordings: readonly RecordingItem[];
}

/** Recordings that follow each other without a gap, joined. */
export function runsOf(items: readonly TimelineItem[]): readonly Run[] {
  const runs: { fromUs: TimeUs; toUs: TimeUs; recordings: RecordingItem[] }[] = [];
  for (const item of items) {
    if (item.kind !== "recording") continue;
    const last = runs.at(-1);
    if (last !== undefined && item.startUs - last.toUs <= SEAM_US) {
      last.toUs = Math.max(last.toUs, item.endUs);
      last.recordings.push(item);
    } else {
      runs.push({ fromUs: item.startUs, toUs: item.endUs, recordings: [item] });
    }
  }
  return runs;
}

export function endOf(item: TimelineItem, nowUs: TimeUs): TimeUs {
  return item.endUs ?? nowUs;
}

/** Index of the last item that starts at or before, or -1. Items are sorted by start. */
export function lastStartingBy(items: readonly { readonly startUs: TimeUs }[], atUs: TimeUs): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((items[middle]?.startUs ?? Infinity) <= atUs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** What is at a time: bridges the seams between recordings of one run. */
export function itemAt(items: readonly TimelineItem[], atUs: TimeUs, nowUs: TimeUs): TimelineItem | null {
  const item = items[lastStartingBy(items, atUs)];
  if (item === undefined) return null;
  const seam = item.kind === "recording" ? SEAM_US : 0;
  return atUs < endOf(item, nowUs) + seam ? item : null;
}

/** The recording whose poster stands for a time: the one there, else the nearest. */
export function posterFor(items: readonly TimelineItem[], atUs: TimeUs): RecordingItem | null {
  const index = lastStartingBy(items, atUs);
  for (let distance = 0; distance < 8; distance += 1) {
    for (const candidate of [items[index - distance], items[index + 1 + distance]]) {
      if (candidate?.kind === "recording" && candidate.hasPoster) return candidate;
    }
  }
  return null;
}

/** Posters to open before the finger gets there: ahead in the direction of the movement, a few behind. */
export function postersAhead(items: readonly TimelineItem[], view: View, direction: -1 | 0 | 1, count: number): readonly RecordingItem[] {
  const spacingUs = Math.max(view.usPerPx * 24, 1);
  const wanted: RecordingItem[] = [];
  const seen = new Set<string>();
  for (let i = 0; i < count; i += 1) {
    const behind = i % 4 === 3;
    const sign = direction === 0 ? (i % 2 === 0 ? 1 : -1) : behind ? -direction : direction;
    const item = posterFor(items, view.centreUs + sign * spacingUs * (direction === 0 ? Math.ceil(i / 2) : i));
    if (item !== null && !seen.has(item.id)) {
      seen.add(item.id);
      wanted.push(item);
    }
  }
  return wanted;
}

/** Puts newly loaded items in: everything inside the loaded span is replaced. */
export function mergeSlice(before: readonly TimelineItem[], span: Span, slice: readonly TimelineItem[]): readonly TimelineItem[] {
  const key = (item: TimelineItem) => `${item.kind}:${item.startUs}`;
  const fresh = new Set(slice.map(key));
  const kept = before.filter((item) => (item.startUs < span.fromUs || item.startUs >= span.toUs) && !fresh.has(key(item)));
  return [...kept, ...slice].sort((a, b) => a.startUs - b.startUs);
}

/** Aligned pieces in which the timeline is loaded. */
export const PIECE_US = 6 * HOUR_US;

export function piecesOf(span: Span): readonly number[] {
  const first = Math.floor(span.fromUs / PIECE_US);
  const last = Math.floor((span.toUs - 1) / PIECE_US);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
}

/** Numbers that follow one another, as runs. `ascending` is in order. */
export function consecutive(ascending: readonly number[]): readonly { readonly from: number; readonly to: number }[] {
  const runs: { from: number; to: number }[] = [];
  for (const number of ascending) {
    const last = runs.at(-1);
    if (last?.to === number - 1) last.to = number;
    else runs.push({ from: number, to: number });
  }
  return runs;
}

export interface HourGroup {
  readonly startUs: TimeUs;
  readonly recordings: readonly RecordingItem[];
  readonly interruptions: readonly (GapItem | AlarmItem)[];
  readonly recordedMs: number;
}

/** The list beside the strip: one group per local hour in which something is, newest first. */
export function hoursOf(items: readonly TimelineItem[], span: Span, timeZone?: string): readonly HourGroup[] {
  const groups = new Map<number, { recordings: RecordingItem[]; interruptions: (GapItem | AlarmItem)[] }>();
  for (const item of items) {
    if (item.startUs < span.fromUs || item.startUs >= span.toUs) continue;
    const offset = zoneOffsetUs(item.startUs, timeZone);
    const hour = Math.floor((item.startUs + offset) / HOUR_US) * HOUR_US - offset;
    const group = groups.get(hour) ?? { recordings: [], interruptions: [] };
    groups.set(hour, group);
    if (item.kind === "recording") group.recordings.push(item);
    else group.interruptions.push(item);
  }
  return [...groups]
    .sort(([a], [b]) => b - a)
    .map(([startUs, group]) => ({
      startUs,
      ...group,
      recordedMs: group.recordings.reduce((sum, item) => sum + (item.endUs - item.startUs) / 1000, 0),
    }));
}

/** A span of which either end may have been moved past the other. */
export function orderedSpan(aUs: TimeUs, bUs: TimeUs): Span {
  return { fromUs: Math.min(aUs, bUs), toUs: Math.max(aUs, bUs) };
}
