// @vitest-environment happy-dom
/** @file Tests of erasing: numbers first, one clear yes, and no "erased" before every place has confirmed. */
import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import type { EraseReach, EraseRequest, HomeModel } from "../../domain/home.ts";
import { camera, NOW_US, show, stubHome } from "../../model/stub-home.tsx";
import { text } from "../../text/index.ts";
import { EraseDialog } from "./EraseDialog.tsx";

afterEach(cleanup);
const request: EraseRequest = { kind: "span", deviceId: camera.id, span: { fromUs: NOW_US - 120e6, toUs: NOW_US } };
const reach: EraseReach = { recordingCount: 3, durationMs: 180_000, sizeBytes: 12_600_000, span: { fromUs: NOW_US - 180e6, toUs: NOW_US } };
const eraseReach = () => Promise.resolve({ ok: true, value: reach } as const);

test("says in numbers what it reaches, and that it is for ever, before anything happens", async () => {
  const erase = vi.fn<HomeModel["erase"]>();
  show(<EraseDialog request={request} onClose={() => undefined} />, stubHome({ eraseReach, erase }).model);
  expect(await screen.findByText("3 recordings, 3 minutes, 12.6 MB")).toBeTruthy();
  expect(screen.getByText(text.erase.noUndo)).toBeTruthy();
  expect(screen.getByText(text.erase.whole)).toBeTruthy();
  expect(erase).not.toHaveBeenCalled();
});

test("keeping them erases nothing", async () => {
  const erase = vi.fn<HomeModel["erase"]>();
  const onClose = vi.fn();
  show(<EraseDialog request={request} onClose={onClose} />, stubHome({ eraseReach, erase }).model);
  await userEvent.click(await screen.findByRole("button", { name: text.erase.keep }));
  expect(onClose).toHaveBeenCalledExactlyOnceWith(false);
  expect(erase).not.toHaveBeenCalled();
});

test("shows progress, then says erased when every place has confirmed", async () => {
  let finish: () => void = () => undefined;
  const erase: HomeModel["erase"] = (_request, onProgress) => {
    onProgress({ phase: "bytes", done: 1, total: 3 });
    return new Promise((resolve) => {
      finish = () => resolve({ ok: true, value: { recordingCount: 3, sizeBytes: 12_600_000, late: [] } });
    });
  };
  show(<EraseDialog request={request} onClose={() => undefined} />, stubHome({ eraseReach, erase }).model);
  await userEvent.click(await screen.findByRole("button", { name: text.erase.confirm(3) }));
  expect(screen.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("33");
  expect(screen.queryByText(text.erase.doneTitle)).toBeNull();
  finish();
  expect(await screen.findByText(text.erase.doneTitle)).toBeTruthy();
});

test("a place that is late is named, and the word erased is not said", async () => {
  const erase: HomeModel["erase"] = () => Promise.resolve({ ok: true, value: { recordingCount: 3, sizeBytes: 1, late: [{ holder: "hub-spool", sinceUs: NOW_US - 60e6 }] } });
  show(<EraseDialog request={request} onClose={() => undefined} />, stubHome({ eraseReach, erase }).model);
  await userEvent.click(await screen.findByRole("button", { name: text.erase.confirm(3) }));
  expect((await screen.findByRole("listitem")).textContent).toContain(text.holders["hub-spool"]);
  expect(screen.queryByText(text.erase.doneTitle)).toBeNull();
});

test("nothing in the span is said, and offers nothing to erase", async () => {
  const nothing = () => Promise.resolve({ ok: true, value: { recordingCount: 0, durationMs: 0, sizeBytes: 0, span: null } } as const);
  show(<EraseDialog request={request} onClose={() => undefined} />, stubHome({ eraseReach: nothing }).model);
  expect(await screen.findByText(text.erase.nothing)).toBeTruthy();
  expect(screen.queryByRole("button", { name: /Erase/ })).toBeNull();
});
