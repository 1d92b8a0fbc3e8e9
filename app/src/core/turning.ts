/** @file Turning cameras off and on, by signed commands that the hub judges. */
import type { Outcome } from "../domain/home";
import { fail, succeed } from "../api/problem";
import { signPrivacy, signStop, type SignedCommand } from "../crypto/command";
import type { Scope } from "../crypto/homeState";
import { awaitCommand } from "./commands";
import type { Inside } from "./inside";

const PATIENCE_MS = 15_000;

export async function turnCamera(inside: Inside, device: string, isOn: boolean): Promise<Outcome<void>> {
  const own: Scope = { of: "device", device };
  // On again means: every wish that reaches this camera, of a room or of the whole home, too.
  return turn(inside, isOn ? (offOf(inside, device)?.scopes ?? []) : [own], isOn);
}

/** All cameras of a room. What was turned off one by one stays off. */
export async function turnRoom(inside: Inside, room: string, isOn: boolean): Promise<Outcome<void>> {
  if (!inside.household.roster.rooms.some((one) => one.room === room)) return fail("not-found");
  return turn(inside, isOn ? (inside.homes.roomOff(room)?.scopes ?? []) : [{ of: "room", room }], isOn);
}

async function turn(inside: Inside, scopes: readonly Scope[], isOn: boolean): Promise<Outcome<void>> {
  for (const scope of scopes) {
    const given = await give(inside, (by, nowUs) => signPrivacy(by, nowUs, scope, !isOn));
    if (!given.ok) return given;
  }
  return succeed(undefined);
}

export async function keepCameraOff(inside: Inside, device: string): Promise<Outcome<void>> {
  const what = offOf(inside, device)?.goesOn?.what;
  return what === undefined ? succeed(undefined) : give(inside, (by, nowUs) => signStop(by, nowUs, what));
}

function offOf(inside: Inside, device: string) {
  const known = inside.household.roster.devices.find((one) => one.device === device);
  return known === undefined ? null : inside.homes.turnedOff(device, known.room, known.hub);
}

/** Signs a command and waits until a hub has carried it out. */
export async function give(inside: Inside, sign: (by: Parameters<typeof signStop>[0], nowUs: number) => SignedCommand): Promise<Outcome<void>> {
  const { household, tools } = inside;
  const command = sign({ ...household.place, key: household.keys.signing }, tools.nowUs());
  const ended = await awaitCommand(tools.vault, command, { patienceMs: PATIENCE_MS });
  if (!ended.ok) return ended;
  return ended.value.outcome === null ? fail("hub-unreachable") : succeed(undefined);
}
