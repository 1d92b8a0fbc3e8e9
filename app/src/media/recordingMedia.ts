/**
 * @file One recording's parts, fetched sealed and opened: the media by range, card and poster whole.
 *
 * Nothing is given out that its link does not vouch for. Nothing opened is ever stored: it lives in memory until closed.
 */
import type { Outcome } from "../domain/home";
import { fail, succeed } from "../api/problem";
import type { PartName, Vault } from "../api/vault";
import { chunkRange, CHUNK_BYTES } from "../crypto/ageStream";
import type { Bytes } from "../crypto/bytes";
import { readCard } from "../crypto/card";
import { partOf, type RecordingLink } from "../crypto/link";
import type { Opener, PartHandle } from "../crypto/opener";
import { answer, headersShape, type Headers } from "./answers";
import { walkFragments, type FragmentIndex } from "./movie";
import { recordingProblem } from "./refused";

/** Chunks that are fetched along with the first, so that the init segment and the first picture come with one request. */
const FIRST_CHUNKS = 2;

export interface Source {
  readonly vault: Vault;
  readonly opener: Opener;
}

export function fetchHeaders({ vault }: Source, link: RecordingLink, signal?: AbortSignal): Promise<Outcome<Headers>> {
  return answer(headersShape, vault.headers(link.recording, signal));
}

/** Fetches and opens a small part whole. */
export async function openSmallPart(
  source: Source,
  link: RecordingLink,
  kind: Exclude<PartName, "media">,
  headers: Headers,
  signal?: AbortSignal,
): Promise<Outcome<Bytes>> {
  const header = headers[kind];
  if (header === null || partOf(link, kind) === null) return fail("not-found");
  const body = await source.vault.part(link.recording, kind, undefined, signal);
  if (!body.ok) return body;
  const opened = await source.opener.openWhole(link, kind, header, body.value.bytes);
  return opened.ok ? succeed(opened.value) : { ok: false, problem: recordingProblem(opened.refusal) };
}

export class RecordingMedia {
  readonly link: RecordingLink;
  readonly index: FragmentIndex;
  readonly init: Bytes;
  readonly #source: Source;
  readonly #handle: PartHandle;
  readonly #chunks: Map<number, Bytes>;

  private constructor(link: RecordingLink, source: Source, opened: OpenedMedia) {
    this.link = link;
    this.#source = source;
    this.index = opened.index;
    this.init = opened.init;
    this.#handle = opened.handle;
    this.#chunks = opened.chunks;
  }

  static async open(source: Source, link: RecordingLink, signal?: AbortSignal): Promise<Outcome<RecordingMedia>> {
    const opened = await openMedia(source, link, signal);
    return opened.ok ? succeed(new RecordingMedia(link, source, opened.value)) : opened;
  }

  /** The fragment that holds `offsetMs`, or the nearest one before it. */
  fragmentAt(offsetMs: number): number {
    const next = this.index.fragments.findIndex(({ startMs }) => startMs > offsetMs);
    return Math.max(0, next < 0 ? this.index.fragments.length - 1 : next - 1);
  }

  async fragment(place: number, signal?: AbortSignal): Promise<Outcome<Bytes>> {
    const fragment = this.index.fragments[place];
    if (fragment === undefined) return fail("not-found");
    return readRange(this.#source, this.link, this.#handle, this.#chunks, fragment.offset, fragment.offset + fragment.bytes, signal);
  }

  close(): void {
    this.#chunks.clear();
    void this.#source.opener.closePart(this.#handle.handle);
  }
}

interface OpenedMedia {
  readonly handle: PartHandle;
  readonly index: FragmentIndex;
  readonly init: Bytes;
  /** The last chunks that were opened: a fragment rarely ends with its chunk. */
  readonly chunks: Map<number, Bytes>;
}

async function openMedia(source: Source, link: RecordingLink, signal?: AbortSignal): Promise<Outcome<OpenedMedia>> {
  const part = partOf(link, "media");
  if (part === null) return fail("recording-changed");
  const range = { from: 0, to: Math.min(chunkRange(FIRST_CHUNKS - 1, part.bodyBytes).to, part.bodyBytes) };
  const [headers, start] = await Promise.all([
    fetchHeaders(source, link, signal),
    source.vault.part(link.recording, "media", range, signal),
  ]);
  if (!headers.ok) return headers;
  if (!start.ok) return start;
  if (start.value.totalBytes !== part.bodyBytes) return fail("recording-incomplete", "length");
  const { bytes } = start.value;
  const card = openIndex(source, link, headers.value, signal);
  const handle = await source.opener.openPart(link, "media", headers.value.media, bytes.slice(0, 16));
  if (!handle.ok) return { ok: false, problem: recordingProblem(handle.refusal) };
  const opened = await source.opener.openChunks(handle.value.handle, 0, bytes.slice(16));
  if (!opened.ok) return { ok: false, problem: recordingProblem(opened.refusal) };
  const chunks = new Map<number, Bytes>();
  keepChunks(chunks, 0, opened.value);

  const known = await card;
  if (!known.ok) return known;
  const index = known.value ?? (await walk(source, link, handle.value, signal));
  if (index === null) return fail("recording-incomplete", "no fragments");
  const init = await readRange(source, link, handle.value, chunks, 0, index.initBytes, signal);
  return init.ok ? succeed({ handle: handle.value, index, init: init.value, chunks }) : init;
}

/** The index out of the card; null when there is none. A card that is there must be right. */
async function openIndex(source: Source, link: RecordingLink, headers: Headers, signal?: AbortSignal): Promise<Outcome<FragmentIndex | null>> {
  if (partOf(link, "card") === null) return succeed(null);
  const opened = await openSmallPart(source, link, "card", headers, signal);
  if (!opened.ok) return opened;
  const card = readCard(opened.value, partOf(link, "media")?.bodyBytes ?? 0);
  return card.ok ? succeed(card.value) : { ok: false, problem: recordingProblem(card.refusal) };
}

async function walk(source: Source, link: RecordingLink, handle: PartHandle, signal?: AbortSignal): Promise<FragmentIndex | null> {
  const whole = await readRange(source, link, handle, new Map(), 0, handle.plainBytes, signal);
  return whole.ok ? walkFragments(whole.value) : null;
}

/** Plaintext bytes `from` to `to`, out of held chunks and one request for those that are missing. */
async function readRange(
  source: Source,
  link: RecordingLink,
  handle: PartHandle,
  held: Map<number, Bytes>,
  from: number,
  to: number,
  signal?: AbortSignal,
): Promise<Outcome<Bytes>> {
  const first = Math.floor(from / CHUNK_BYTES);
  const last = Math.min(Math.floor((to - 1) / CHUNK_BYTES), handle.chunkCount - 1);
  const missing = range(first, last).filter((index) => !held.has(index));
  const [start] = missing;
  const end = missing.at(-1);
  const chunks = new Map(held);
  if (start !== undefined && end !== undefined) {
    const bodyBytes = partOf(link, "media")?.bodyBytes ?? 0;
    const piece = { from: chunkRange(start, bodyBytes).from, to: chunkRange(end, bodyBytes).to };
    const sealed = await source.vault.part(link.recording, "media", piece, signal);
    if (!sealed.ok) return sealed;
    if (sealed.value.totalBytes !== bodyBytes || sealed.value.bytes.length !== piece.to - piece.from) return fail("recording-incomplete", "length");
    const opened = await source.opener.openChunks(handle.handle, start, sealed.value.bytes);
    if (!opened.ok) return { ok: false, problem: recordingProblem(opened.refusal) };
    keepChunks(chunks, start, opened.value);
  }
  held.clear();
  for (const index of [last, last - 1]) {
    const chunk = chunks.get(index);
    if (chunk !== undefined) held.set(index, chunk);
  }
  const out = new Uint8Array(to - from);
  let filled = 0;
  for (const index of range(first, last)) {
    const chunk = chunks.get(index);
    const piece = chunk?.subarray(Math.max(0, from - index * CHUNK_BYTES), Math.max(0, to - index * CHUNK_BYTES));
    if (piece === undefined) break;
    out.set(piece, filled);
    filled += piece.length;
  }
  return succeed(filled === out.length ? out : out.slice(0, filled));
}

function keepChunks(chunks: Map<number, Bytes>, first: number, plain: Bytes): void {
  for (let at = 0, index = first; at < plain.length; at += CHUNK_BYTES, index += 1) chunks.set(index, plain.slice(at, at + CHUNK_BYTES));
}

function range(first: number, last: number): readonly number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
}
