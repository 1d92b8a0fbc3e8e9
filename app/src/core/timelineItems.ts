/** @file From verified links to what the timeline shows: recordings, gaps with their cause, alarms. Pure. */
import type { AlarmItem, Cause, GapItem, RecordingId, RecordingItem, Span, TimelineItem } from "../domain/home";
import { PAUSE_US_MAX, timeAlarm, type ChainAlarm, type ChainLink } from "../crypto/chain";
import type { GapCause, RecordingLink } from "../crypto/link";
import type { Stretch } from "./deviceChain";
import { alarmOf } from "./refused";

const CAUSES: Record<GapCause, Cause> = {
  "camera-unreachable": "camera-not-found",
  "camera-stalled": "camera-stalled",
  "credentials-refused": "camera-wrong-password",
  "camera-refused": "camera-refused",
  "stream-ended": "camera-closed",
  "parameters-changed": "camera-format-changed",
  "clock-stepped": "clock-changed",
  "hub-stopped": "hub-stopped",
  "hub-interrupted": "hub-crashed",
  "disk-full": "disk-full",
  "spool-full": "spool-full",
  "recording-failed": "unknown",
  "camera-changed": "settings-changed",
  privacy: "turned-off",
  disarmed: "not-armed",
};

export function causeOf(cause: GapCause): Cause {
  return CAUSES[cause];
}

/** Items in order of time that do not overlap. An alarm is never hidden under something else. */
export function timelineItems(stretch: Stretch, span: Span, isShared: (link: RecordingLink) => boolean = () => true): readonly TimelineItem[] {
  const known = stretch.links.map((one) => linkItem(one, isShared));
  const alarms = mergeAlarms([...stretch.alarms, ...pauses(stretch.links)].map((alarm) => alarmItem(alarm, span)));
  const shown = [...known, ...alarms.flatMap((alarm) => besides(alarm, known))];
  shown.sort((a, b) => a.startUs - b.startUs || Number(b.kind === "alarm") - Number(a.kind === "alarm"));
  const items: TimelineItem[] = [];
  for (const item of shown) {
    const last = items.at(-1);
    const lastEnd = last === undefined ? -Infinity : (last.endUs ?? Infinity);
    const startUs = Math.max(item.startUs, lastEnd);
    if (item.kind === "gap" && last?.kind === "gap" && last.cause === item.cause && item.startUs - lastEnd <= PAUSE_US_MAX) {
      items[items.length - 1] = { ...last, endUs: item.endUs };
    } else if (item.endUs === null || item.endUs > startUs || (item.kind === "alarm" && item.endUs === startUs)) {
      items.push({ ...item, startUs });
    }
  }
  return items;
}

function linkItem({ link, state }: ChainLink, isShared: (link: RecordingLink) => boolean): RecordingItem | GapItem {
  const { startUs, endUs } = link;
  if (link.kind === "gap") return { kind: "gap", startUs, endUs, cause: causeOf(link.cause) };
  if (state !== "kept") return { kind: "gap", startUs, endUs, cause: state };
  if (!isShared(link)) return { kind: "gap", startUs, endUs, cause: "not-shared" };
  return {
    kind: "recording",
    id: link.recording as RecordingId,
    startUs,
    endUs,
    sizeBytes: link.parts.reduce((sum, { bodyBytes }) => sum + bodyBytes, 0),
    hasPoster: link.parts.some(({ part }) => part === "poster"),
    isCut: link.cut,
  };
}

/** Between neighbours of the cache that came with different answers, nobody has looked yet. */
function pauses(links: readonly ChainLink[]): readonly ChainAlarm[] {
  return links.flatMap((now, i): ChainAlarm[] => {
    const before = links[i - 1];
    if (before === undefined) return [];
    const isJoined = now.link.index === before.link.index + 1 && now.link.previous === before.digest;
    if (!isJoined) return [{ refusal: "broken", startUs: before.link.endUs, endUs: now.link.startUs }];
    const alarm = timeAlarm(before.link, now.link);
    return alarm === null ? [] : [alarm];
  });
}

function alarmItem({ refusal, startUs, endUs }: ChainAlarm, span: Span): AlarmItem {
  const start = Math.min(Math.max(startUs ?? span.fromUs, span.fromUs), span.toUs);
  const end = Math.max(start, Math.min(endUs ?? span.toUs, span.toUs));
  return { kind: "alarm", startUs: start, endUs: end, alarm: alarmOf(refusal), id: null };
}

/** What an alarm covers besides what is known there: it hides no recording, and if nothing is left it is a point. */
function besides(alarm: AlarmItem, known: readonly { readonly startUs: number; readonly endUs: number | null }[]): readonly AlarmItem[] {
  let free: readonly AlarmItem[] = [alarm];
  for (const { startUs, endUs } of known) {
    const toUs = endUs ?? Infinity;
    free = free.flatMap((piece) =>
      toUs <= piece.startUs || startUs >= piece.endUs
        ? [piece]
        : [
            { ...piece, endUs: startUs },
            { ...piece, startUs: toUs },
          ].filter((one) => one.endUs > one.startUs),
    );
  }
  return free.length > 0 ? free : [{ ...alarm, endUs: alarm.startUs }];
}

/** The same alarm found twice, or twice about the same time, is one. */
function mergeAlarms(alarms: readonly AlarmItem[]): readonly AlarmItem[] {
  const merged: AlarmItem[] = [];
  for (const alarm of [...alarms].sort((a, b) => a.startUs - b.startUs)) {
    const last = merged.at(-1);
    if (last?.alarm === alarm.alarm && alarm.startUs <= last.endUs) merged[merged.length - 1] = { ...last, endUs: Math.max(last.endUs, alarm.endUs) };
    else merged.push(alarm);
  }
  return merged;
}
