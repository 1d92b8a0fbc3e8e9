/** @file Tests of what a tile says. */
import { describe, expect, test } from "vitest";
import { gridColumns, pictureAgeMs, tileState } from "./camera.ts";

describe("tile", () => {
  const away = { kind: "unreachable", sinceUs: 1, cause: "camera-refused" } as const;
  test("a moving picture is live, whatever the hub last said", () => {
    expect(tileState(away, { kind: "playing", pictureAtUs: 1 }).kind).toBe("live");
  });
  test("a camera that is away is away, also while the app still tries", () => {
    expect(tileState(away, { kind: "opening" }).kind).toBe("away");
  });
  test("a camera that records without a live picture is in trouble", () => {
    expect(tileState({ kind: "recording" }, { kind: "failed", problem: { code: "codec-not-playable" } }).kind).toBe("trouble");
  });
  test("the age is told only when it matters", () => {
    expect(pictureAgeMs(1_000_000, 3_000_000)).toBeNull();
    expect(pictureAgeMs(1_000_000, 61_000_000)).toBe(60_000);
    expect(pictureAgeMs(null, 61_000_000)).toBeNull();
  });
  test.each([
    [1, 1280, 1],
    [2, 390, 1],
    [4, 1280, 2],
    [6, 1280, 3],
    [9, 2560, 3],
    [12, 1280, 3],
  ])("%i cameras on %i px stand in %i columns", (cameras, width, columns) => {
    expect(gridColumns(cameras, width)).toBe(columns);
  });
});
