/** @file The card of a recording, `docs/spec/sealed-part.md`: codecs, and where each fragment lies in the media. */
import { accept, refuse, type Checked } from "./checked";
import { finite, list, object, oneOf, readJson, text, timeUs, whole, type Shaped } from "./shape";

const fragmentShape = object({ offset: whole(0), bytes: whole(1), startMs: finite(0, 86_400_000), durationMs: finite(0, 86_400_000) });

const cardShape = object({
  version: oneOf(1),
  startUs: timeUs,
  durationMs: finite(0, 86_400_000),
  codecs: text(256),
  width: whole(0, 65_535),
  height: whole(0, 65_535),
  initBytes: whole(1),
  fragments: list(fragmentShape),
});

export type Card = Shaped<typeof cardShape>;
export type CardFragment = Shaped<typeof fragmentShape>;

/** Reads a card. Its fragments lie one after another, all within the media of `plainBytes`. */
export function readCard(plaintext: Uint8Array, plainBytes: number): Checked<Card> {
  const read = readJson(cardShape, plaintext);
  if (!read.ok) return read;
  let end = read.value.initBytes;
  for (const fragment of read.value.fragments) {
    if (fragment.offset < end) return refuse("inconsistent");
    end = fragment.offset + fragment.bytes;
  }
  return end <= plainBytes ? accept(read.value) : refuse("inconsistent");
}
