/**
 * @file Receipts, `.tlog-proof` of `docs/spec/log.md`: one file that proves one entry with no network.
 *
 * The opening in the `extra` line is not signed; it counts because the entry made from it is the one that the rest proves.
 */
import { accept, refuse, type Checked } from "../checked";
import { toHex, utf8 } from "../bytes";
import type { Details } from "./details";
import { detailsOf, entryOf, lineOf, readOpening, type Line } from "./entry";
import { acceptCheckpoint, readBase64, readDecimal, readHash, type Checkpoint, type Policy } from "./note";
import { leafHash, verifyInclusion } from "./tree";

const FIRST_LINE = "c2sp.org/tlog-proof@v1";
const BYTES_MAX = 512 * 1024;
const HASHES_MAX = 63;

export interface Receipt {
  readonly line: Line;
  /** Null when the receipt does not tell. */
  readonly details: Details | null;
  readonly leaf: string;
  readonly checkpoint: Checkpoint;
}

/** Verifies a receipt under a policy. */
export function readReceipt(source: string, policy: Policy): Checked<Receipt> {
  if (utf8(source).length > BYTES_MAX) return refuse("too-large");
  const end = source.indexOf("\n\n");
  if (end < 0) return refuse("malformed");
  const [first, extra = "", place = "", ...rest] = source.slice(0, end).split("\n");
  const bytes = extra.startsWith("extra ") ? readBase64(extra.slice("extra ".length)) : null;
  const index = place.startsWith("index ") ? readDecimal(place.slice("index ".length)) : null;
  const proof = rest.map(readHash);
  if (first !== FIRST_LINE || bytes === null || index === null || proof.includes(null)) return refuse("malformed");
  if (proof.length > HASHES_MAX) return refuse("too-large");
  const opening = readOpening(bytes);
  if (!opening.ok) return opening;
  const checkpoint = acceptCheckpoint(policy, source.slice(end + 2));
  if (!checkpoint.ok) return checkpoint;
  const leaf = leafHash(entryOf(opening.value));
  const included = verifyInclusion(proof.filter((hash) => hash !== null), leaf, index, checkpoint.value);
  if (!included.ok) return included;
  const line = lineOf(opening.value);
  if (!line.ok) return line;
  const details = detailsOf(opening.value, line.value);
  if (!details.ok) return details;
  return accept({ line: line.value, details: details.value, leaf: toHex(leaf), checkpoint: checkpoint.value });
}
