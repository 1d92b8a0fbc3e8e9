/** @file The still picture of where the finger is, opened before it gets there. Covers the video while that is not ready. */
import { useEffect, useRef, useState, type ReactNode } from "react";
import type { DeviceId, TimelineItem } from "../../domain/home.ts";
import { itemAt, posterFor, postersAhead } from "../../domain/timeline.ts";
import { useHome } from "../../model/HomeContext.tsx";
import type { Cursor } from "../timeline/cursor.ts";

export interface ScrubPosterProps {
  readonly deviceId: DeviceId;
  readonly cursor: Cursor;
  readonly items: readonly TimelineItem[];
  readonly isShown: boolean;
}

const AHEAD = 12;
const OPEN_AT_ONCE = 4;

export function ScrubPoster({ deviceId, cursor, items, isShown }: ScrubPosterProps): ReactNode {
  const model = useHome();
  const [url, setUrl] = useState<string | null>(null);
  const latestItems = useRef(items);
  useEffect(() => {
    latestItems.current = items;
  }, [items]);

  useEffect(() => {
    let frame = 0;
    let opening = 0;
    let isGone = false;
    const asked = new Set<string>();
    const look = () => {
      frame = 0;
      const now = latestItems.current;
      const at = cursor.centreUs();
      if (itemAt(now, at, model.nowUs())?.kind === "recording") {
        const here = posterFor(now, at);
        const found = here === null ? null : model.posterNow(here.id);
        if (found !== null) setUrl(found);
      }
      if (!cursor.isHeld()) return;
      for (const recording of postersAhead(now, cursor.view(), cursor.direction(), AHEAD)) {
        if (opening >= OPEN_AT_ONCE) break;
        if (asked.has(recording.id) || model.posterNow(recording.id) !== null) continue;
        asked.add(recording.id);
        opening += 1;
        void model.posterUrl(deviceId, recording.id).then(() => {
          opening -= 1;
          if (!isGone) ask();
        });
      }
    };
    const ask = () => {
      if (frame === 0) frame = requestAnimationFrame(look);
    };
    const unsubscribe = cursor.subscribe(ask);
    ask();
    return () => {
      isGone = true;
      cancelAnimationFrame(frame);
      unsubscribe();
    };
  }, [model, deviceId, cursor]);

  if (!isShown || url === null) return null;
  return <img src={url} alt="" className="absolute inset-0 size-full object-contain" />;
}
