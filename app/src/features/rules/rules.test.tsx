// @vitest-environment happy-dom
/** @file The rules of a room on screen: what is said before something is done, who is offered what, and what goes wrong. */
import { cleanup, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import type { EraseReach, HouseholdView } from "../../domain/home.ts";
import type { PendingId, PendingView, RoomRules, RulesModel } from "../../domain/rules.ts";
import { household, NOW_US, room, show, stubHome } from "../../model/stub-home.tsx";
import { en } from "../../text/en.ts";
import { Room } from "../rooms/Room.tsx";
import { HouseLines } from "./HouseLines.tsx";

afterEach(cleanup);

const words = en.rules;
const { now } = room.rules;
const longer: RoomRules = { now, signed: { ...now, continuousDays: 7 }, isWaiting: true };
const pending: PendingView = {
  id: "p1" as PendingId,
  what: { kind: "rules", room: { of: "room", id: room.id, name: room.name }, rules: longer },
  roomId: room.id,
  byName: "Ben",
  isMine: false,
  effectiveUs: NOW_US + 3_600_000_000,
};
const what = words.rule(room.name, [words.continuousTo(3, 7)]);
const done = () => Promise.resolve({ ok: true, value: undefined } as const);
const reachOf = (recordingCount: number): EraseReach => ({ recordingCount, durationMs: recordingCount * 60_000, sizeBytes: recordingCount * 1e6, span: recordingCount === 0 ? null : { fromUs: NOW_US - 2e11, toUs: NOW_US - 1e11 } });

function home(allowed: Partial<RulesModel>, over: Partial<HouseholdView> = {}) {
  const no = () => Promise.resolve({ ok: false, problem: { code: "not-allowed" } } as const);
  const rules: RulesModel = { reach: no, setRule: no, turnRoom: no, arm: no, stop: no, ...allowed };
  return stubHome({ rules }, { kind: "in", household: { ...household, ...over } });
}
const showRoom = (model: ReturnType<typeof home>) => show(<Room id={room.id} fallback={<p>none</p>} />, model.model);

async function choose(part: "continuousDays" | "eventDays", days: number) {
  await userEvent.click(screen.getByRole("button", { name: words.changeOf(words[part]) }));
  await userEvent.click(screen.getByRole("radio", { name: words.days(days) }));
  await userEvent.click(screen.getByRole("button", { name: words.check }));
}

test("what waits is said on Home with who, what and when, and kept as it is by one key", async () => {
  const stop = vi.fn<RulesModel["stop"]>(done);
  show(<HouseLines />, home({ stop }, { pending: [pending] }).model);
  const list = screen.getByRole("list", { name: words.pending });
  expect(list.closest("[role=status]")).toBeTruthy(); // read out when it appears
  expect(list.textContent).toContain(words.wants(false, "Ben", what));
  expect(list.textContent).toMatch(/Takes effect today/);
  await userEvent.tab();
  expect(document.activeElement).toBe(screen.getByRole("button", { name: words.keepOf(what) }));
  await userEvent.keyboard("{Enter}");
  expect(stop).toHaveBeenCalledExactlyOnceWith(pending.id);
  expect(await screen.findByText(words.kept)).toBeTruthy();
});

test.each(["not-waiting", "hub-unreachable", "vault-unreachable"] as const)("a stop that comes to nothing (%s) says so and what to do", async (code) => {
  show(<HouseLines />, home({ stop: () => Promise.resolve({ ok: false, problem: { code } }) }, { pending: [pending] }).model);
  await userEvent.click(screen.getByRole("button", { name: words.keepOf(what) }));
  expect((await screen.findByRole("alert")).textContent).toContain(en.problems[code].next);
});

test("a guest reads what waits and is offered nothing to press, nor in the room", () => {
  const shown = home({}, { role: "guest", pending: [pending], armed: { on: true, sinceUs: NOW_US, byName: "Ben", isMine: false }, rooms: [{ ...room, rules: { ...longer, now: { ...now, records: "when-armed" } } }] });
  show(<HouseLines />, shown.model);
  expect(screen.getByText(words.guestCannot)).toBeTruthy();
  expect(screen.queryByRole("button")).toBeNull();
  cleanup();
  showRoom(shown);
  expect(screen.queryByRole("button")).toBeNull();
});

test("an adult who is no owner reads the rules, turns the room off, and does not change what is kept", async () => {
  const turnRoom = vi.fn<RulesModel["turnRoom"]>(done);
  showRoom(home({ turnRoom }, { role: "adult" }));
  expect(screen.getAllByText(words.onlyOwners)).toHaveLength(2);
  expect(screen.queryByRole("button", { name: words.changeOf(words.continuousDays) })).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: words.turnOff }));
  expect(turnRoom).toHaveBeenCalledExactlyOnceWith(room.id, false);
});

test("shortening says in numbers what it erases before it does", async () => {
  const setRule = vi.fn<RulesModel["setRule"]>(done);
  showRoom(home({ setRule, reach: () => Promise.resolve({ ok: true, value: reachOf(120) }) }));
  await choose("continuousDays", 1);
  expect((await screen.findByRole("dialog")).textContent).toContain("120 recordings");
  expect(setRule).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole("button", { name: words.shortenAndErase(120) }));
  expect(setRule).toHaveBeenCalledExactlyOnceWith(room.id, room.rules, { ...now, continuousDays: 1 });
  expect(await screen.findByText(words.done)).toBeTruthy();
});

test("lengthening asks again and says that it waits, and nothing is erased", async () => {
  const setRule = vi.fn<RulesModel["setRule"]>(done);
  showRoom(home({ setRule, reach: () => Promise.resolve({ ok: true, value: reachOf(0) }) }));
  await choose("continuousDays", 30);
  expect((await screen.findByRole("dialog", { name: words.longerTitle(words.days(30)) })).textContent).toMatch(/Everybody in this home is told/);
  expect(setRule).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole("button", { name: words.longer }));
  expect(setRule).toHaveBeenCalledExactlyOnceWith(room.id, room.rules, { ...now, continuousDays: 30 });
  expect(await screen.findByText(words.asked)).toBeTruthy();
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("button", { name: words.changeOf(words.continuousDays) })));
});

test("what cannot be counted is not shortened", async () => {
  showRoom(home({ reach: () => Promise.resolve({ ok: false, problem: { code: "vault-unreachable" } }) }));
  await choose("eventDays", 2);
  expect((await screen.findByRole("alert")).textContent).toContain(en.problems["vault-unreachable"].what);
  expect(screen.queryByRole("button", { name: words.shorten })).toBeNull();
});

test("rules that somebody else changed meanwhile are told, and what was on the screen is what is compared", async () => {
  const setRule = vi.fn<RulesModel["setRule"]>(() => Promise.resolve({ ok: false, problem: { code: "conflict" } }));
  const shown = home({ setRule, reach: () => Promise.resolve({ ok: true, value: reachOf(0) }) });
  showRoom(shown);
  await choose("eventDays", 7);
  shown.become({ kind: "in", household: { ...household, rooms: [{ ...room, rules: longer }] } });
  await userEvent.click(await screen.findByRole("button", { name: words.shorten }));
  expect(setRule).toHaveBeenCalledExactlyOnceWith(room.id, room.rules, { ...now, eventDays: 7 });
  expect((await screen.findByRole("alert")).textContent).toContain(en.problems.conflict.what);
});

test("who turned a room off and who armed the home is said, with since when, and Escape leaves a question unanswered", async () => {
  const arm = vi.fn<RulesModel["arm"]>(done);
  const rules = { ...room.rules, now: { ...now, records: "when-armed" as const } };
  const turnedOff = { by: ["Ben"], isMine: false, sinceUs: NOW_US, goesOnAtUs: null };
  showRoom(home({ arm }, { rooms: [{ ...room, rules, turnedOff }], armed: { on: false, sinceUs: NOW_US, byName: "Ben", isMine: false } }));
  expect(screen.getByText(/All cameras turned off by Ben/)).toBeTruthy();
  expect(screen.getByText(words.othersWait)).toBeTruthy();
  expect(screen.getByText(/By Ben, since/)).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: words.arm }));
  expect(arm).toHaveBeenCalledExactlyOnceWith(true);
  const change = screen.getByRole("button", { name: words.changeOf(words.records) });
  await userEvent.click(change);
  await userEvent.keyboard("{Escape}");
  expect(screen.queryByRole("dialog")).toBeNull();
  await waitFor(() => expect(document.activeElement).toBe(change));
});

test("a room that is not there says so", () => {
  show(<Room id={"gone" as typeof room.id} fallback={<p>none</p>} />, home({}).model);
  expect(screen.getByText("none")).toBeTruthy();
});
