// @vitest-environment happy-dom
/** @file Tests of adding a camera: each failure says what to do next, and warnings are not overlooked. */
import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import type { HomeModel, ProbeResult } from "../../domain/home.ts";
import { camera, show, stubHome } from "../../model/stub-home.tsx";
import { text } from "../../text/index.ts";
import { AddCamera } from "./AddCamera.tsx";

afterEach(cleanup);
const words = text.addCamera;
const found: ProbeResult = {
  probe: "p" as ProbeResult["probe"],
  address: "rtsp://192.168.1.20:554/live",
  pictureUrl: "blob:x",
  streams: [{ role: "main", codec: "H.264", width: 1920, height: 1080, framesPerSecond: 15, kilobitsPerSecond: null }],
  audio: null,
  warnings: ["default-password"],
};

async function askFor(probeCamera: HomeModel["probeCamera"], more: Partial<HomeModel> = {}): Promise<void> {
  show(<AddCamera />, stubHome({ probeCamera, ...more }).model);
  await userEvent.type(screen.getByLabelText(words.addressLabel), "192.168.1.20");
  await userEvent.click(screen.getByRole("button", { name: text.common.next }));
  await userEvent.type(screen.getByLabelText(words.userLabel), "admin");
  await userEvent.type(screen.getByLabelText(words.passwordLabel), "admin");
  await userEvent.click(screen.getByRole("button", { name: words.find }));
}

test.each(["camera-wrong-password", "camera-path-missing", "camera-not-rtsp", "camera-codec-unknown", "camera-busy", "camera-no-route", "camera-timed-out", "camera-name-not-found"] as const)(
  "%s is said in a plain sentence with what to do next",
  async (code) => {
    await askFor(() => Promise.resolve({ ok: false, problem: { code } }));
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toContain(text.problems[code].what);
    expect(alert.textContent).toContain(text.problems[code].next);
    expect(screen.getByRole("button", { name: words.changePassword })).toBeTruthy();
  },
);

test("what was typed goes to the hub, and what was found is shown with its warning", async () => {
  const probeCamera = vi.fn<HomeModel["probeCamera"]>().mockResolvedValue({ ok: true, value: found });
  await askFor(probeCamera);
  expect(probeCamera.mock.calls[0]?.[0]).toEqual({ address: "192.168.1.20", userName: "admin", password: "admin" });
  expect(await screen.findByAltText(words.pictureAlt)).toBeTruthy();
  expect(screen.getByText(words.warnings["default-password"].what)).toBeTruthy();
  expect(screen.getByText("H.264, 1920 × 1080, 15 pictures a second")).toBeTruthy();
});

test("the camera is added under its name, in the chosen room", async () => {
  const addCamera = vi.fn<HomeModel["addCamera"]>().mockResolvedValue({ ok: false, problem: { code: "name-taken" } });
  await askFor(() => Promise.resolve({ ok: true, value: found }), { addCamera });
  await userEvent.click(await screen.findByRole("button", { name: words.yes }));
  await userEvent.type(screen.getByLabelText(words.nameLabel), " Door ");
  await userEvent.click(screen.getByRole("radio", { name: words.newRoom }));
  await userEvent.type(screen.getByLabelText(words.newRoomLabel), "Nursery");
  await userEvent.click(screen.getByRole("button", { name: words.add }));
  expect(addCamera).toHaveBeenCalledExactlyOnceWith({ probe: found, name: "Door", room: { newRoomName: "Nursery" }, withSound: true });
});

test("stopping aborts the search", async () => {
  let signal: AbortSignal | undefined;
  await askFor((_input, onStep, given) => {
    signal = given;
    onStep("connecting");
    return new Promise(() => undefined);
  });
  expect(screen.getByRole("status").textContent).toBe(words.steps.connecting);
  await userEvent.click(screen.getByRole("button", { name: text.common.cancel }));
  expect(signal?.aborted).toBe(true);
});

test("sound is recorded only if the person leaves it on", async () => {
  const addCamera = vi.fn<HomeModel["addCamera"]>().mockResolvedValue({ ok: false, problem: { code: "name-taken" } });
  await askFor(() => Promise.resolve({ ok: true, value: { ...found, audio: { codec: "AAC", isKept: true } } }), { addCamera });
  await userEvent.click(await screen.findByRole("button", { name: words.yes }));
  await userEvent.type(screen.getByLabelText(words.nameLabel), "Door");
  await userEvent.click(screen.getByRole("radio", { name: new RegExp(words.soundOff) }));
  await userEvent.click(screen.getByRole("button", { name: words.add }));
  expect(addCamera.mock.calls[0]?.[0]).toMatchObject({ name: "Door", withSound: false });
});

test("a camera that is there gets new settings, and stays the camera that it is", async () => {
  const setUpCamera = vi.fn<HomeModel["setUpCamera"]>().mockResolvedValue({ ok: true, value: undefined });
  show(<AddCamera camera={camera} />, stubHome({ setUpCamera }).model);
  expect(screen.getByRole("heading", { name: words.again(camera.name) })).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: words.isDemo }));
  await userEvent.click(screen.getByRole("radio", { name: new RegExp(words.soundOff) }));
  await userEvent.click(screen.getByRole("button", { name: words.change }));
  expect(setUpCamera).toHaveBeenCalledExactlyOnceWith({ id: camera.id, probe: null, withSound: false });
});
