/** @file The same recordings as a list, by day and hour: for screen readers, and for whoever likes lists. */
import { ChevronLeft, ChevronRight, Play, TriangleAlert } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import { DAY_US, dayStart, HOUR_US } from "../../domain/clock.ts";
import type { DeviceId, RecordingItem, Span, TimeUs } from "../../domain/home.ts";
import { hoursOf, type HourGroup } from "../../domain/timeline.ts";
import { useHome } from "../../model/HomeContext.tsx";
import { text } from "../../text/index.ts";
import { sayClock, sayDay, sayLength, saySize } from "../../text/phrases.ts";
import { IconButton } from "../../ui/Button.tsx";
import { Skeleton } from "../../ui/Progress.tsx";
import { sayItem } from "./say.ts";
import type { Timeline } from "./useTimeline.ts";

export interface RecordingListProps {
  readonly deviceId: DeviceId;
  readonly timeline: Timeline;
  readonly startAtUs: TimeUs;
  readonly onPlay: (atUs: TimeUs) => void;
}

/** The next local midnight, also over the days on which the clocks change. */
const dayAfter = (dayUs: TimeUs) => dayStart(dayUs + DAY_US + 3 * HOUR_US);
const dayBefore = (dayUs: TimeUs) => dayStart(dayUs - 12 * HOUR_US);

export function RecordingList({ deviceId, timeline, startAtUs, onPlay }: RecordingListProps): ReactNode {
  const model = useHome();
  const words = text.timeline;
  const [dayUs, setDay] = useState(() => dayStart(startAtUs));
  const nowUs = model.nowUs();
  const endUs = dayAfter(dayUs);
  const { want } = timeline;
  useEffect(() => want({ fromUs: dayUs, toUs: endUs }), [want, dayUs, endUs]);
  const span: Span = { fromUs: dayUs, toUs: endUs };
  const hours = hoursOf(timeline.items, span);
  const oldestUs = timeline.bounds.oldestUs;
  return (
    <section aria-label={words.recordings} className="flex flex-col gap-1">
      <div className="flex items-center justify-between gap-2">
        <IconButton label={words.previousDay} icon={<ChevronLeft aria-hidden className="size-5" />} disabled={oldestUs === null || dayUs <= oldestUs} onClick={() => setDay(dayBefore(dayUs))} />
        <h2 aria-live="polite" className="font-bold">
          {sayDay(dayUs, nowUs)}
        </h2>
        <IconButton label={words.nextDay} icon={<ChevronRight aria-hidden className="size-5" />} disabled={endUs > nowUs} onClick={() => setDay(endUs)} />
      </div>
      {hours.length === 0 && (timeline.isLoading ? <Skeleton className="h-40" /> : <p className="py-6 text-center text-soft">{timeline.bounds.newestUs === null ? words.empty : words.emptyDay}</p>)}
      <ul className="flex flex-col divide-y divide-line">
        {hours.map((hour) => (
          <li key={hour.startUs}>
            <Hour hour={hour} deviceId={deviceId} nowUs={nowUs} onPlay={onPlay} />
          </li>
        ))}
      </ul>
    </section>
  );
}

interface HourProps {
  readonly hour: HourGroup;
  readonly deviceId: DeviceId;
  readonly nowUs: TimeUs;
  readonly onPlay: (atUs: TimeUs) => void;
}

function Hour({ hour, deviceId, nowUs, onPlay }: HourProps): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const words = text.timeline;
  const hasAlarm = hour.interruptions.some((item) => item.kind === "alarm");
  const rows = [...hour.recordings, ...hour.interruptions].sort((a, b) => a.startUs - b.startUs);
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="flex min-h-12 items-center gap-3 rounded-control py-1.5">
        <span className="w-20 shrink-0 font-semibold tabular-nums">{sayClock(hour.startUs)}</span>
        <span className="min-w-0 flex-1 text-sm text-soft">{words.hourSummary(sayLength(hour.recordedMs, "short"), hour.interruptions.length)}</span>
        {hasAlarm && <TriangleAlert aria-hidden className="size-5 shrink-0 text-danger" />}
      </summary>
      {isOpen && (
        <ul className="flex flex-col pb-3">
          {rows.map((item) =>
            item.kind === "recording" ? (
              <li key={item.id}>
                <Recording item={item} deviceId={deviceId} onPlay={onPlay} />
              </li>
            ) : (
              <li key={`${item.kind}${item.startUs}`} className={`flex min-h-11 items-center gap-3 py-1.5 pl-1 text-sm ${item.kind === "alarm" ? "font-semibold text-danger" : "text-soft"}`}>
                <span className="w-20 shrink-0 tabular-nums">{sayClock(item.startUs, "second")}</span>
                <span className="min-w-0">{sayItem(item, item.startUs, nowUs)}</span>
              </li>
            ),
          )}
        </ul>
      )}
    </details>
  );
}

function Recording({ item, deviceId, onPlay }: { readonly item: RecordingItem; readonly deviceId: DeviceId; readonly onPlay: (atUs: TimeUs) => void }): ReactNode {
  const model = useHome();
  const [url, setUrl] = useState(() => model.posterNow(item.id));
  useEffect(() => {
    let isCurrent = true;
    if (item.hasPoster && url === null) {
      void model.posterUrl(deviceId, item.id).then((found) => {
        if (isCurrent) setUrl(found);
      });
    }
    return () => {
      isCurrent = false;
    };
  }, [model, deviceId, item, url]);
  const time = sayClock(item.startUs, "second");
  return (
    <button type="button" aria-label={text.timeline.playAt(time)} onClick={() => onPlay(item.startUs)} className="flex min-h-14 w-full items-center gap-3 rounded-control p-1 text-left hover:bg-sunken">
      <span className="grid aspect-video w-20 shrink-0 place-items-center overflow-hidden rounded-md bg-stage text-white">
        {url === null ? <Play aria-hidden className="size-4" /> : <img src={url} alt="" className="size-full object-cover" />}
      </span>
      <span className="tabular-nums">{time}</span>
      <span className="ml-auto pr-2 text-sm text-soft tabular-nums">
        {sayLength((item.endUs - item.startUs) / 1000, "short")} · {saySize(item.sizeBytes)}
      </span>
    </button>
  );
}
