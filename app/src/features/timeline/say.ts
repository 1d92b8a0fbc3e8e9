/** @file What is at a place of the timeline, in words. */
import type { TimelineItem, TimeUs } from "../../domain/home.ts";
import { text } from "../../text/index.ts";
import { sayLength } from "../../text/phrases.ts";

export function sayItem(item: TimelineItem | null, atUs: TimeUs, nowUs: TimeUs): string {
  if (item === null) return atUs > nowUs ? text.timeline.future : text.timeline.notRecorded;
  if (item.kind === "recording") return text.timeline.recorded;
  const what = item.kind === "alarm" ? text.alarms[item.alarm].what : text.causes[item.cause].what;
  return item.endUs === null ? text.timeline.gapUntilNow(what) : text.timeline.gap(what, sayLength((item.endUs - item.startUs) / 1000));
}
