/**
 * @file Entries and what opens them, `docs/spec/log.md`: 33 bytes that say nothing, a line, and details that are forgotten first.
 *
 * Line and details are read from the bytes that were committed to; nothing is written again to be compared.
 */
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { accept, refuse, type Checked } from "../checked";
import { concat, toHex, utf8, type Bytes } from "../bytes";
import { bytes, bytesUpTo, id, nullable, object, optional, readJson, sha256Hex, timeUs, whole, type Shaped } from "../shape";
import { readDetails, type Details } from "./details";

const TEXT_BYTES_MAX = 16 * 1024;
const ENTRY_BYTES = 33;
const OF_A_HOUSEHOLD = 1;

export const openingShape = object({
  nonce: bytes(32),
  line: bytesUpTo(TEXT_BYTES_MAX),
  details: optional(object({ nonce: bytes(32), text: bytesUpTo(TEXT_BYTES_MAX) })),
});
export type Opening = Shaped<typeof openingShape>;

const lineShape = object({ household: id, sequence: whole(0), previous: nullable(sha256Hex), atUs: timeUs, details: sha256Hex });
export type Line = Shaped<typeof lineShape>;

function commitment(nonce: Bytes, label: string, text: Bytes): Bytes {
  return hmac(sha256, nonce, concat(utf8(label), new Uint8Array(1), text));
}

/** Whether bytes are an entry of a kind that is known. */
export function isEntry(entry: Bytes): boolean {
  return entry.length === ENTRY_BYTES && (entry[0] === OF_A_HOUSEHOLD || entry[0] === 2);
}

/** The entry that an opening opens. */
export function entryOf(opening: Opening): Bytes {
  return concat(Uint8Array.of(OF_A_HOUSEHOLD), commitment(opening.nonce, "eaves/log/line/v1", opening.line));
}

/** The line. It means something only once its entry is known to be in the log. */
export function lineOf(opening: Opening): Checked<Line> {
  return readJson(lineShape, opening.line);
}

/** The details; null when they are forgotten. */
export function detailsOf(opening: Opening, line: Line): Checked<Details | null> {
  if (opening.details === null) return accept(null);
  const { nonce, text } = opening.details;
  if (toHex(commitment(nonce, "eaves/log/details/v1", text)) !== line.details) return refuse("altered");
  return readDetails(text);
}

/** An opening as a receipt carries it. */
export function readOpening(source: Bytes): Checked<Opening> {
  return source.length > 4 * TEXT_BYTES_MAX ? refuse("too-large") : readJson(openingShape, source);
}
