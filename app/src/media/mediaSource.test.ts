/** @file Tests of the choice of Media Source: an iPhone has only the managed one, and opens it on one condition. */
import { afterEach, expect, test, vi } from "vitest";
import { attachSource, mediaSourceKind } from "./mediaSource";
import { isPlayable } from "./sourceBuffer";

afterEach(() => vi.unstubAllGlobals());

class Fake extends EventTarget {
  readyState = "closed";
  static isTypeSupported = (mime: string) => mime.includes("hvc1");
}

test("the usual Media Source is taken where there is one, the managed one only without it", () => {
  class Usual extends Fake {}
  class Managed extends Fake {}
  expect(mediaSourceKind({ MediaSource: Usual, ManagedMediaSource: Managed })).toBe(Usual);
  expect(mediaSourceKind({ ManagedMediaSource: Managed })).toBe(Managed);
  expect(mediaSourceKind({})).toBeNull();
});

test("with only a managed source, playing elsewhere is off before the element gets it, as Safari demands", async () => {
  let isRemoteOffWhenSet = false;
  class Managed extends Fake {}
  let opened: Managed | null = null;
  vi.stubGlobal("MediaSource", undefined);
  vi.stubGlobal("ManagedMediaSource", Managed);
  vi.stubGlobal("URL", { createObjectURL: (source: Managed) => ((opened = source), "blob:managed"), revokeObjectURL: () => undefined });
  const video = {
    disableRemotePlayback: false,
    set src(_url: string) {
      isRemoteOffWhenSet = this.disableRemotePlayback;
      queueMicrotask(() => opened?.dispatchEvent(new Event("sourceopen")));
    },
  };
  expect(await attachSource(video as unknown as HTMLVideoElement)).toBe(opened);
  expect(isRemoteOffWhenSet).toBe(true);
  expect(isPlayable("hvc1.1.6.L93.B0")).toBe(true);
});
