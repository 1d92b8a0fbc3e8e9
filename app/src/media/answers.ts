/** @file The vault's answers about pictures, read strictly: headers, device states, and what a live socket says. */
import type { Outcome } from "../domain/home";
import { fail, succeed } from "../api/problem";
import { GAP_CAUSES, type GapCause } from "../crypto/link";
import { bytesUpTo, id, openObject as object, oneOf, optional, readShape, tagged, timeUs, whole, type Shape, type Shaped } from "../crypto/shape";

const HEADER_BYTES_MAX = 16 << 10;

export const headersShape = object({
  media: bytesUpTo(HEADER_BYTES_MAX),
  card: optional(bytesUpTo(HEADER_BYTES_MAX)),
  poster: optional(bytesUpTo(HEADER_BYTES_MAX)),
});
export type Headers = Shaped<typeof headersShape>;

const stateShape = tagged("state", {
  connecting: object({ state: oneOf("connecting") }),
  recording: object({ state: oneOf("recording") }),
  down: object({ state: oneOf("down"), cause: oneOf(...GAP_CAUSES) }),
});

const statusFields = object({ device: id, sinceUs: timeUs, state: stateShape });

/** A device's state, as it stands among the fields of a message. */
export const deviceStatus: Shape<DeviceStatus> = (value) => {
  const { device, sinceUs, state } = statusFields(value);
  return { device, sinceUs, ...state };
};

export type DeviceStatus =
  | { readonly device: string; readonly sinceUs: number; readonly state: "connecting" }
  | { readonly device: string; readonly sinceUs: number; readonly state: "recording" }
  | { readonly device: string; readonly sinceUs: number; readonly state: "down"; readonly cause: GapCause };

export type ToViewer =
  | { readonly type: "live-key"; readonly key: unknown }
  | { readonly type: "dropped"; readonly frames: number }
  | { readonly type: "status"; readonly status: DeviceStatus }
  | { readonly type: "hub-away" };

const opaqueValue: Shape<unknown> = (value) => value;

export const toViewerShape: Shape<ToViewer> = tagged("type", {
  "live-key": object({ type: oneOf("live-key"), key: opaqueValue }),
  dropped: object({ type: oneOf("dropped"), frames: whole(0) }),
  status: (value): ToViewer => ({ type: "status", status: deviceStatus(value) }),
  "hub-away": object({ type: oneOf("hub-away") }),
});

/** Reads an answer in its form. An answer in another form is a bug or a lie; both show as one. */
export async function answer<T>(shape: Shape<T>, asked: Promise<Outcome<unknown>>): Promise<Outcome<T>> {
  const got = await asked;
  if (!got.ok) return got;
  const read = readShape(shape, got.value);
  return read.ok ? succeed(read.value) : fail("unexpected", "the vault's answer is not in its form");
}

