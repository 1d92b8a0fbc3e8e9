/** @file Fingers, mouse and wheel on the strip: drag, fling, pinch, tap, hover, and the ends of a chosen span. */
import { pan, timeAt, xOf, zoom } from "../../domain/timeline.ts";
import type { Span, TimeUs } from "../../domain/home.ts";
import type { Cursor } from "./cursor.ts";

export interface Hover {
  readonly x: number;
  /** Of the strip. */
  readonly width: number;
}

export interface GestureTarget {
  readonly cursor: Cursor;
  readonly selection: () => Span | null;
  readonly onHoldStart: () => void;
  /** The finger left, or the wheel came to rest: this is where one wants to be. */
  readonly onSettle: (atUs: TimeUs) => void;
  readonly onSelection: (span: Span) => void;
  readonly onHover: (hover: Hover | null) => void;
  readonly isMotionReduced: () => boolean;
}

const TAP_PX = 6;
const HANDLE_PX = 22;
const WHEEL_REST_MS = 220;
/** Share of the fling's speed that is left after a millisecond. */
const FLING_DECAY = 0.9955;
const FLING_STOP_PX_PER_MS = 0.02;

interface Finger {
  x: number;
  readonly startX: number;
  readonly startedAt: number;
}

/** Attaches to the strip; returns how to detach. */
export function attachGestures(element: HTMLElement, target: GestureTarget): () => void {
  const { cursor } = target;
  const fingers = new Map<number, Finger>();
  let isTap = false;
  let handle: "from" | "to" | null = null;
  let speed = 0;
  let lastMoveAt = 0;
  let flight = 0;
  let wheelTimer: ReturnType<typeof setTimeout> | undefined;

  const width = () => element.clientWidth;
  const xIn = (event: { readonly clientX: number }) => event.clientX - element.getBoundingClientRect().left;

  const settle = () => {
    cursor.hold(false);
    target.onSettle(cursor.centreUs());
  };
  const stopFlight = () => {
    cancelAnimationFrame(flight);
    flight = 0;
  };

  const fling = (from: number) => {
    let previous = from;
    const frame = (at: number) => {
      const elapsed = Math.min(64, at - previous);
      previous = at;
      const before = cursor.centreUs();
      cursor.setView(pan(cursor.view(), speed * elapsed));
      speed *= FLING_DECAY ** elapsed;
      if (Math.abs(speed) < FLING_STOP_PX_PER_MS || cursor.centreUs() === before) {
        flight = 0;
        settle();
      } else {
        flight = requestAnimationFrame(frame);
      }
    };
    flight = requestAnimationFrame(frame);
  };

  const handleAt = (x: number): "from" | "to" | null => {
    const selection = target.selection();
    if (selection === null) return null;
    const toFrom = Math.abs(x - xOf(cursor.view(), selection.fromUs, width()));
    const toTo = Math.abs(x - xOf(cursor.view(), selection.toUs, width()));
    if (Math.min(toFrom, toTo) > HANDLE_PX) return null;
    return toFrom < toTo ? "from" : "to";
  };

  const down = (event: PointerEvent) => {
    if (event.button !== 0 || fingers.size >= 2) return;
    stopFlight();
    const x = xIn(event);
    element.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, { x, startX: x, startedAt: event.timeStamp });
    target.onHover(null);
    if (fingers.size === 1) {
      isTap = true;
      speed = 0;
      handle = handleAt(x);
    } else {
      isTap = false;
      handle = null;
    }
  };

  const move = (event: PointerEvent) => {
    const finger = fingers.get(event.pointerId);
    const x = xIn(event);
    if (finger === undefined) {
      if (event.pointerType === "mouse") target.onHover({ x, width: width() });
      return;
    }
    if (isTap && Math.abs(x - finger.startX) < TAP_PX) return;
    if (handle !== null) {
      isTap = false;
      moveHandle(x);
      finger.x = x;
      return;
    }
    if (isTap) {
      isTap = false;
      finger.x = finger.startX;
    }
    if (!cursor.isHeld()) {
      cursor.hold(true);
      target.onHoldStart();
    }
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    if (other === undefined) {
      const dx = x - finger.x;
      const elapsed = Math.max(1, event.timeStamp - lastMoveAt);
      speed = speed * 0.4 + (dx / elapsed) * 0.6;
      lastMoveAt = event.timeStamp;
      cursor.setView(pan(cursor.view(), dx));
    } else {
      const before = Math.max(24, Math.abs(finger.x - other.x));
      const after = Math.max(24, Math.abs(x - other.x));
      cursor.setView(pan(zoom(cursor.view(), before / after, width() / 2, width()), (x - finger.x) / 2));
    }
    finger.x = x;
  };

  const moveHandle = (x: number) => {
    const selection = target.selection();
    if (selection === null || handle === null) return;
    const limits = cursor.limits();
    const at = Math.min(limits.toUs, Math.max(limits.fromUs, timeAt(cursor.view(), x, width())));
    if (handle === "from") target.onSelection({ fromUs: Math.min(at, selection.toUs), toUs: selection.toUs });
    else target.onSelection({ fromUs: selection.fromUs, toUs: Math.max(at, selection.fromUs) });
  };

  const up = (event: PointerEvent) => {
    const finger = fingers.get(event.pointerId);
    if (finger === undefined) return;
    fingers.delete(event.pointerId);
    if (fingers.size > 0) {
      speed = 0;
      return;
    }
    const wasHandle = handle !== null && !isTap;
    handle = null;
    if (wasHandle) return;
    if (isTap) {
      if (event.type === "pointerup") {
        target.onHoldStart();
        cursor.setView({ ...cursor.view(), centreUs: timeAt(cursor.view(), finger.startX, width()) });
        settle();
      }
      return;
    }
    const isStill = event.timeStamp - lastMoveAt > 60 || target.isMotionReduced();
    if (isStill || Math.abs(speed) < 0.15) settle();
    else fling(event.timeStamp);
  };

  const wheel = (event: WheelEvent) => {
    event.preventDefault();
    stopFlight();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    const sideways = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX;
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      if (!cursor.isHeld()) {
        cursor.hold(true);
        target.onHoldStart();
      }
      cursor.setView(pan(cursor.view(), -sideways * unit));
      clearTimeout(wheelTimer);
      wheelTimer = setTimeout(settle, WHEEL_REST_MS);
    } else {
      cursor.setView(zoom(cursor.view(), Math.exp((event.deltaY * unit) / (event.ctrlKey ? 120 : 400)), width() / 2, width()));
    }
  };

  const leave = () => target.onHover(null);

  element.addEventListener("pointerdown", down);
  element.addEventListener("pointermove", move);
  element.addEventListener("pointerup", up);
  element.addEventListener("pointercancel", up);
  element.addEventListener("pointerleave", leave);
  element.addEventListener("wheel", wheel, { passive: false });
  return () => {
    stopFlight();
    clearTimeout(wheelTimer);
    cursor.hold(false);
    element.removeEventListener("pointerdown", down);
    element.removeEventListener("pointermove", move);
    element.removeEventListener("pointerup", up);
    element.removeEventListener("pointercancel", up);
    element.removeEventListener("pointerleave", leave);
    element.removeEventListener("wheel", wheel);
  };
}
