/** @file Reading MP4: init segments, fragments, and bytes that are neither. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { boxesIn, findBox } from "./boxes";
import { codecsOf, runsOf, tracksOf, walkFragments } from "./movie";

const u32 = (value: number) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
const ascii = (text: string) => [...new TextEncoder().encode(text)];
const zeros = (count: number) => Array.from({ length: count }, () => 0);

function box(type: string, ...inside: readonly (readonly number[])[]): number[] {
  const body = inside.flat();
  return [...u32(body.length + 8), ...ascii(type), ...body];
}
const full = (type: string, version: number, flags: number, ...inside: readonly (readonly number[])[]) =>
  box(type, [version, (flags >> 16) & 255, (flags >> 8) & 255, flags & 255], ...inside);

const avc1 = box("avc1", zeros(78), box("avcC", [1, 0x4d, 0x40, 0x1f]));
const hvc1 = box("hvc1", zeros(78), box("hvcC", [1, 1, 0x60, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 93]));
const mp4a = box("mp4a", zeros(28));

function trak(id: number, handler: string, timescale: number, entry: number[]): number[] {
  return box(
    "trak",
    full("tkhd", 0, 0, zeros(8), u32(id)),
    box("mdia", full("mdhd", 0, 0, zeros(8), u32(timescale)), full("hdlr", 0, 0, zeros(4), ascii(handler)), box("minf", box("stbl", full("stsd", 0, 0, u32(1), entry)))),
  );
}
const init = (...traks: readonly number[][]) => [...box("ftyp", ascii("iso6")), ...box("moov", ...traks)];

/** A fragment of samples of equal length. */
function fragment(track: number, time: number, durations: readonly number[], payload = 10, isKey = true): number[] {
  const flags = (i: number) => (isKey && i === 0 ? 0x0200_0000 : 0x0101_0000);
  const trun = full("trun", 0, 0x500, u32(durations.length), ...durations.flatMap((length, i) => [u32(length), u32(flags(i))]));
  const traf = box("traf", full("tfhd", 0, 0x020000, u32(track)), full("tfdt", 1, 0, u32(0), u32(time)), trun);
  return [...box("moof", full("mfhd", 0, 0, u32(1)), traf), ...box("mdat", zeros(payload))];
}
const bytes = (content: readonly number[]) => Uint8Array.from(content);

describe("init segments", () => {
  test("tell tracks, timescales and codecs", () => {
    const data = bytes(init(trak(1, "vide", 90_000, avc1), trak(2, "soun", 16_000, mp4a)));
    expect(tracksOf(data)).toEqual([
      { id: 1, kind: "video", timescale: 90_000, codec: "avc1.4d401f" },
      { id: 2, kind: "sound", timescale: 16_000, codec: "mp4a.40.2" },
    ]);
    expect(codecsOf(data)).toBe("avc1.4d401f, mp4a.40.2");
    expect(codecsOf(bytes(init(trak(1, "vide", 90_000, hvc1))))).toBe("hvc1.1.6.L93.90");
  });
});

describe("fragments", () => {
  test("tell when their samples are", () => {
    const [run] = runsOf(bytes(fragment(1, 900, [100, 200])));
    expect(run).toMatchObject({ trackId: 1, decodeTime: 900, samples: [{ time: 900, duration: 100 }, { time: 1000, duration: 200 }] });
  });

  test("are found without a card, and an unfinished last one is left out", () => {
    const start = init(trak(1, "vide", 1000, avc1));
    const one = fragment(1, 0, [500, 500]);
    const two = fragment(1, 1000, [500]);
    const whole = bytes([...start, ...one, ...two]);
    expect(walkFragments(whole)).toEqual({
      initBytes: start.length,
      codecs: "avc1.4d401f",
      fragments: [
        { offset: start.length, bytes: one.length, startMs: 0, durationMs: 1000 },
        { offset: start.length + one.length, bytes: two.length, startMs: 1000, durationMs: 500 },
      ],
    });
    expect(walkFragments(whole.subarray(0, -1))?.fragments).toHaveLength(1);
    expect(walkFragments(bytes(one))).toBeNull();
  });

  test("playing starts at keyframes only: the rest of a long group of pictures belongs to its beginning", () => {
    const start = init(trak(1, "vide", 1000, avc1));
    const one = fragment(1, 0, [500, 500]);
    const rest = fragment(1, 1000, [250, 250], 20, false);
    const two = fragment(1, 1500, [500]);
    expect(walkFragments(bytes([...start, ...one, ...rest, ...two]))?.fragments).toEqual([
      { offset: start.length, bytes: one.length + rest.length, startMs: 0, durationMs: 1500 },
      { offset: start.length + one.length + rest.length, bytes: two.length, startMs: 1500, durationMs: 500 },
    ]);
    expect(walkFragments(bytes([...start, ...one, ...rest]).subarray(0, -1))?.fragments).toEqual([
      { offset: start.length, bytes: one.length, startMs: 0, durationMs: 1000 },
    ]);
  });
});

describe("bytes that are no movie", () => {
  test("never make a reader throw or run on", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (data) => {
        tracksOf(data);
        runsOf(data);
        walkFragments(data);
      }),
    );
    const valid = bytes([...init(trak(1, "vide", 1000, avc1)), ...fragment(1, 0, [1, 1])]);
    fc.assert(
      fc.property(fc.nat(valid.length - 1), fc.nat(255), (at, value) => {
        const changed = valid.slice();
        changed[at] = value;
        tracksOf(changed);
        walkFragments(changed);
      }),
    );
  });
  test("sizes that lie end the walk", () => {
    expect(boxesIn(bytes([...u32(7), ...ascii("free")]))).toEqual([]);
    expect(boxesIn(bytes([...u32(99), ...ascii("free")]))).toEqual([]);
    expect(findBox(bytes(box("moov")), "moov/trak")).toBeNull();
  });
});
