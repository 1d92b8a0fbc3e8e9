// @vitest-environment happy-dom
/** @file The screens about people: what they say before something is done, and what they leave to owners. */
import { cleanup, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import type { MemberId, RoomId } from "../../domain/home.ts";
import type { InviteId, PeopleModel, PeopleView } from "../../domain/people.ts";
import { show, stubHome, NOW_US } from "../../model/stub-home.tsx";
import { en } from "../../text/en.ts";
import { Join } from "../join/Join.tsx";
import { Invite } from "./Invite.tsx";
import { People } from "./People.tsx";
import { Person } from "./Person.tsx";

afterEach(cleanup);

const words = en.people;
const [me, nana] = ["me" as MemberId, "nana" as MemberId];
const view: PeopleView = {
  people: [
    { id: me, name: "Wilma", role: "owner", isMe: true, sinceUs: NOW_US, isLastOwner: true },
    { id: nana, name: "Nana Rose", role: "guest", isMe: false, sinceUs: NOW_US, isLastOwner: false },
  ],
  rooms: [
    { id: "r1" as RoomId, name: "Garden", audience: [me, nana], cameraCount: 2 },
    { id: "r2" as RoomId, name: "Nursery", audience: [me], cameraCount: 1 },
  ],
  canChange: true,
  hubCount: 1,
};

function people(allowed: Partial<PeopleModel>, shown = view) {
  const no = () => Promise.resolve({ ok: false, problem: { code: "not-allowed" } } as const);
  const base: PeopleModel = {
    view: () => shown,
    onChange: () => () => undefined,
    invites: () => Promise.resolve({ ok: true, value: [] }),
    invite: no,
    cancelInvite: no,
    letIn: no,
    putOut: no,
    setSees: no,
    setRole: no,
    pairHub: no,
    lookAtInvitation: no,
    join: no,
    stopWaiting: no,
    ...allowed,
  };
  return stubHome({ people: base }).model;
}

test("putting somebody out says what it reaches before it is done, and does it once", async () => {
  const putOut = vi.fn<PeopleModel["putOut"]>(() => Promise.resolve({ ok: true, value: undefined }));
  show(<Person id={nana} fallback={null} />, people({ putOut }));
  await userEvent.click(screen.getByRole("button", { name: words.putOut }));
  expect(screen.getByText(words.putOutLead("Nana Rose", 1, 2))).toBeTruthy();
  expect(putOut).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole("button", { name: words.putOutNow("Nana Rose") }));
  expect(putOut).toHaveBeenCalledExactlyOnceWith(nana);
});

test("who asks to come in is shown by name and let in by one press", async () => {
  const id = "i1" as InviteId;
  const letIn = vi.fn<PeopleModel["letIn"]>(() => Promise.resolve({ ok: true, value: undefined }));
  const asked = { kind: "asks", name: "Uncle Teo", atUs: NOW_US } as const;
  const wish = { role: "guest", rooms: ["r1" as RoomId], reach: "today" } as const;
  show(<People />, people({ letIn, invites: () => Promise.resolve({ ok: true, value: [{ id, expiresUs: NOW_US, isMine: true, wish, asked }] }) }));
  await userEvent.click(await screen.findByRole("button", { name: words.letIn("Uncle Teo") }));
  expect(letIn).toHaveBeenCalledExactlyOnceWith(id);
});

test("an answer that is not believed is not shown as a person", async () => {
  const asked = { kind: "not-believed", detail: "refused: wrong-mac" } as const;
  const invite = { id: "i1" as InviteId, expiresUs: NOW_US, isMine: true, wish: null, asked };
  show(<People />, people({ invites: () => Promise.resolve({ ok: true, value: [invite] }) }));
  expect(await screen.findByText(words.notBelieved)).toBeTruthy();
  expect(screen.queryByRole("button", { name: /^Let / })).toBeNull();
});

test("who may not change anything is offered nothing to change", () => {
  show(<Person id={nana} fallback={null} />, people({}, { ...view, canChange: false }));
  expect(screen.queryByRole("switch")).toBeNull();
  expect(screen.queryByRole("button")).toBeNull();
});

test("no link is made for no room, and the default gives nothing of the past", async () => {
  const invite = vi.fn<PeopleModel["invite"]>(() => Promise.resolve({ ok: true, value: { id: "i" as InviteId, link: "https://home.invalid/#join=0000", expiresUs: NOW_US } }));
  show(<Invite />, people({ invite }));
  await userEvent.click(screen.getByRole("button", { name: en.common.next }));
  await userEvent.click(screen.getByRole("button", { name: en.common.next }));
  expect(screen.getByRole("alert").textContent).toBe(words.roomsNone);
  await userEvent.click(screen.getByRole("checkbox", { name: "Garden" }));
  await userEvent.click(screen.getByRole("button", { name: en.common.next }));
  await userEvent.click(screen.getByRole("button", { name: words.makeLink }));
  expect(invite).toHaveBeenCalledExactlyOnceWith({ role: "guest", rooms: ["r1"], reach: "today" });
  expect(await screen.findByRole("img", { name: words.qrLabel })).toBeTruthy();
});

test("whoever opens a link reads who invites to what before anything is asked", async () => {
  const lookAtInvitation: PeopleModel["lookAtInvitation"] = () =>
    Promise.resolve({ ok: true, value: { inviterName: "Wilma", homeName: "", role: "guest", rooms: ["Garden"], reach: "today", expiresUs: NOW_US } });
  show(<Join linkText="x" onLeave={() => undefined} />, people({ lookAtInvitation }));
  await waitFor(() => screen.getByRole("heading", { name: words.join.title("Wilma") }));
  expect(screen.getByText(words.join.lead(words.roles.guest, "Garden"))).toBeTruthy();
  expect(screen.queryByRole("textbox")).toBeNull();
});
