/**
 * @file A recording's part, `docs/spec/sealed-part.md`, opened as its link vouches for it: whole, or a range of chunks.
 *
 * For a whole body the digest is checked. For a range that is not possible, and not needed: the file key comes out of the
 * vouched header, and a chunk that opens under it in its place is authentic by itself; the length must be the signed one.
 */
import { accept, refuse, type Checked } from "./checked";
import { concat, type Bytes } from "./bytes";
import { bodyLayout, chunkRange, NONCE_BYTES, openChunk, openWholeBody, payloadKey, type BodyLayout, type PayloadKey } from "./ageStream";
import { digestHex } from "./hash";
import { openHeader, type Identity } from "./identity";
import { partOf, type PartKind, type RecordingLink } from "./link";

/** A part that is open for reading by range. */
export interface OpenPart {
  readonly payload: PayloadKey;
  readonly layout: BodyLayout;
  readonly bodyBytes: number;
}

async function vouchedFileKey(identity: Identity, link: RecordingLink, kind: PartKind, header: Uint8Array) {
  const part = partOf(link, kind);
  if (part === null) return refuse("malformed");
  if (digestHex(header) !== part.header) return refuse("header-changed");
  const fileKey = await openHeader(identity, header);
  return fileKey.ok ? accept({ part, fileKey: fileKey.value }) : fileKey;
}

/** Opens a part for reading by range. `payloadNonce` is the first 16 bytes of the body. */
export async function openPart(
  identity: Identity,
  link: RecordingLink,
  kind: PartKind,
  header: Uint8Array,
  payloadNonce: Uint8Array,
): Promise<Checked<OpenPart>> {
  const vouched = await vouchedFileKey(identity, link, kind, header);
  if (!vouched.ok) return vouched;
  if (payloadNonce.length !== NONCE_BYTES) return refuse("truncated");
  const { bodyBytes } = vouched.value.part;
  const layout = bodyLayout(bodyBytes, link.cut);
  if (!layout.ok) return layout;
  return accept({ payload: payloadKey(vouched.value.fileKey, payloadNonce), layout: layout.value, bodyBytes });
}

/** Opens the chunks from `firstChunk` on, whose ciphertext is `sealed`. */
export function openChunks(part: OpenPart, firstChunk: number, sealed: Uint8Array): Checked<Bytes> {
  const opened: Bytes[] = [];
  const origin = chunkRange(firstChunk, part.bodyBytes).from;
  for (let index = firstChunk, at = 0; at < sealed.length; index += 1) {
    const { from, to } = chunkRange(index, part.bodyBytes);
    if (index >= part.layout.chunkCount) {
      // A cut body may end with less than a tag: there is nothing in it.
      if (part.layout.isCut) break;
      return refuse("truncated");
    }
    if (to - origin > sealed.length) return refuse("truncated");
    const chunk = openChunk(part.payload, part.layout, index, sealed.subarray(from - origin, to - origin));
    if (!chunk.ok) return chunk;
    opened.push(chunk.value);
    at = to - origin;
  }
  return accept(concat(...opened));
}

/** Opens a whole part: a card, a poster, or the media of an export. */
export async function openWholePart(
  identity: Identity,
  link: RecordingLink,
  kind: PartKind,
  header: Uint8Array,
  body: Uint8Array,
): Promise<Checked<Bytes>> {
  const vouched = await vouchedFileKey(identity, link, kind, header);
  if (!vouched.ok) return vouched;
  const { part, fileKey } = vouched.value;
  if (body.length !== part.bodyBytes) return refuse("truncated");
  if (digestHex(body) !== part.body) return refuse("body-changed");
  return openWholeBody(fileKey, body, link.cut);
}
