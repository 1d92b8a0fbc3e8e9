/** @file Times and sizes in this person's words: the catalogue and the clock together. */
import { bytes, clock, date, daysAgo, duration } from "../domain/clock.ts";
import type { TimeUs } from "../domain/home.ts";
import { locale, text } from "./index.ts";

export function sayDay(atUs: TimeUs, nowUs: TimeUs): string {
  const ago = daysAgo(atUs, nowUs);
  return ago === 0 ? text.common.today : ago === 1 ? text.common.yesterday : date(atUs, nowUs, locale);
}

export function sayClock(atUs: TimeUs, precision: "minute" | "second" | "frame" = "minute"): string {
  return clock(atUs, locale, precision);
}

/** "14:03" today, "Yesterday 14:03", "Tue 24 November 14:03". */
export function sayWhen(atUs: TimeUs, nowUs: TimeUs, precision: "minute" | "second" = "minute"): string {
  const time = sayClock(atUs, precision);
  return daysAgo(atUs, nowUs) === 0 ? time : text.common.dayAndTime(sayDay(atUs, nowUs), time);
}

/** Always with the day, for the timeline and confirmations. */
export function sayMoment(atUs: TimeUs, nowUs: TimeUs, precision: "minute" | "second" = "second"): string {
  return text.common.dayAndTime(sayDay(atUs, nowUs), sayClock(atUs, precision));
}

export function sayLength(ms: number, display: "long" | "short" = "long"): string {
  return duration(ms, text.language, display);
}

export function saySize(count: number): string {
  return bytes(count, text.language);
}

/** For the name of a saved file: sorts well, and has no sign that a file system refuses. */
export function sayStamp(atUs: TimeUs): string {
  const at = new Date(atUs / 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}.${two(at.getMinutes())}.${two(at.getSeconds())}`;
}
