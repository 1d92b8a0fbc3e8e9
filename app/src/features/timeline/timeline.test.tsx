// @vitest-environment happy-dom
/** @file Tests of the timeline for keyboard and screen reader, and of its store. */
import { cleanup, fireEvent, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { HOUR_US, MINUTE_US } from "../../domain/clock.ts";
import type { HomeModel, RecordingId, TimelineItem } from "../../domain/home.ts";
import { camera, NOW_US, show, stubHome } from "../../model/stub-home.tsx";
import { text } from "../../text/index.ts";
import { Alarms } from "./Alarms.tsx";
import { Cursor } from "./cursor.ts";
import { RecordingList } from "./RecordingList.tsx";
import { Strip, type StripProps } from "./Strip.tsx";

afterEach(cleanup);
const limits = { fromUs: NOW_US - 10 * HOUR_US, toUs: NOW_US };
const items: readonly TimelineItem[] = [
  { kind: "recording", id: "r1" as RecordingId, startUs: NOW_US - 60 * MINUTE_US, endUs: NOW_US - 59 * MINUTE_US, sizeBytes: 4_200_000, hasPoster: false, isCut: false },
  { kind: "gap", startUs: NOW_US - 59 * MINUTE_US, endUs: NOW_US - 55 * MINUTE_US, cause: "camera-stalled" },
  { kind: "alarm", startUs: NOW_US - 55 * MINUTE_US, endUs: NOW_US - 54 * MINUTE_US, alarm: "missing", id: null },
];

function showStrip(atUs: number, more: Partial<StripProps> = {}): { readonly cursor: Cursor; readonly onSettle: ReturnType<typeof vi.fn>; readonly onLive: ReturnType<typeof vi.fn> } {
  const cursor = new Cursor({ centreUs: atUs, usPerPx: 3_000_000 }, limits);
  const onSettle = vi.fn();
  const onLive = vi.fn();
  show(
    <Strip deviceId={camera.id} cameraName="Front door" cursor={cursor} items={items} isLive={false} selection={null} onSelection={() => undefined} onHoldStart={() => undefined} onSettle={onSettle} onLive={onLive} onToggle={() => undefined} onWant={() => undefined} {...more} />,
    stubHome().model,
  );
  return { cursor, onSettle, onLive };
}

test("an alarm is said above the timeline, once for each kind, with what to do", () => {
  show(<Alarms items={[...items, ...items]} />, stubHome().model);
  const [alert, ...more] = screen.getAllByRole("alert");
  expect(more).toHaveLength(0);
  expect(alert?.textContent).toContain(text.alarms.missing.what);
  expect(alert?.textContent).toContain(text.alarms.missing.next);
});

test("the slider says the time and what is there: recorded, a gap with its cause and length, an alarm", () => {
  const { cursor } = showStrip(NOW_US - 59.5 * MINUTE_US);
  const slider = screen.getByRole("slider", { name: text.timeline.label("Front door") });
  expect(slider.getAttribute("aria-valuetext")).toContain(text.timeline.recorded);
  fireEvent.keyDown(slider, { key: "ArrowRight" });
  fireEvent.keyDown(slider, { key: "ArrowRight" });
  expect(slider.getAttribute("aria-valuetext")).toContain(`${text.causes["camera-stalled"].what} · 4 minutes`);
  cursor.setView({ ...cursor.view(), centreUs: NOW_US - 54.5 * MINUTE_US });
  fireEvent.keyDown(slider, { key: "+" });
  expect(slider.getAttribute("aria-valuetext")).toContain(text.alarms.missing.what);
});

test("arrows, pages, home and end move; each press settles where it went", async () => {
  const { cursor, onSettle, onLive } = showStrip(NOW_US - 2 * HOUR_US);
  const slider = screen.getByRole("slider");
  slider.focus();
  await userEvent.keyboard("{ArrowLeft}");
  expect(onSettle).toHaveBeenLastCalledWith(NOW_US - 2 * HOUR_US - MINUTE_US);
  await userEvent.keyboard("{PageDown}");
  expect(onSettle).toHaveBeenLastCalledWith(NOW_US - 2 * HOUR_US + 9 * MINUTE_US);
  await userEvent.keyboard("{Home}");
  expect(cursor.centreUs()).toBe(limits.fromUs);
  await userEvent.keyboard("{End}");
  expect(onLive).toHaveBeenCalledOnce();
});

test("while a finger holds the strip, playback does not move it", () => {
  const cursor = new Cursor({ centreUs: NOW_US - HOUR_US, usPerPx: 1 }, limits);
  cursor.hold(true);
  cursor.follow(NOW_US);
  expect(cursor.centreUs()).toBe(NOW_US - HOUR_US);
  cursor.hold(false);
  cursor.follow(NOW_US - 1);
  expect(cursor.centreUs()).toBe(NOW_US - 1);
});

test("the list offers every recording to play, and names every interruption", async () => {
  const onPlay = vi.fn();
  const posterNow: HomeModel["posterNow"] = () => null;
  const timeline = { items, bounds: { oldestUs: limits.fromUs, newestUs: NOW_US }, isLoading: false, problem: null, want: () => undefined, retry: () => undefined };
  show(<RecordingList deviceId={camera.id} timeline={timeline} startAtUs={NOW_US} onPlay={onPlay} />, stubHome({ posterNow }).model);
  const hour = document.querySelector("details");
  if (hour === null) throw new Error("no hour is listed");
  hour.open = true;
  fireEvent(hour, new Event("toggle"));
  await userEvent.click(await screen.findByRole("button", { name: /Play from/ }));
  expect(onPlay).toHaveBeenCalledExactlyOnceWith(NOW_US - 60 * MINUTE_US);
  expect(screen.getByText((content) => content.startsWith(text.causes["camera-stalled"].what))).toBeTruthy();
  expect(screen.getByText((content) => content.startsWith(text.alarms.missing.what))).toBeTruthy();
});
