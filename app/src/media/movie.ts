/** @file What a player needs out of fragmented MP4: tracks and codecs of an init segment, times and samples of a fragment. */
import { boxesIn, Cursor, findBox, findBoxes, fourCc, type Box } from "./boxes";

const SAMPLES_MAX = 100_000;
/** ISO 14496-12 8.8.3.1: `sample_is_non_sync_sample`. */
const NON_SYNC = 0x1_0000;

export interface Track {
  readonly id: number;
  readonly kind: "video" | "sound" | "other";
  readonly timescale: number;
  /** RFC 6381; empty when it is not known. */
  readonly codec: string;
}

/** The tracks of an init segment. */
export function tracksOf(init: Uint8Array): readonly Track[] {
  return findBoxes(init, "moov/trak").map((trak) => {
    const handler = findBox(init, "mdia/hdlr", trak);
    const type = handler === null ? "" : fourCc(init, handler.body + 8);
    return {
      id: trackId(init, trak),
      kind: type === "vide" ? "video" : type === "soun" ? "sound" : "other",
      timescale: timescaleOf(init, trak),
      codec: codecOf(init, trak),
    };
  });
}

/** `avc1.4d401f, mp4a.40.2` */
export function codecsOf(init: Uint8Array): string {
  return tracksOf(init)
    .map(({ codec }) => codec)
    .filter((codec) => codec !== "")
    .join(", ");
}

function trackId(data: Uint8Array, trak: Box): number {
  const box = findBox(data, "tkhd", trak);
  if (box === null) return 0;
  const cursor = new Cursor(data, box.body, box.end);
  const version = cursor.u8();
  cursor.skip(3 + (version === 1 ? 16 : 8));
  return cursor.u32();
}

function timescaleOf(data: Uint8Array, trak: Box): number {
  const box = findBox(data, "mdia/mdhd", trak);
  if (box === null) return 1;
  const cursor = new Cursor(data, box.body, box.end);
  const version = cursor.u8();
  cursor.skip(3 + (version === 1 ? 16 : 8));
  return Math.max(1, cursor.u32());
}

const VISUAL_ENTRY_BYTES = 78;
const AUDIO_ENTRY_BYTES = 28;

function codecOf(data: Uint8Array, trak: Box): string {
  const stsd = findBox(data, "mdia/minf/stbl/stsd", trak);
  const entry = stsd === null ? undefined : boxesIn(data, stsd.body + 8, stsd.end)[0];
  if (entry === undefined) return "";
  const isSound = entry.type === "mp4a" || entry.type === "fLaC" || entry.type === "Opus";
  const inside = boxesIn(data, entry.body + (isSound ? AUDIO_ENTRY_BYTES : VISUAL_ENTRY_BYTES), entry.end);
  if (entry.type === "avc1") return avcCodec(data, inside);
  if (entry.type === "hvc1" || entry.type === "hev1") return hevcCodec(data, entry.type, inside);
  if (entry.type === "mp4a") return "mp4a.40.2";
  if (entry.type === "fLaC") return "flac";
  return entry.type === "Opus" ? "opus" : "";
}

function avcCodec(data: Uint8Array, inside: readonly Box[]): string {
  const avcC = inside.find(({ type }) => type === "avcC");
  if (avcC === undefined || avcC.body + 4 > avcC.end) return "";
  const hex = [...data.subarray(avcC.body + 1, avcC.body + 4)].map((byte) => byte.toString(16).padStart(2, "0"));
  return `avc1.${hex.join("")}`;
}

/** ISO 14496-15 annex E. */
function hevcCodec(data: Uint8Array, type: string, inside: readonly Box[]): string {
  const hvcC = inside.find((box) => box.type === "hvcC");
  if (hvcC === undefined) return "";
  const cursor = new Cursor(data, hvcC.body + 1, hvcC.end);
  const profileByte = cursor.u8();
  const compatibility = cursor.u32();
  const constraints = Array.from({ length: 6 }, () => cursor.u8());
  const level = cursor.u8();
  const space = ["", "A", "B", "C"][profileByte >> 6] ?? "";
  const reversed = Array.from({ length: 32 }, (_, i) => (compatibility >>> i) & 1).reduce((sum, bit) => sum * 2 + bit, 0);
  while (constraints.at(-1) === 0) constraints.pop();
  const tier = (profileByte & 0x20) === 0 ? "L" : "H";
  const parts = [type, `${space}${profileByte & 31}`, reversed.toString(16), `${tier}${level}`, ...constraints.map((byte) => byte.toString(16))];
  return parts.join(".");
}

/** One track's part of a fragment, in units of that track. */
export interface TrackRun {
  readonly trackId: number;
  readonly decodeTime: number;
  /** Presentation times and durations of its samples. */
  readonly samples: readonly { readonly time: number; readonly duration: number }[];
  /** Where the decode time stands in the data, for rewriting. */
  readonly decodeTimeAt: number;
  readonly isDecodeTimeLong: boolean;
  /** Whether playing can start with its first sample. */
  readonly startsWithKey: boolean;
}

/** The runs of all `moof` boxes in `fragment`. */
export function runsOf(fragment: Uint8Array): readonly TrackRun[] {
  return findBoxes(fragment, "moof/traf").flatMap((traf) => runOf(fragment, traf) ?? []);
}

function runOf(data: Uint8Array, traf: Box): TrackRun | null {
  const tfhd = findBox(data, "tfhd", traf);
  const tfdt = findBox(data, "tfdt", traf);
  if (tfhd === null || tfdt === null) return null;
  const header = new Cursor(data, tfhd.body, tfhd.end);
  const flags = header.u32() & 0xff_ffff;
  const trackId = header.u32();
  if (flags & 0x1) header.skip(8);
  if (flags & 0x2) header.skip(4);
  const defaultDuration = flags & 0x8 ? header.u32() : 0;
  if (flags & 0x10) header.skip(4);
  const defaultFlags = flags & 0x20 ? header.u32() : 0;
  const times = new Cursor(data, tfdt.body, tfdt.end);
  const isDecodeTimeLong = times.u8() === 1;
  times.skip(3);
  const decodeTimeAt = times.at;
  const decodeTime = isDecodeTimeLong ? times.u64() : times.u32();
  const samples: { readonly time: number; readonly duration: number }[] = [];
  let firstFlags = defaultFlags;
  let at = decodeTime;
  for (const trun of findBoxes(data, "trun", traf)) {
    const run = new Cursor(data, trun.body, trun.end);
    const version = run.u8();
    const runFlags = (run.u8() << 16) | run.u16();
    const count = Math.min(run.u32(), SAMPLES_MAX);
    if (runFlags & 0x1) run.skip(4);
    const first = runFlags & 0x4 ? run.u32() : null;
    if (samples.length === 0) firstFlags = first ?? firstFlags;
    for (let i = 0; i < count && !run.isShort; i += 1) {
      const duration = runFlags & 0x100 ? run.u32() : defaultDuration;
      if (runFlags & 0x200) run.skip(4);
      const sampleFlags = runFlags & 0x400 ? run.u32() : null;
      if (samples.length === 0) firstFlags = first ?? sampleFlags ?? firstFlags;
      const shift = runFlags & 0x800 ? (version === 0 ? run.u32() : run.u32() | 0) : 0;
      samples.push({ time: at + shift, duration });
      at += duration;
    }
  }
  return { trackId, decodeTime, samples, decodeTimeAt, isDecodeTimeLong, startsWithKey: (firstFlags & NON_SYNC) === 0 };
}

/** Where the fragments of a recording lie, and when they start. What a card says; found by walking when there is none. */
export interface FragmentIndex {
  readonly initBytes: number;
  readonly codecs: string;
  readonly fragments: readonly { readonly offset: number; readonly bytes: number; readonly startMs: number; readonly durationMs: number }[];
}

/**
 * Walks the boxes of whole media. A cut recording may have no card; its last fragment may be incomplete and is left out.
 * As on a card, the rest of a long group of pictures belongs to its beginning.
 */
export function walkFragments(media: Uint8Array): FragmentIndex | null {
  const boxes = boxesIn(media);
  const moov = boxes.find(({ type }) => type === "moov");
  if (moov === undefined) return null;
  const init = media.subarray(0, moov.end);
  const tracks = tracksOf(init);
  const fragments: { offset: number; bytes: number; startMs: number; durationMs: number }[] = [];
  let moof: Box | null = null;
  for (const box of boxes) {
    if (box.type === "moof") moof = box;
    if (box.type !== "mdat" || moof === null) continue;
    const data = media.subarray(moof.start, box.end);
    const spans = runsOf(data).flatMap((run) => {
      const track = tracks.find(({ id }) => id === run.trackId);
      if (track?.kind !== "video") return [];
      const length = run.samples.reduce((sum, { duration }) => sum + duration, 0);
      const [startMs, durationMs] = [(run.decodeTime * 1000) / track.timescale, (length * 1000) / track.timescale];
      return [{ startMs, durationMs, startsWithKey: run.startsWithKey }];
    });
    const [span] = spans;
    const last = fragments.at(-1);
    if (span !== undefined && !span.startsWithKey && last !== undefined) {
      last.bytes = box.end - last.offset;
      last.durationMs = span.startMs + span.durationMs - last.startMs;
    } else if (span !== undefined) {
      const { startMs, durationMs } = span;
      fragments.push({ offset: moof.start, bytes: box.end - moof.start, startMs, durationMs });
    }
    moof = null;
  }
  return { initBytes: moov.end, codecs: codecsOf(init), fragments };
}
