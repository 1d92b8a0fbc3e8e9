// @vitest-environment happy-dom
/** @file Tests of saving a span: it can be stopped, and what the file leaves out is said. */
import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import type { HomeModel } from "../../domain/home.ts";
import { camera, NOW_US, show, stubHome } from "../../model/stub-home.tsx";
import { text } from "../../text/index.ts";
import { ExportDialog } from "./ExportDialog.tsx";

afterEach(cleanup);
const span = { fromUs: NOW_US - 60e6, toUs: NOW_US };

test("progress is told, and stopping aborts the work", async () => {
  let signal: AbortSignal | undefined;
  const exportSpan: HomeModel["exportSpan"] = (_id, _span, onProgress, given) => {
    signal = given;
    onProgress({ fraction: 0.4 });
    return new Promise(() => undefined);
  };
  const onClose = vi.fn();
  show(<ExportDialog camera={camera} span={span} onClose={onClose} />, stubHome({ exportSpan }).model);
  expect((await screen.findByRole("progressbar")).getAttribute("aria-valuenow")).toBe("40");
  await userEvent.click(screen.getByRole("button", { name: text.common.cancel }));
  expect(signal?.aborted).toBe(true);
  expect(onClose).toHaveBeenCalledOnce();
});

test("gaps and an earlier start are said", async () => {
  const exportSpan: HomeModel["exportSpan"] = () =>
    Promise.resolve({ ok: true, value: { blob: new Blob(["x"]), span: { fromUs: span.fromUs - 2e6, toUs: span.toUs }, gapCount: 2 } });
  show(<ExportDialog camera={camera} span={span} onClose={() => undefined} />, stubHome({ exportSpan }).model);
  expect(await screen.findByText(text.export.gaps(2))).toBeTruthy();
  expect(screen.getByText(text.export.wider)).toBeTruthy();
  expect(screen.getByRole("button", { name: text.export.save })).toBeTruthy();
});

test("a failure says what to do and can be tried again", async () => {
  const exportSpan = vi.fn<HomeModel["exportSpan"]>().mockResolvedValue({ ok: false, problem: { code: "vault-unreachable" } });
  show(<ExportDialog camera={camera} span={span} onClose={() => undefined} />, stubHome({ exportSpan }).model);
  const calls = exportSpan.mock.calls.length;
  await userEvent.click(await screen.findByRole("button", { name: text.common.tryAgain }));
  expect(exportSpan.mock.calls.length).toBe(calls + 1);
});
