/**
 * @file The link, `docs/spec/link.md`: one entry of a device's signed chain, a recording's manifest or a gap.
 *
 * A sealed part proves no sender, so the hub signs links. This file reads one link; `chain.ts` walks many.
 */
import type { DocumentForm } from "./envelope";
import { flag, id, list, nullable, object, oneOf, sha256Hex, tagged, timeUs, whole, type Shaped } from "./shape";

const RECORDING_US_MAX = 70_000_000;
const PART_BYTES_MAX = 512 * (1 << 20);

export const PART_KINDS = ["media", "card", "poster"] as const;
export type PartKind = (typeof PART_KINDS)[number];

export const GAP_CAUSES = [
  "camera-unreachable",
  "camera-stalled",
  "credentials-refused",
  "camera-refused",
  "stream-ended",
  "parameters-changed",
  "clock-stepped",
  "hub-stopped",
  "hub-interrupted",
  "disk-full",
  "spool-full",
  "recording-failed",
  "camera-changed",
  "privacy",
  "disarmed",
] as const;
export type GapCause = (typeof GAP_CAUSES)[number];

const partShape = object({ part: oneOf(...PART_KINDS), header: sha256Hex, body: sha256Hex, bodyBytes: whole(0, PART_BYTES_MAX) });

const placeFields = {
  household: id,
  hub: id,
  device: id,
  room: id,
  epoch: whole(0, 0xffff_ffff),
  roster: whole(1),
  index: whole(0),
  previous: nullable(sha256Hex),
  startUs: timeUs,
  endUs: timeUs,
};

const linkShape = tagged("kind", {
  recording: object({
    ...placeFields,
    kind: oneOf("recording"),
    recording: id,
    run: id,
    class: oneOf("continuous", "event"),
    keepUntilUs: timeUs,
    cut: flag,
    parts: list(partShape, PART_KINDS.length),
  }),
  gap: object({ ...placeFields, kind: oneOf("gap"), cause: oneOf(...GAP_CAUSES) }),
});

export type Link = Shaped<typeof linkShape>;
export type RecordingLink = Extract<Link, { readonly kind: "recording" }>;
export type Part = Shaped<typeof partShape>;

export const linkForm: DocumentForm<Link> = { kind: "link", shape: linkShape };

/** Whether the link makes sense in itself. */
export function isSensible(link: Link): boolean {
  const span = link.endUs - link.startUs;
  if (span < 0 || (link.index === 0) !== (link.previous === null)) return false;
  if (link.kind === "gap") return true;
  const order = link.parts.map(({ part }) => PART_KINDS.indexOf(part));
  return (
    span <= RECORDING_US_MAX &&
    link.keepUntilUs > link.endUs &&
    order[0] === 0 &&
    order.every((place, i) => i === 0 || place > (order[i - 1] ?? place))
  );
}

export function partOf(link: RecordingLink, kind: PartKind): Part | null {
  return link.parts.find(({ part }) => part === kind) ?? null;
}
