/** @file The strip under the thumb: a slider over time. The middle is where one is; dragging it goes through the days. */
import { useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore, type KeyboardEvent, type ReactNode } from "react";
import { MINUTE_US, SECOND_US } from "../../domain/clock.ts";
import type { DeviceId, Span, TimelineItem, TimeUs } from "../../domain/home.ts";
import { itemAt, keyStepUs, posterFor, timeAt, visibleSpan, zoom } from "../../domain/timeline.ts";
import { useHome } from "../../model/HomeContext.tsx";
import { text } from "../../text/index.ts";
import { sayClock, sayMoment } from "../../text/phrases.ts";
import { sayItem } from "./say.ts";
import type { Cursor } from "./cursor.ts";
import { attachGestures, type Hover } from "./gestures.ts";
import { paint, paletteOf, type Palette } from "./paint.ts";

export interface StripProps {
  readonly deviceId: DeviceId;
  readonly cameraName: string;
  readonly cursor: Cursor;
  readonly items: readonly TimelineItem[];
  readonly isLive: boolean;
  readonly selection: Span | null;
  readonly onSelection: (span: Span) => void;
  readonly onHoldStart: () => void;
  readonly onSettle: (atUs: TimeUs) => void;
  readonly onLive: () => void;
  /** Plays or pauses. */
  readonly onToggle: () => void;
  readonly onWant: (span: Span) => void;
}

const HEIGHT = 104;

export function Strip(props: StripProps): ReactNode {
  const { cursor, items, onWant, isLive } = props;
  const model = useHome();
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [hover, setHover] = useState<Hover | null>(null);
  const latest = useRef({ ...props, hoverX: hover?.x ?? null });
  const repaint = useRef<() => void>(() => undefined);

  useLayoutEffect(() => {
    latest.current = { ...props, hoverX: hover?.x ?? null };
    repaint.current();
  });

  // Drawing: whenever the cursor moves, at most once a frame.
  useEffect(() => {
    const element = canvas.current;
    const frameBox = box.current;
    const context = element?.getContext("2d") ?? null;
    if (element === null || frameBox === null || context === null) return undefined;
    let palette: Palette = paletteOf(frameBox);
    let frame = 0;
    let width = 0;
    const draw = () => {
      frame = 0;
      if (width === 0) return;
      const now = latest.current;
      const ratio = window.devicePixelRatio;
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      paint(context, { view: cursor.view(), width, height: HEIGHT, items: now.items, nowUs: model.nowUs(), selection: now.selection, hoverX: now.hoverX }, palette);
      const { fromUs, toUs } = visibleSpan(cursor.view(), width);
      onWant({ fromUs, toUs: Math.min(model.nowUs(), toUs) });
    };
    const ask = () => {
      if (frame === 0) frame = requestAnimationFrame(draw);
    };
    repaint.current = ask;
    const observer = new ResizeObserver(() => {
      width = frameBox.clientWidth;
      element.width = Math.round(width * window.devicePixelRatio);
      element.height = Math.round(HEIGHT * window.devicePixelRatio);
      ask();
    });
    observer.observe(frameBox);
    const themes = new MutationObserver(() => {
      palette = paletteOf(frameBox);
      ask();
    });
    themes.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    void document.fonts.ready.then(ask);
    const unsubscribe = cursor.subscribe(ask);
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
      themes.disconnect();
      unsubscribe();
      repaint.current = () => undefined;
    };
  }, [cursor, model, onWant]);

  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    return attachGestures(element, {
      cursor,
      selection: () => latest.current.selection,
      onHoldStart: () => latest.current.onHoldStart(),
      onSettle: (atUs) => latest.current.onSettle(atUs),
      onSelection: (span) => latest.current.onSelection(span),
      onHover: setHover,
      isMotionReduced: () => matchMedia("(prefers-reduced-motion: reduce)").matches,
    });
  }, [cursor]);

  const spokenUs = useSyncExternalStore(cursor.subscribe, cursor.spokenUs);
  const nowUs = model.nowUs();
  const limits = cursor.limits();
  const valueText = isLive ? text.timeline.valueLive : text.timeline.value(sayMoment(spokenUs, nowUs), sayItem(itemAt(items, spokenUs, nowUs), spokenUs, nowUs));

  const keyDown = (event: KeyboardEvent) => {
    const view = cursor.view();
    const step = keyStepUs(view);
    const centre = box.current === null ? 0 : box.current.clientWidth / 2;
    const jump = (byUs: number) => {
      props.onHoldStart();
      cursor.setView({ ...view, centreUs: view.centreUs + byUs });
      props.onSettle(cursor.centreUs());
    };
    const keys: Record<string, () => void> = {
      ArrowLeft: () => jump(event.shiftKey ? -MINUTE_US : -step),
      ArrowRight: () => jump(event.shiftKey ? MINUTE_US : step),
      ArrowDown: () => jump(-step),
      ArrowUp: () => jump(step),
      PageUp: () => jump(-step * 10),
      PageDown: () => jump(step * 10),
      Home: () => jump(limits.fromUs - view.centreUs),
      End: () => props.onLive(),
      " ": () => props.onToggle(),
      "+": () => cursor.setView(zoom(view, 1 / 1.6, centre, centre * 2)),
      "=": () => cursor.setView(zoom(view, 1 / 1.6, centre, centre * 2)),
      "-": () => cursor.setView(zoom(view, 1.6, centre, centre * 2)),
    };
    const act = keys[event.key];
    if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  };

  return (
    <div className="relative">
      <div
        ref={box}
        role="slider"
        tabIndex={0}
        aria-label={text.timeline.label(props.cameraName)}
        aria-describedby="timeline-help"
        aria-orientation="horizontal"
        aria-valuemin={Math.round(limits.fromUs / SECOND_US)}
        aria-valuemax={Math.round(limits.toUs / SECOND_US)}
        aria-valuenow={Math.round(spokenUs / SECOND_US)}
        aria-valuetext={valueText}
        onKeyDown={keyDown}
        className="relative h-[104px] w-full cursor-grab touch-pan-y overflow-hidden select-none focus-visible:-outline-offset-2 active:cursor-grabbing"
      >
        <canvas ref={canvas} aria-hidden className="pointer-events-none size-full" />
      </div>
      <p id="timeline-help" className="sr-only">
        {text.timeline.help}
      </p>
      {hover !== null && <HoverPreview {...props} {...hover} />}
    </div>
  );
}

const PREVIEW_WIDTH = 176;

/** With a mouse, what is under the pointer is seen before one goes there. */
function HoverPreview({ deviceId, cursor, items, x, width }: StripProps & Hover): ReactNode {
  const model = useHome();
  const atUs = timeAt(cursor.view(), x, width);
  const nowUs = model.nowUs();
  const recording = atUs > nowUs ? null : itemAt(items, atUs, nowUs)?.kind === "recording" ? posterFor(items, atUs) : null;
  const [, setLoaded] = useState(0);
  useEffect(() => {
    if (recording !== null && model.posterNow(recording.id) === null) void model.posterUrl(deviceId, recording.id).then(() => setLoaded((before) => before + 1));
  }, [model, deviceId, recording]);
  if (atUs > nowUs) return null;
  const url = recording === null ? null : model.posterNow(recording.id);
  const left = Math.min(Math.max(4, x - PREVIEW_WIDTH / 2), width - PREVIEW_WIDTH - 4);
  return (
    <div aria-hidden className="pointer-events-none absolute bottom-full mb-1 overflow-hidden rounded-control bg-stage text-white shadow-lg" style={{ left, width: PREVIEW_WIDTH }}>
      {url !== null && <img src={url} alt="" className="aspect-video w-full object-cover" />}
      <p className="px-2 py-1 text-center text-sm font-medium tabular-nums">{recording === null ? sayItem(itemAt(items, atUs, nowUs), atUs, nowUs) : sayClock(atUs, "second")}</p>
    </div>
  );
}
