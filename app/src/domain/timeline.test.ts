/** @file Tests of the timeline's maths. */
import { describe, expect, test } from "vitest";
import { DAY_US, HOUR_US, MINUTE_US, SECOND_US } from "./clock.ts";
import type { GapItem, RecordingId, RecordingItem, TimelineItem } from "./home.ts";
import {
  clampCentre, consecutive, hoursOf, itemAt, keyStepUs, lastStartingBy, MAX_US_PER_PX, mergeSlice, MIN_US_PER_PX, pan, PIECE_US, piecesOf, posterFor, postersAhead, runsOf, ticks, timeAt, visibleSpan, xOf, zoom,
} from "./timeline.ts";

const T0 = Date.parse("2026-06-30T12:00:00Z") * 1000;
const recording = (startUs: number, seconds = 60, more: Partial<RecordingItem> = {}): RecordingItem => ({
  kind: "recording", id: `r${startUs}` as RecordingId, startUs, endUs: startUs + seconds * SECOND_US, sizeBytes: 1, hasPoster: true, isCut: false, ...more,
});
const gap = (startUs: number, endUs: number | null): GapItem => ({ kind: "gap", startUs, endUs, cause: "camera-stalled" });

describe("view", () => {
  const view = { centreUs: T0, usPerPx: SECOND_US };
  test("pixels and times are each other's inverse", () => {
    expect(timeAt(view, xOf(view, T0 + 42 * SECOND_US, 390), 390)).toBe(T0 + 42 * SECOND_US);
    expect(visibleSpan(view, 400)).toEqual({ fromUs: T0 - 200 * SECOND_US, toUs: T0 + 200 * SECOND_US });
  });
  test("dragging to the right goes back in time", () => {
    expect(pan(view, 10).centreUs).toBe(T0 - 10 * SECOND_US);
  });
  test("zooming keeps the time under the finger", () => {
    const before = timeAt(view, 300, 390);
    expect(timeAt(zoom(view, 3, 300, 390), 300, 390)).toBe(before);
  });
  test("zoom ends at seconds and at days", () => {
    expect(zoom(view, 1e-9, 0, 390).usPerPx).toBe(MIN_US_PER_PX);
    expect(zoom(view, 1e9, 0, 390).usPerPx).toBe(MAX_US_PER_PX);
    expect(MAX_US_PER_PX * 390).toBeGreaterThan(3 * DAY_US);
  });
  test("one cannot go past now or before the oldest", () => {
    const limits = { fromUs: T0 - HOUR_US, toUs: T0 + HOUR_US };
    expect(clampCentre({ ...view, centreUs: T0 + DAY_US }, limits).centreUs).toBe(limits.toUs);
    expect(clampCentre({ ...view, centreUs: T0 - DAY_US }, limits).centreUs).toBe(limits.fromUs);
    expect(clampCentre(view, limits)).toBe(view);
  });
  test("an arrow moves less the closer one looks", () => {
    expect(keyStepUs({ centreUs: T0, usPerPx: MIN_US_PER_PX })).toBe(SECOND_US);
    expect(keyStepUs({ centreUs: T0, usPerPx: 3 * SECOND_US })).toBe(MINUTE_US);
  });
});

describe("ticks", () => {
  test("marks stand at round local times and never closer than asked", () => {
    const { stepUs, ticks: marks } = ticks({ centreUs: T0, usPerPx: 3 * SECOND_US }, 390, 72, "Asia/Kolkata");
    expect(stepUs).toBe(5 * MINUTE_US);
    expect(marks.every(({ atUs }) => (atUs + 5.5 * HOUR_US) % stepUs === 0)).toBe(true);
  });
  test("local midnight is marked as a day", () => {
    const midnight = Date.parse("2026-06-30T23:00:00Z") * 1000;
    const { ticks: marks } = ticks({ centreUs: midnight, usPerPx: 60 * SECOND_US }, 390, 72, "Europe/London");
    expect(marks.filter(({ isDay }) => isDay).map(({ atUs }) => atUs)).toEqual([midnight]);
  });
});

describe("items", () => {
  const items: readonly TimelineItem[] = [
    recording(T0), recording(T0 + MINUTE_US), gap(T0 + 2 * MINUTE_US, T0 + 3 * MINUTE_US), recording(T0 + 3 * MINUTE_US), gap(T0 + 4 * MINUTE_US, null),
  ];
  const nowUs = T0 + 10 * MINUTE_US;
  test("recordings that follow each other are one run; a gap divides", () => {
    expect(runsOf(items).map(({ fromUs, toUs }) => [fromUs - T0, toUs - T0])).toEqual([[0, 2 * MINUTE_US], [3 * MINUTE_US, 4 * MINUTE_US]]);
  });
  test("finds what is at a time, and nothing before the first", () => {
    expect(itemAt(items, T0 - 1, nowUs)).toBeNull();
    expect(itemAt(items, T0 + 90 * SECOND_US, nowUs)).toBe(items[1]);
    expect(itemAt(items, T0 + 150 * SECOND_US, nowUs)).toBe(items[2]);
  });
  test("a gap that still goes on reaches until now and not beyond", () => {
    expect(itemAt(items, nowUs - 1, nowUs)).toBe(items[4]);
    expect(itemAt(items, nowUs + 1, nowUs)).toBeNull();
  });
  test("a seam of a second between recordings is no hole", () => {
    const seamed = [recording(T0), recording(T0 + 61 * SECOND_US)];
    expect(itemAt(seamed, T0 + 60.5 * SECOND_US, nowUs)).toBe(seamed[0]);
    expect(runsOf(seamed)).toHaveLength(1);
  });
  test("searches as a list would be searched", () => {
    const many = Array.from({ length: 1000 }, (_, i) => recording(T0 + i * MINUTE_US));
    for (const probe of [-1, 0, 1, 59, 60, 61, 12_345, 59_999, 60_000]) {
      const atUs = T0 + probe * SECOND_US;
      expect(lastStartingBy(many, atUs)).toBe(many.findLastIndex((item) => item.startUs <= atUs));
    }
  });
  test("a loaded piece replaces what was there and leaves the rest", () => {
    const span = { fromUs: T0 + MINUTE_US, toUs: T0 + 3 * MINUTE_US };
    const merged = mergeSlice(items, span, [gap(T0 + MINUTE_US, T0 + 3 * MINUTE_US)]);
    expect(merged.map(({ startUs }) => (startUs - T0) / MINUTE_US)).toEqual([0, 1, 3, 4]);
    expect(merged[1]?.kind).toBe("gap");
  });
  test("an item that reaches into a piece from before is not doubled", () => {
    const long = gap(T0 - HOUR_US, T0 + HOUR_US);
    expect(mergeSlice([long], { fromUs: T0, toUs: T0 + HOUR_US }, [long])).toEqual([long]);
  });
  test("pieces cover what is looked at", () => {
    const first = Math.floor(T0 / PIECE_US);
    expect(piecesOf({ fromUs: first * PIECE_US, toUs: (first + 2) * PIECE_US })).toEqual([first, first + 1]);
    expect(piecesOf({ fromUs: first * PIECE_US, toUs: (first + 2) * PIECE_US + 1 })).toEqual([first, first + 1, first + 2]);
  });
});

test("pieces that follow one another are one question", () => {
  expect(consecutive([])).toEqual([]);
  expect(consecutive([3, 4, 5, 9, 11, 12])).toEqual([{ from: 3, to: 5 }, { from: 9, to: 9 }, { from: 11, to: 12 }]);
});

describe("posters", () => {
  const many = Array.from({ length: 100 }, (_, i) => recording(T0 + i * MINUTE_US, 60, { hasPoster: i % 10 !== 3 }));
  test("a recording without a poster borrows that of its neighbour", () => {
    expect(posterFor(many, T0 + 3 * MINUTE_US + 1)?.hasPoster).toBe(true);
  });
  test("going back, most posters opened ahead are older", () => {
    const view = { centreUs: T0 + 50 * MINUTE_US, usPerPx: 3 * SECOND_US };
    const ahead = postersAhead(many, view, -1, 12);
    const older = ahead.filter(({ startUs }) => startUs <= view.centreUs);
    expect(older.length).toBeGreaterThan(ahead.length / 2);
    expect(new Set(ahead).size).toBe(ahead.length);
  });
});

describe("list", () => {
  test("hours are local, newest first, and add up", () => {
    const hours = hoursOf([recording(T0), recording(T0 + MINUTE_US), gap(T0 + 2 * MINUTE_US, T0 + 3 * MINUTE_US), recording(T0 + HOUR_US)], { fromUs: T0 - DAY_US, toUs: T0 + DAY_US }, "UTC");
    expect(hours.map(({ startUs }) => startUs)).toEqual([T0 + HOUR_US, T0]);
    expect(hours[1]).toMatchObject({ recordedMs: 120_000, interruptions: [{ kind: "gap" }] });
  });
});
