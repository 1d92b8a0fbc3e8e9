/** @file Times and lengths as people read them. Pure: the zone and the present are handed in. */
import type { TimeUs } from "./home.ts";

export const SECOND_US = 1_000_000;
export const MINUTE_US = 60 * SECOND_US;
export const HOUR_US = 60 * MINUTE_US;
export const DAY_US = 24 * HOUR_US;

export interface Locale {
  /** Language of the words, "en". */
  readonly language: string;
  /** Whether this person's clock says 14:00 or 2:00 PM. */
  readonly hourCycle: "h12" | "h23";
  /** IANA name; undefined: the zone of this device. */
  readonly timeZone?: string | undefined;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function format(atUs: TimeUs, locale: Locale, options: Intl.DateTimeFormatOptions): string {
  const key = JSON.stringify([locale, options]);
  let formatter = formatters.get(key);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat(locale.language, { ...options, hourCycle: locale.hourCycle, timeZone: locale.timeZone });
    formatters.set(key, formatter);
  }
  return formatter.format(atUs / 1000);
}

/** 14:03:22, or 14:03 when seconds do not matter. */
export function clock(atUs: TimeUs, locale: Locale, precision: "minute" | "second" | "frame" = "second"): string {
  return format(atUs, locale, {
    hour: locale.hourCycle === "h12" ? "numeric" : "2-digit",
    minute: "2-digit",
    ...(precision === "minute" ? {} : { second: "2-digit" }),
    ...(precision === "frame" ? { fractionalSecondDigits: 2 } : {}),
  });
}

/** Tue 24 November; with the year when it is another one. */
export function date(atUs: TimeUs, nowUs: TimeUs, locale: Locale): string {
  const year = format(atUs, locale, { year: "numeric" });
  return format(atUs, locale, {
    weekday: "short",
    day: "numeric",
    month: "long",
    ...(year === format(nowUs, locale, { year: "numeric" }) ? {} : { year: "numeric" }),
  });
}

/** Minutes that the zone is ahead of UTC at that time. */
export function zoneOffsetUs(atUs: TimeUs, timeZone?: string): number {
  if (timeZone === undefined) return -new Date(atUs / 1000).getTimezoneOffset() * MINUTE_US;
  const parts = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" }).formatToParts(atUs / 1000);
  const match = /GMT([+-])(\d{2}):(\d{2})/.exec(parts.find((part) => part.type === "timeZoneName")?.value ?? "");
  if (match === null) return 0;
  const [, sign, hours, minutes] = match;
  return (sign === "-" ? -1 : 1) * (Number(hours) * HOUR_US + Number(minutes) * MINUTE_US);
}

/** The local midnight at or before. */
export function dayStart(atUs: TimeUs, timeZone?: string): TimeUs {
  const offset = zoneOffsetUs(atUs, timeZone);
  const start = Math.floor((atUs + offset) / DAY_US) * DAY_US - offset;
  // On the day the clocks change, midnight had another offset than now.
  return start + offset - zoneOffsetUs(start, timeZone);
}

/** 0 today, 1 yesterday, -1 tomorrow. */
export function daysAgo(atUs: TimeUs, nowUs: TimeUs, timeZone?: string): number {
  return Math.round((dayStart(nowUs, timeZone) - dayStart(atUs, timeZone)) / DAY_US);
}

type Unit = "day" | "hour" | "minute" | "second";
const UNITS: readonly (readonly [Unit, number])[] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
];

/** "4 minutes", "1 hour, 12 minutes": the two largest units that are not nought. */
export function duration(ms: number, language: string, display: "long" | "short" = "long"): string {
  let rest = Math.max(0, Math.round(ms / 1000) * 1000);
  const parts: string[] = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: display }).format(count));
    // Nobody needs the seconds of an hour.
    if (parts.length === 2 || (parts.length === 1 && count === 0)) break;
  }
  if (parts.length === 0) return new Intl.NumberFormat(language, { style: "unit", unit: "second", unitDisplay: display }).format(0);
  return parts.join(display === "long" ? ", " : " ");
}

const BYTE_UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

/** "1.4 GB": three digits at most. */
export function bytes(count: number, language: string): string {
  let value = Math.max(0, count);
  let index = 0;
  while (value >= 999.5 && index < BYTE_UNITS.length - 1) {
    value /= 1000;
    index += 1;
  }
  const digits = index === 0 || value >= 99.5 ? 0 : 1;
  const unit = BYTE_UNITS[index] ?? "byte";
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: index === 0 ? "long" : "short", maximumFractionDigits: digits }).format(value);
}
