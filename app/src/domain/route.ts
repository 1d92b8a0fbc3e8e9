/** @file The app's addresses. Ids in them are opaque; no name ever stands in an address. */
import type { DeviceId, MemberId, RoomId } from "./home.ts";

export type Route =
  | { readonly kind: "home" }
  | { readonly kind: "camera"; readonly deviceId: DeviceId; readonly atUs: number | null }
  | { readonly kind: "add-camera" }
  | { readonly kind: "set-up-camera"; readonly deviceId: DeviceId }
  | { readonly kind: "rooms" }
  | { readonly kind: "room"; readonly roomId: RoomId }
  | { readonly kind: "people" }
  | { readonly kind: "person"; readonly memberId: MemberId }
  | { readonly kind: "invite" }
  | { readonly kind: "pair-hub" }
  | { readonly kind: "activity" }
  | { readonly kind: "settings" }
  | { readonly kind: "security" }
  | { readonly kind: "devices" }
  | { readonly kind: "kit" }
  | { readonly kind: "unknown" };

export function parseRoute(path: string, search = ""): Route {
  const parts = path.split("/").filter((part) => part !== "");
  const [first, second, ...rest] = parts;
  if (rest.length > 0) return { kind: "unknown" };
  if (first === undefined) return { kind: "home" };
  if (first === "camera" && second !== undefined) {
    const at = Number(new URLSearchParams(search).get("at") ?? Number.NaN);
    return { kind: "camera", deviceId: second as DeviceId, atUs: Number.isSafeInteger(at) && at > 0 ? at : null };
  }
  if (first === "cameras" && second !== undefined) return second === "add" ? { kind: "add-camera" } : { kind: "set-up-camera", deviceId: second as DeviceId };
  if (first === "settings" && second === "kit") return { kind: "kit" };
  if (first === "settings" && second === "security") return { kind: "security" };
  if (first === "settings" && second === "devices") return { kind: "devices" };
  if (first === "people" && second === "invite") return { kind: "invite" };
  if (first === "people" && second !== undefined) return { kind: "person", memberId: second as MemberId };
  if (first === "rooms" && second !== undefined) return { kind: "room", roomId: second as RoomId };
  if (first === "hubs" && second === "add") return { kind: "pair-hub" };
  if (second !== undefined) return { kind: "unknown" };
  if (first === "people") return { kind: "people" };
  if (first === "rooms") return { kind: "rooms" };
  if (first === "activity") return { kind: "activity" };
  if (first === "settings") return { kind: "settings" };
  return { kind: "unknown" };
}

export function routePath(route: Route): string {
  switch (route.kind) {
    case "home":
    case "unknown":
      return "/";
    case "camera":
      return `/camera/${encodeURIComponent(route.deviceId)}${route.atUs === null ? "" : `?at=${route.atUs}`}`;
    case "add-camera":
      return "/cameras/add";
    case "set-up-camera":
      return `/cameras/${encodeURIComponent(route.deviceId)}`;
    case "rooms":
      return "/rooms";
    case "room":
      return `/rooms/${encodeURIComponent(route.roomId)}`;
    case "people":
      return "/people";
    case "person":
      return `/people/${encodeURIComponent(route.memberId)}`;
    case "invite":
      return "/people/invite";
    case "pair-hub":
      return "/hubs/add";
    case "settings":
      return "/settings";
    case "activity":
      return "/activity";
    case "security":
      return "/settings/security";
    case "devices":
      return "/settings/devices";
    case "kit":
      return "/settings/kit";
  }
}

const CLAIM = /^#claim=([0-9A-Za-z]{4}(?:-[0-9A-Za-z]{4}){3})$/;

/** The claim code in the fragment of the address that the console printed; null when there is none. */
export function claimCodeIn(fragment: string): string | null {
  return CLAIM.exec(fragment)?.[1]?.toUpperCase() ?? null;
}

const JOIN = /^#join=([0-9A-Za-z]{4}(?:-[0-9A-Za-z]{4}){8})$/;

/** What an invitation's link carries; null when there is none. It is taken out of the address at once. */
export function invitationIn(fragment: string): string | null {
  return JOIN.exec(fragment)?.[1] ?? null;
}

/** What a person typed, in groups of four: tolerant of case, blanks and missing hyphens. */
export function groupedCode(typed: string, groupCount: number): string {
  const plain = typed.toUpperCase().replaceAll(/[^0-9A-Z]/g, "").slice(0, groupCount * 4);
  return plain.match(/.{1,4}/g)?.join("-") ?? "";
}
