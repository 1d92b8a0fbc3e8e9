/** @file Tests of times and lengths in words. */
import { describe, expect, test } from "vitest";
import { bytes, clock, DAY_US, dayStart, daysAgo, duration, HOUR_US, zoneOffsetUs, type Locale } from "./clock.ts";

const at = (iso: string) => Date.parse(iso) * 1000;
const london: Locale = { language: "en", hourCycle: "h23", timeZone: "Europe/London" };
const plain = (text: string) => text.replaceAll(/\s/g, " ");

describe("clock", () => {
  test("a time is shown in the zone and with the clock of the person", () => {
    expect(clock(at("2026-07-01T12:03:22Z"), london)).toBe("13:03:22");
    expect(plain(clock(at("2026-07-01T12:03:22Z"), { ...london, hourCycle: "h12" }, "minute"))).toBe("1:03 PM");
  });
  test("midnight is 00, not 24", () => {
    expect(clock(at("2026-01-01T00:00:00Z"), london)).toBe("00:00:00");
  });
});

describe("days", () => {
  test("a day starts at local midnight", () => {
    expect(dayStart(at("2026-07-01T00:30:00Z"), "America/New_York")).toBe(at("2026-06-30T04:00:00Z"));
  });
  test("the day on which the clocks go forward has 23 hours and still starts at midnight", () => {
    const start = dayStart(at("2026-03-29T15:00:00Z"), "Europe/London");
    expect(start).toBe(at("2026-03-29T00:00:00Z"));
    expect(dayStart(start + DAY_US, "Europe/London") - start).toBe(23 * HOUR_US);
  });
  test("yesterday evening is one day ago, even if it was an hour ago", () => {
    expect(daysAgo(at("2026-06-30T22:50:00Z"), at("2026-06-30T23:10:00Z"), "Europe/London")).toBe(1);
  });
  test("offsets of half hours are right", () => {
    expect(zoneOffsetUs(at("2026-01-01T00:00:00Z"), "Asia/Kolkata")).toBe(5.5 * HOUR_US);
  });
});

describe("lengths and sizes", () => {
  test.each([
    [0, "0 seconds"],
    [1000, "1 second"],
    [61_000, "1 minute, 1 second"],
    [240_000, "4 minutes"],
    [3_600_000, "1 hour"],
    [4_359_000, "1 hour, 12 minutes"],
    [3_605_000, "1 hour"],
    [90_000_000, "1 day, 1 hour"],
  ])("%i ms is %s", (ms, words) => {
    expect(plain(duration(ms, "en"))).toBe(words);
  });
  test.each([
    [0, "0 bytes"],
    [999, "999 bytes"],
    [1000, "1 kB"],
    [1_449_000_000, "1.4 GB"],
    [999_950, "1 MB"],
    [123_400_000, "123 MB"],
  ])("%i bytes is %s", (count, words) => {
    expect(plain(bytes(count, "en"))).toBe(words);
  });
});
