/** @file For tests: a home in which nothing may be done but what the test allows, and a way to show a screen over it. */
import { render, type RenderResult } from "@testing-library/react";
import type { ReactNode } from "react";
import type { Access, CameraView, DeviceId, HomeModel, HomeSnapshot, HouseholdView, MemberId, RoomId, RoomView } from "../domain/home.ts";
import { ToastProvider } from "../ui/Toast.tsx";
import { HomeProvider } from "./HomeContext.tsx";

export const NOW_US = Date.parse("2026-11-24T12:00:00Z") * 1000;

export const camera: CameraView = {
  id: "cam-1" as DeviceId,
  roomId: "room-1" as RoomId,
  name: "Front door",
  source: "rtsp",
  state: { kind: "recording" },
  pictureAtUs: NOW_US,
  microphone: "on",
  watchers: null,
  turnedOff: null,
};

const rule = { continuousDays: 3, eventDays: 14, records: "always" } as const;

export const room: RoomView = { id: "room-1" as RoomId, name: "Porch", rules: { now: rule, signed: rule, isWaiting: false }, turnedOff: null };

export const household: HouseholdView = {
  memberId: "member-1" as MemberId,
  memberName: "Wilma",
  role: "owner",
  rooms: [room],
  cameras: [camera],
  hub: { kind: "reachable" },
  armed: null,
  pending: [],
  isLoading: false,
};

export interface StubHome {
  readonly model: HomeModel;
  /** Another snapshot, as if something had changed. */
  readonly become: (access: Access, connection?: HomeSnapshot["connection"]) => void;
}

export function stubHome(allowed: Partial<HomeModel> = {}, access: Access = { kind: "in", household }): StubHome {
  let snapshot: HomeSnapshot = { connection: { kind: "online" }, access, account: { unseenNotices: 0, approvals: [] }, stepUp: null };
  const listeners = new Set<() => void>();
  const base = {
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    snapshot: () => snapshot,
    nowUs: () => NOW_US,
    // What screens ask on the way to something else.
    signingIn: { passkeys: () => Promise.resolve({ use: "not-here", isOfferedByBrowser: false }) },
    security: { passwordLengthMin: () => Promise.resolve(15), judgePassword: (password: string) => Promise.resolve({ fault: password.length < 15 ? "short" : null, lengthMin: 15 }) },
    ...allowed,
  };
  const model = new Proxy(base, {
    get(target, name) {
      if (Reflect.has(target, name)) return Reflect.get(target, name) as unknown;
      return () => {
        throw new Error(`the screen called ${String(name)}, which this test does not allow`);
      };
    },
  }) as unknown as HomeModel;
  return {
    model,
    become(nextAccess, connection = { kind: "online" }) {
      snapshot = { ...snapshot, connection, access: nextAccess };
      for (const listener of listeners) listener();
    },
  };
}

export function show(screen: ReactNode, model: HomeModel): RenderResult {
  return render(
    <HomeProvider model={model}>
      <ToastProvider labels={{ region: "Messages", dismiss: "Dismiss" }}>{screen}</ToastProvider>
    </HomeProvider>,
  );
}
