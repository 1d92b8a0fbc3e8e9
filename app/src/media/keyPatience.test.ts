/** @file Tests of what a refused live key means. */
import { expect, test } from "vitest";
import { EPOCH_MS_MAX, KeyPatience } from "./keyPatience";

test("a key of an epoch that is not known yet is asked for again, and not for ever", () => {
  const patience = new KeyPatience();
  expect(patience.refused("wrong-room", 1_000)).toBe("come-back");
  expect(patience.refused("no-key", 1_000 + EPOCH_MS_MAX - 1)).toBe("come-back");
  expect(patience.refused("wrong-room", 1_000 + EPOCH_MS_MAX)).toBe("fail");
});

test("patience begins anew once a key was good", () => {
  const patience = new KeyPatience();
  expect(patience.refused("wrong-room", 0)).toBe("come-back");
  patience.accepted();
  expect(patience.refused("wrong-room", 2 * EPOCH_MS_MAX)).toBe("come-back");
});

test("a key that is not the hub's is an alarm at once, and an old one is none", () => {
  const patience = new KeyPatience();
  expect(patience.refused("not-signed-by-trusted", 0)).toBe("fail");
  expect(patience.refused("wrong-device", 0)).toBe("fail");
  expect(patience.refused("old-key", 0)).toBe("wait");
});
