/** @file Tests of addresses, typed codes and kit groups. */
import { describe, expect, test } from "vitest";
import { chosenGroups, isSameGroup } from "./kit.ts";
import { claimCodeIn, groupedCode, parseRoute, routePath, type Route } from "./route.ts";
import type { DeviceId } from "./home.ts";

describe("routes", () => {
  const routes: readonly Route[] = [
    { kind: "home" }, { kind: "rooms" }, { kind: "settings" }, { kind: "security" }, { kind: "devices" }, { kind: "activity" }, { kind: "kit" }, { kind: "add-camera" },
    { kind: "camera", deviceId: "abc" as DeviceId, atUs: null }, { kind: "camera", deviceId: "abc" as DeviceId, atUs: 1_782_000_000_000_000 },
  ];
  test.each(routes)("$kind survives the way through the address bar", (route) => {
    const [path = "", search = ""] = routePath(route).split("?");
    expect(parseRoute(path, search)).toEqual(route);
  });
  test("what is not an address of ours is unknown", () => {
    for (const path of ["/nowhere", "/camera", "/camera/a/b", "/settings/x"]) expect(parseRoute(path).kind).toBe("unknown");
  });
  test("a time that is none is ignored", () => {
    expect(parseRoute("/camera/a", "at=yesterday")).toEqual({ kind: "camera", deviceId: "a", atUs: null });
  });
});

describe("claim code", () => {
  test("is taken from the fragment", () => {
    expect(claimCodeIn("#claim=ab12-CD34-EF56-GH78")).toBe("AB12-CD34-EF56-GH78");
  });
  test.each(["", "#", "#claim=", "#claim=AB12", "#claim=AB12-CD34-EF56-GH78-IJ90", "#other=AB12-CD34-EF56-GH78"])("is not found in %j", (fragment) => {
    expect(claimCodeIn(fragment)).toBeNull();
  });
  test("may be typed in any manner", () => {
    expect(groupedCode("ab12 cd34efgh", 4)).toBe("AB12-CD34-EFGH");
    expect(groupedCode("AB12-CD34-EF56-GH78-TOOLONG", 4)).toBe("AB12-CD34-EF56-GH78");
    expect(groupedCode("", 4)).toBe("");
  });
});

describe("kit groups", () => {
  test("two different groups are asked, whatever the dice say", () => {
    for (let i = 0; i <= 10; i += 1) {
      for (let j = 0; j <= 10; j += 1) {
        const [a, b] = chosenGroups(9, Math.min(0.9999, i / 10), Math.min(0.9999, j / 10));
        expect(a).toBeLessThan(b);
        expect(b).toBeLessThan(9);
        expect(a).toBeGreaterThanOrEqual(0);
      }
    }
  });
  test("case and blanks do not matter, characters do", () => {
    expect(isSameGroup(" 7kq d", "7KQD")).toBe(true);
    expect(isSameGroup("7KQB", "7KQD")).toBe(false);
    expect(isSameGroup("", "7KQD")).toBe(false);
  });
});
