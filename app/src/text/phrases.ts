/** @file Times and sizes in this person's words: the catalogue and the clock together. */
import { bytes, clock, date, DAY_US, daysAgo, duration, HOUR_US, MINUTE_US } from "../domain/clock.ts";
import type { TimeUs } from "../domain/home.ts";
import { locale, text } from "./index.ts";

/** A day standing alone, or in the middle of a sentence. */
export function sayDay(atUs: TimeUs, nowUs: TimeUs, where: "alone" | "inside" = "alone"): string {
  const ago = daysAgo(atUs, nowUs);
  if (ago === 0) return where === "alone" ? text.common.today : text.common.todayInside;
  if (ago === 1) return where === "alone" ? text.common.yesterday : text.common.yesterdayInside;
  return date(atUs, nowUs, locale);
}

export function sayClock(atUs: TimeUs, precision: "minute" | "second" | "frame" = "minute"): string {
  return clock(atUs, locale, precision);
}

/** For the middle of a sentence: "14:03" today, "yesterday 14:03", "Tue 24 November 14:03". */
export function sayWhen(atUs: TimeUs, nowUs: TimeUs, precision: "minute" | "second" = "minute"): string {
  const time = sayClock(atUs, precision);
  return daysAgo(atUs, nowUs) === 0 ? time : text.common.dayAndTime(sayDay(atUs, nowUs, "inside"), time);
}

/** Always with the day, for the timeline. */
export function sayMoment(atUs: TimeUs, nowUs: TimeUs, precision: "minute" | "second" = "second"): string {
  return text.common.dayAndTime(sayDay(atUs, nowUs), sayClock(atUs, precision));
}

/** Always with the day, in the middle of a sentence. */
export function sayMomentInside(atUs: TimeUs, nowUs: TimeUs, precision: "minute" | "second" = "second"): string {
  return text.common.dayAndTime(sayDay(atUs, nowUs, "inside"), sayClock(atUs, precision));
}

export function sayLength(ms: number, display: "long" | "short" = "long"): string {
  return duration(ms, text.language, display);
}

/** Rough on purpose: nobody needs the seconds of 38 minutes, nor the minutes of two days. */
export function sayAge(ms: number): string {
  const unitMs = ms >= DAY_US / 1000 ? DAY_US / 1000 : ms >= HOUR_US / 1000 ? HOUR_US / 1000 : ms >= MINUTE_US / 1000 ? MINUTE_US / 1000 : 1000;
  return duration(Math.floor(ms / unitMs) * unitMs, text.language);
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
