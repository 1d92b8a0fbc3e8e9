// @vitest-environment happy-dom
/** @file Tests of the doors: who sees what, and what happens when the session ends or the connection goes. */
import { act, cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { App } from "../../App.tsx";
import { household, NOW_US, stubHome } from "../../model/stub-home.tsx";
import { text } from "../../text/index.ts";

beforeEach(() => {
  history.replaceState(null, "", "/");
  vi.stubGlobal("IntersectionObserver", class { observe(): void { /* nothing is on screen */ } disconnect(): void { /* nor was */ } });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test("an unclaimed box asks for the claim code and nothing else", async () => {
  render(<App model={stubHome({}, { kind: "unclaimed" }).model} claimCode={null} />);
  expect(await screen.findByRole("heading", { name: text.firstRun.codeTitle })).toBeTruthy();
  expect(screen.queryByRole("navigation")).toBeNull();
});

test("when the session ends elsewhere, the home is gone and the reason is said", async () => {
  const home = stubHome();
  render(<App model={home.model} claimCode={null} />);
  expect(screen.getByRole("link", { name: /Front door/ })).toBeTruthy();
  act(() => home.become({ kind: "signed-out", reason: "ended" }));
  expect(await screen.findByText(text.signIn.reasons.ended)).toBeTruthy();
  expect(screen.queryByRole("link", { name: /Front door/ })).toBeNull();
});

test("a camera that is away says since when, why, and what to do", () => {
  const away = { ...household.cameras[0]!, state: { kind: "unreachable", sinceUs: NOW_US - 60e6, cause: "camera-wrong-password" } as const };
  render(<App model={stubHome({}, { kind: "in", household: { ...household, cameras: [away] } }).model} claimCode={null} />);
  expect(screen.getByText(text.causes["camera-wrong-password"].what)).toBeTruthy();
  expect(screen.getByText(text.causes["camera-wrong-password"].next)).toBeTruthy();
});

test("an empty home teaches how to begin", () => {
  render(<App model={stubHome({}, { kind: "in", household: { ...household, rooms: [], cameras: [] } }).model} claimCode={null} />);
  expect(screen.getByRole("button", { name: text.firstRun.useDemo })).toBeTruthy();
});

test("a lost connection is told after a moment, with a way to try at once", async () => {
  const reconnect = vi.fn();
  const home = stubHome({ reconnect });
  render(<App model={home.model} claimCode={null} />);
  act(() => home.become({ kind: "in", household }, { kind: "reconnecting", sinceUs: NOW_US }));
  const retry = await screen.findByRole("button", { name: text.connection.retry }, { timeout: 4000 });
  act(() => retry.click());
  expect(reconnect).toHaveBeenCalledOnce();
});

test("an address that leads nowhere says so", () => {
  history.replaceState(null, "", "/camera/gone");
  render(<App model={stubHome().model} claimCode={null} />);
  expect(screen.getByRole("heading", { name: text.notFound.title })).toBeTruthy();
});
