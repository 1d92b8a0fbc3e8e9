// @vitest-environment happy-dom
/** @file Tests of first run: nothing is skipped, and mistakes lead back to where they can be mended. */
import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import type { HomeModel, KitDraft } from "../../domain/home.ts";
import { show, stubHome } from "../../model/stub-home.tsx";
import { text } from "../../text/index.ts";
import { Claim } from "./Claim.tsx";
import { RecoveryKit } from "./RecoveryKit.tsx";

afterEach(cleanup);
const groups = ["AAAA", "BBBB", "CCCC", "DDDD", "EEEE", "FFFF", "GGGG", "HHHH", "JJJJ"];
const draft: KitDraft = { draft: "draft" as KitDraft["draft"], groups, createdUs: 0 };

async function answerClaim(password: string): Promise<void> {
  const user = userEvent.setup();
  await user.click(screen.getByRole("button", { name: text.common.next }));
  await user.type(screen.getByLabelText(text.firstRun.nameLabel), "Wilma");
  await user.click(screen.getByRole("button", { name: text.common.next }));
  await user.type(screen.getByLabelText(text.firstRun.passwordLabel), password);
  await user.click(screen.getByRole("button", { name: text.firstRun.claim }));
}

test("the code of the address is filled in, and goes out with name and password", async () => {
  const claim = vi.fn<HomeModel["claim"]>().mockResolvedValue({ ok: true, value: undefined });
  show(<Claim initialCode="AB12-CD34-EF56-GH78" />, stubHome({ claim }).model);
  await answerClaim("four words make one");
  expect(claim).toHaveBeenCalledExactlyOnceWith({ code: "AB12-CD34-EF56-GH78", memberName: "Wilma", password: "four words make one" });
});

test("a short password is not sent", async () => {
  const claim = vi.fn<HomeModel["claim"]>();
  show(<Claim initialCode="AB12-CD34-EF56-GH78" />, stubHome({ claim }).model);
  await answerClaim("only14 letters");
  expect(claim).not.toHaveBeenCalled();
  expect(screen.getByRole("alert").textContent).toBe(text.firstRun.passwordShort(15));
});

test("a password is masked, can be pasted, may be long, and is taken exactly as typed", async () => {
  const claim = vi.fn<HomeModel["claim"]>().mockResolvedValue({ ok: true, value: undefined });
  show(<Claim initialCode="AB12-CD34-EF56-GH78" />, stubHome({ claim }).model);
  const user = userEvent.setup();
  await user.click(screen.getByRole("button", { name: text.common.next }));
  await user.type(screen.getByLabelText(text.firstRun.nameLabel), "Wilma");
  await user.click(screen.getByRole("button", { name: text.common.next }));
  const field = screen.getByLabelText<HTMLInputElement>(text.firstRun.passwordLabel);
  expect([field.type, field.autocomplete, field.maxLength]).toEqual(["password", "new-password", -1]);
  const password = `  Über ${"long ".repeat(20)}ＷＩＤＥ `;
  await user.click(field);
  await user.paste(password);
  await user.click(screen.getByRole("button", { name: text.common.showPassword }));
  expect(field.type).toBe("text");
  await user.click(screen.getByRole("button", { name: text.firstRun.claim }));
  await vi.waitFor(() => expect(claim).toHaveBeenCalledWith(expect.objectContaining({ password })));
});

test("a wrong code leads back to the code, with what to do", async () => {
  const claim = vi.fn<HomeModel["claim"]>().mockResolvedValue({ ok: false, problem: { code: "claim-code-expired" } });
  show(<Claim initialCode="AB12-CD34-EF56-GH78" />, stubHome({ claim }).model);
  await answerClaim("four words make one");
  expect(await screen.findByRole("alert")).toHaveProperty("textContent", expect.stringContaining(text.problems["claim-code-expired"].next));
  expect(screen.getByLabelText(text.firstRun.codeLabel)).toBeTruthy();
});

async function openConfirm(confirmKit: HomeModel["confirmKit"], onDone: () => void): Promise<void> {
  show(<RecoveryKit memberName="Wilma" isFirst onDone={onDone} />, stubHome({ draftKit: () => Promise.resolve({ ok: true, value: draft }), confirmKit }).model);
  await screen.findByText("AAAA");
  await userEvent.click(screen.getByRole("button", { name: text.kit.written }));
}

function askedFields(): readonly { readonly field: HTMLElement; readonly group: string }[] {
  return groups.flatMap((group, index) => {
    const field = screen.queryByLabelText(text.kit.confirmLabel(index + 1));
    return field === null ? [] : [{ field, group }];
  });
}

test("the kit is kept only when two of its groups were typed back", async () => {
  const confirmKit = vi.fn<HomeModel["confirmKit"]>().mockResolvedValue({ ok: true, value: undefined });
  const onDone = vi.fn();
  await openConfirm(confirmKit, onDone);
  const asked = askedFields();
  expect(asked).toHaveLength(2);

  for (const { field } of asked) await userEvent.type(field, "ZZZZ");
  await userEvent.click(screen.getByRole("button", { name: text.kit.confirm }));
  expect(confirmKit).not.toHaveBeenCalled();
  expect(screen.getAllByRole("alert")).toHaveLength(2);

  for (const { field, group } of asked) {
    await userEvent.clear(field);
    await userEvent.type(field, group.toLowerCase());
  }
  await userEvent.click(screen.getByRole("button", { name: text.kit.confirm }));
  expect(confirmKit).toHaveBeenCalledOnce();
  expect(onDone).toHaveBeenCalledOnce();
});

test("the first kit cannot be skipped: there is no way on but through it", async () => {
  show(<RecoveryKit memberName="Wilma" isFirst onDone={() => undefined} />, stubHome({ draftKit: () => Promise.resolve({ ok: true, value: draft }) }).model);
  await screen.findByText("AAAA");
  expect(screen.getAllByRole("button").map((button) => button.textContent)).toEqual([text.kit.print, text.kit.written]);
  expect(screen.queryByRole("link")).toBeNull();
});
