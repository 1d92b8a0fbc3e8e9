/** @file Loads the pieces of the timeline that are looked at, and again what changed. */
import { useCallback, useEffect, useRef, useState } from "react";
import type { DeviceId, Problem, Span, TimelineBounds, TimelineItem } from "../../domain/home.ts";
import { consecutive, mergeSlice, PIECE_US, piecesOf } from "../../domain/timeline.ts";
import { settle, useHome } from "../../model/HomeContext.tsx";

export interface Timeline {
  readonly items: readonly TimelineItem[];
  readonly bounds: TimelineBounds;
  readonly isLoading: boolean;
  readonly problem: Problem | null;
  /** Says which span is looked at; what is missing is loaded, and then what is beside it. */
  readonly want: (span: Span) => void;
  readonly retry: () => void;
}

/** The strip asks for what it shows many times a second; what failed is not asked for as often. */
const RETRY_MS = 5000;

interface Loaded {
  readonly deviceId: DeviceId;
  readonly items: readonly TimelineItem[];
  readonly bounds: TimelineBounds;
  readonly hasBounds: boolean;
  readonly pending: number;
  readonly problem: Problem | null;
}

const blank = (deviceId: DeviceId): Loaded => ({ deviceId, items: [], bounds: { oldestUs: null, newestUs: null }, hasBounds: false, pending: 0, problem: null });

export function useTimeline(deviceId: DeviceId): Timeline {
  const model = useHome();
  const [state, setLoaded] = useState<Loaded>(() => blank(deviceId));
  const loaded = state.deviceId === deviceId ? state : blank(deviceId);
  /** Pieces asked for, and for those that failed, when to ask again; and how many are on their way. */
  const pieces = useRef({ deviceId, asked: new Map<number, number>(), loading: 0 });

  const update = useCallback(
    (change: (before: Loaded) => Loaded) => setLoaded((before) => change(before.deviceId === deviceId ? before : blank(deviceId))),
    [deviceId],
  );

  const load = useCallback(
    async (span: Span): Promise<boolean> => {
      update((before) => ({ ...before, pending: before.pending + 1 }));
      const outcome = await settle(model.timeline(deviceId, span));
      update((before) => ({
        ...before,
        pending: before.pending - 1,
        ...(outcome.ok ? { items: mergeSlice(before.items, span, outcome.value.items), problem: null } : { problem: outcome.problem }),
      }));
      return outcome.ok;
    },
    [model, deviceId, update],
  );

  const loadBounds = useCallback(
    () =>
      settle(model.timelineBounds(deviceId)).then((outcome) => {
        update((before) => (outcome.ok ? { ...before, bounds: outcome.value, hasBounds: true } : { ...before, problem: outcome.problem, hasBounds: true }));
      }),
    [model, deviceId, update],
  );

  const want = useCallback(
    (span: Span) => {
      if (pieces.current.deviceId !== deviceId) pieces.current = { deviceId, asked: new Map(), loading: 0 };
      const now = pieces.current;
      const ask = (wanted: Span): void => {
        const missing = piecesOf(wanted).filter((piece) => performance.now() >= (now.asked.get(piece) ?? 0));
        // What stands side by side is one question: one answer, one signature to verify, one drawing.
        for (const { from, to } of consecutive(missing)) {
          for (let piece = from; piece <= to; piece += 1) now.asked.set(piece, Infinity);
          now.loading += 1;
          void load({ fromUs: from * PIECE_US, toUs: (to + 1) * PIECE_US }).then((isThere) => {
            now.loading -= 1;
            if (isThere) return;
            for (let piece = from; piece <= to; piece += 1) now.asked.set(piece, performance.now() + RETRY_MS);
          });
        }
      };
      ask(span);
      const margin = (span.toUs - span.fromUs) / 2;
      if (now.loading === 0) ask({ fromUs: span.fromUs - margin, toUs: Math.min(model.nowUs(), span.toUs + margin) });
    },
    [model, deviceId, load],
  );

  useEffect(() => {
    void loadBounds();
    return model.onTimelineChange(deviceId, (changed) => {
      void load(changed);
      void loadBounds();
    });
  }, [model, deviceId, load, loadBounds]);

  const retry = useCallback(() => {
    for (const [piece, againAt] of pieces.current.asked) if (againAt !== Infinity) pieces.current.asked.delete(piece);
    update((before) => ({ ...before, problem: null }));
    void loadBounds();
  }, [update, loadBounds]);

  return { items: loaded.items, bounds: loaded.bounds, isLoading: loaded.pending > 0 || !loaded.hasBounds, problem: loaded.problem, want, retry };
}
