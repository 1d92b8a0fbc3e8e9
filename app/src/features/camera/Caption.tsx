/** @file Where one is on the timeline, in words: the time, what is there, and how long it is kept. */
import { useSyncExternalStore, type ReactNode } from "react";
import { DAY_US, SECOND_US } from "../../domain/clock.ts";
import type { CameraView, TimelineItem, TimeUs } from "../../domain/home.ts";
import { itemAt } from "../../domain/timeline.ts";
import { useHome, useLoaded } from "../../model/HomeContext.tsx";
import { text } from "../../text/index.ts";
import { sayMoment, sayMomentInside } from "../../text/phrases.ts";
import type { Cursor } from "../timeline/cursor.ts";
import { sayItem } from "../timeline/say.ts";

export interface CaptionProps {
  readonly camera: CameraView;
  readonly cursor: Cursor;
  readonly items: readonly TimelineItem[];
  readonly isLive: boolean;
}

export function Caption({ camera, cursor, items, isLive }: CaptionProps): ReactNode {
  const model = useHome();
  const [storage] = useLoaded(() => model.storage(), camera.id);
  const keptDays = storage.kind === "ready" ? storage.value.continuousKeptDays : null;
  const atUs = useSyncExternalStore(cursor.subscribe, () => Math.floor(cursor.centreUs() / SECOND_US) * SECOND_US);
  const isHeld = useSyncExternalStore(cursor.subscribe, cursor.isHeld);
  const nowUs = model.nowUs();
  const item = itemAt(items, atUs, nowUs);
  const isAlarm = item?.kind === "alarm" && (!isLive || isHeld);
  return (
    <div className="min-w-0 flex-1">
      <p className="text-lg leading-tight font-bold tabular-nums">{sayMoment(atUs, nowUs)}</p>
      <p className={`text-sm leading-snug ${isAlarm ? "font-semibold text-danger" : "text-soft"}`}>
        {isLive && !isHeld ? sayNow(camera, keptDays) : sayThen(item, atUs, nowUs, keptDays)}
      </p>
    </div>
  );
}

function sayNow(camera: CameraView, keptDays: number | null): string {
  if (camera.state.kind === "recording") return keptDays === null ? text.camera.recordingNow : text.camera.recordingNowKept(keptDays);
  if (camera.state.kind === "connecting") return text.state.connecting;
  return text.causes[camera.state.cause].what;
}

function sayThen(item: TimelineItem | null, atUs: TimeUs, nowUs: TimeUs, keptDays: number | null): string {
  if (item?.kind !== "recording" || keptDays === null) return sayItem(item, atUs, nowUs);
  return text.camera.keptUntil(sayMomentInside(item.startUs + keptDays * DAY_US, nowUs, "minute"));
}
