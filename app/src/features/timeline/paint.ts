/** @file Draws the strip: what is recorded, what is missing and why, what is alarming, and the hours. */
import { clock, date, daysAgo, DAY_US, MINUTE_US } from "../../domain/clock.ts";
import type { Span, TimelineItem, TimeUs } from "../../domain/home.ts";
import { runsOf, ticks, visibleSpan, xOf, type View } from "../../domain/timeline.ts";
import { locale, text } from "../../text/index.ts";
import { sayLength } from "../../text/phrases.ts";

export interface Palette {
  readonly paper: string;
  readonly ink: string;
  readonly soft: string;
  readonly line: string;
  readonly sunken: string;
  readonly recorded: string;
  readonly accentWash: string;
  readonly danger: string;
  readonly dangerWash: string;
  readonly font: string;
}

export function paletteOf(element: Element): Palette {
  // A canvas knows no light-dark(): a real colour property of an element resolves it.
  const probe = element.appendChild(document.createElement("span"));
  probe.hidden = true;
  const value = (name: string) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const palette = {
    paper: value("--paper"),
    ink: value("--ink"),
    soft: value("--soft"),
    line: value("--line"),
    sunken: value("--sunken"),
    recorded: value("--recorded"),
    accentWash: value("--accent-wash"),
    danger: value("--danger"),
    dangerWash: value("--danger-wash"),
    font: getComputedStyle(element).fontFamily,
  };
  probe.remove();
  return palette;
}

export interface Scene {
  readonly view: View;
  readonly width: number;
  readonly height: number;
  readonly items: readonly TimelineItem[];
  readonly nowUs: TimeUs;
  readonly selection: Span | null;
  readonly hoverX: number | null;
}

const LABEL_BAND = 24;
/** The least that can be seen: an alarm of a millisecond is drawn this wide at any zoom. */
const ALARM_WIDTH_MIN = 6;

export function paint(context: CanvasRenderingContext2D, scene: Scene, palette: Palette): void {
  const { view, width, height } = scene;
  context.clearRect(0, 0, width, height);
  const top = LABEL_BAND;
  const bottom = height - 4;
  const { fromUs, toUs } = visibleSpan(view, width);
  const shown = scene.items.filter((item) => item.startUs < toUs && (item.endUs ?? scene.nowUs) > fromUs);

  context.fillStyle = palette.sunken;
  const nowX = Math.min(width, xOf(view, scene.nowUs, width));
  if (nowX > 0) context.fillRect(0, top, nowX, bottom - top);

  paintRuns(context, scene, shown, palette, top, bottom);
  for (const item of shown) {
    if (item.kind === "recording") continue;
    paintInterruption(context, scene, item, palette, top, bottom);
  }
  paintTicks(context, scene, palette, top);
  if (scene.selection !== null) paintSelection(context, scene, scene.selection, palette, top, bottom);
  if (scene.hoverX !== null) {
    context.fillStyle = palette.soft;
    context.fillRect(scene.hoverX, top, 1, bottom - top);
  }
  paintPlayhead(context, width, palette, top, bottom);
}

function paintRuns(context: CanvasRenderingContext2D, scene: Scene, shown: readonly TimelineItem[], palette: Palette, top: number, bottom: number): void {
  const { view, width } = scene;
  const bodyTop = top + 10;
  const bodyBottom = bottom - 10;
  for (const run of runsOf(shown)) {
    const left = Math.max(-4, xOf(view, run.fromUs, width));
    const right = Math.min(width + 4, xOf(view, run.toUs, width));
    context.fillStyle = palette.recorded;
    context.beginPath();
    context.roundRect(left, bodyTop, Math.max(1, right - left), bodyBottom - bodyTop, Math.min(5, Math.max(0, (right - left) / 2)));
    context.fill();
    // Where one recording ends and the next begins, once that can be seen.
    if (MINUTE_US / view.usPerPx < 40) continue;
    context.fillStyle = palette.accentWash;
    for (const recording of run.recordings.slice(1)) {
      context.fillRect(Math.round(xOf(view, recording.startUs, width)), bodyTop + 6, 1, bodyBottom - bodyTop - 12);
    }
  }
}

function paintInterruption(
  context: CanvasRenderingContext2D,
  scene: Scene,
  item: Exclude<TimelineItem, { readonly kind: "recording" }>,
  palette: Palette,
  top: number,
  bottom: number,
): void {
  const { view, width, nowUs } = scene;
  const isAlarm = item.kind === "alarm";
  let left = xOf(view, item.startUs, width);
  let right = xOf(view, item.endUs ?? nowUs, width);
  if (isAlarm && right - left < ALARM_WIDTH_MIN) {
    const middle = (left + right) / 2;
    left = middle - ALARM_WIDTH_MIN / 2;
    right = middle + ALARM_WIDTH_MIN / 2;
  }
  left = Math.max(-20, left);
  right = Math.min(width + 20, right);
  if (right - left < 1) return;

  context.save();
  context.beginPath();
  context.rect(left, isAlarm ? top : top + 10, right - left, (isAlarm ? bottom : bottom - 10) - (isAlarm ? top : top + 10));
  context.clip();
  context.fillStyle = isAlarm ? palette.dangerWash : palette.sunken;
  context.fillRect(left, top, right - left, bottom - top);
  context.strokeStyle = isAlarm ? palette.danger : palette.line;
  context.lineWidth = isAlarm ? 3 : 2;
  const gap = isAlarm ? 9 : 10;
  // Stripes stand still in time, so that they do not swim while the strip moves.
  const phase = (((item.startUs / view.usPerPx) % gap) + gap) % gap;
  for (let x = left - (bottom - top) - phase; x < right + gap; x += gap) {
    context.beginPath();
    context.moveTo(x, bottom);
    context.lineTo(x + (bottom - top), top);
    context.stroke();
  }
  context.restore();
  if (isAlarm) {
    context.fillStyle = palette.danger;
    context.fillRect(left, top, right - left, 4);
    context.fillRect(left, bottom - 4, right - left, 4);
  }
  paintInterruptionLabel(context, scene, item, palette, left, right, (top + bottom) / 2);
}

function paintInterruptionLabel(
  context: CanvasRenderingContext2D,
  scene: Scene,
  item: Exclude<TimelineItem, { readonly kind: "recording" }>,
  palette: Palette,
  left: number,
  right: number,
  middle: number,
): void {
  const from = Math.max(0, left) + 8;
  const room = Math.min(scene.width, right) - from - 8;
  if (room < 48) return;
  const what = item.kind === "alarm" ? text.alarms[item.alarm].what : text.causes[item.cause].what;
  const length = sayLength(((item.endUs ?? scene.nowUs) - item.startUs) / 1000, "short");
  context.font = `600 13px ${palette.font}`;
  const label = [item.endUs === null ? text.timeline.gapUntilNow(what) : text.timeline.gap(what, length), length].find((candidate) => context.measureText(candidate).width <= room);
  if (label === undefined) return;
  const measured = context.measureText(label).width;
  context.fillStyle = item.kind === "alarm" ? palette.dangerWash : palette.sunken;
  context.beginPath();
  context.roundRect(from - 5, middle - 11, measured + 10, 22, 6);
  context.fill();
  context.fillStyle = item.kind === "alarm" ? palette.danger : palette.ink;
  context.textBaseline = "middle";
  context.textAlign = "left";
  context.fillText(label, from, middle + 1);
}

function paintTicks(context: CanvasRenderingContext2D, scene: Scene, palette: Palette, top: number): void {
  const { view, width, nowUs } = scene;
  const { stepUs, ticks: marks } = ticks(view, width, locale.hourCycle === "h12" ? 88 : 72);
  context.textBaseline = "alphabetic";
  context.textAlign = "center";
  for (const { atUs, isDay } of marks) {
    const x = Math.round(xOf(view, atUs, width));
    const isFuture = atUs > nowUs;
    context.globalAlpha = isFuture ? 0.5 : 1;
    context.fillStyle = isDay ? palette.ink : palette.line;
    context.fillRect(x, top - 5, 1, 5);
    context.fillStyle = isDay ? palette.ink : palette.soft;
    context.font = `${isDay ? 700 : 500} 12px ${palette.font}`;
    context.fillText(isDay || stepUs >= DAY_US ? sayDayShort(atUs, nowUs) : clock(atUs, locale, stepUs < MINUTE_US ? "second" : "minute"), x, top - 9);
  }
  context.globalAlpha = 1;
}

function sayDayShort(atUs: TimeUs, nowUs: TimeUs): string {
  const ago = daysAgo(atUs, nowUs);
  return ago === 0 ? text.common.today : ago === 1 ? text.common.yesterday : date(atUs, nowUs, locale);
}

function paintSelection(context: CanvasRenderingContext2D, scene: Scene, selection: Span, palette: Palette, top: number, bottom: number): void {
  const left = xOf(scene.view, selection.fromUs, scene.width);
  const right = xOf(scene.view, selection.toUs, scene.width);
  context.fillStyle = palette.paper;
  context.globalAlpha = 0.7;
  context.fillRect(0, top, Math.max(0, left), bottom - top);
  context.fillRect(right, top, Math.max(0, scene.width - right), bottom - top);
  context.globalAlpha = 1;
  context.fillStyle = palette.ink;
  context.fillRect(left, top, right - left, 3);
  context.fillRect(left, bottom - 3, right - left, 3);
  for (const x of [left, right]) {
    context.beginPath();
    context.roundRect(x - 5, top, 10, bottom - top, 5);
    context.fill();
    context.fillStyle = palette.paper;
    context.fillRect(x - 1, (top + bottom) / 2 - 8, 2, 16);
    context.fillStyle = palette.ink;
  }
}

function paintPlayhead(context: CanvasRenderingContext2D, width: number, palette: Palette, top: number, bottom: number): void {
  const x = Math.round(width / 2);
  context.fillStyle = palette.paper;
  context.fillRect(x - 2.5, top - 2, 5, bottom - top + 4);
  context.fillStyle = palette.ink;
  context.fillRect(x - 1.5, top - 2, 3, bottom - top + 4);
  context.beginPath();
  context.moveTo(x - 7, top - 5);
  context.lineTo(x + 7, top - 5);
  context.lineTo(x, top + 5);
  context.closePath();
  context.fill();
}
