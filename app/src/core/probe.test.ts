/** @file What people type as a camera's address, and what of it may be kept. */
import { describe, expect, test } from "vitest";
import { splitCredentials } from "./probe";

const split = (address: string, userName = "", password = "") => splitCredentials({ address, userName, password });

describe("an address", () => {
  test.each([
    ["192.168.1.9", "192.168.1.9", "", ""],
    ["rtsp://cam/stream", "rtsp://cam/stream", "", ""],
    ["rtsp://admin:se%40cret@cam:554/live?x=1", "rtsp://cam:554/live?x=1", "admin", "se@cret"],
    ["admin:p:w@cam", "cam", "admin", "p:w"],
    ["rtsp://admin@cam/", "rtsp://cam/", "admin", ""],
    ["RTSP://a:b@c@cam/path@x", "RTSP://cam/path@x", "a", "b@c"],
  ])("%s is cleared of name and password", (typed, address, userName, password) => {
    expect(split(typed)).toEqual({ ok: true, value: { address, userName, password } });
  });

  test("what was typed into the fields wins", () => {
    expect(split("rtsp://old:old@cam/", "new", "fresh")).toMatchObject({ value: { userName: "new", password: "fresh", address: "rtsp://cam/" } });
  });

  test.each(["", "   ", "http://cam/", "file:///etc", "my camera"])("%j is none", (typed) => {
    expect(split(typed)).toMatchObject({ problem: { code: "camera-address-invalid" } });
  });
});
