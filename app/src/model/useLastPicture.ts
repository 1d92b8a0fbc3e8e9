/** @file The newest still picture of a camera, for a place that has nothing live to show. */
import { useEffect, useState } from "react";
import { MINUTE_US } from "../domain/clock.ts";
import type { DeviceId, HomeModel } from "../domain/home.ts";
import { useHome } from "./HomeContext.tsx";

/** Most cameras are live sooner than this, and then nothing is asked for. */
const PATIENCE_MS = 800;
const LOOK_BACK_US = 5 * MINUTE_US;

async function lastPicture(model: HomeModel, id: DeviceId): Promise<string | null> {
  const bounds = await model.timelineBounds(id);
  if (!bounds.ok || bounds.value.newestUs === null) return null;
  const { newestUs } = bounds.value;
  const slice = await model.timeline(id, { fromUs: newestUs - LOOK_BACK_US, toUs: newestUs + 1 });
  if (!slice.ok) return null;
  const recording = slice.value.items.findLast((item) => item.kind === "recording" && item.hasPoster);
  return recording?.kind === "recording" ? model.posterUrl(id, recording.id) : null;
}

export function useLastPicture(id: DeviceId, isWanted: boolean): string | null {
  const model = useHome();
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (!isWanted) return undefined;
    let isCurrent = true;
    const timer = setTimeout(() => {
      // Without it the tile is dark, which is no worse than before.
      lastPicture(model, id).then((found) => { if (isCurrent) setUrl(found); }, () => undefined);
    }, PATIENCE_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [model, id, isWanted]);
  return url;
}
