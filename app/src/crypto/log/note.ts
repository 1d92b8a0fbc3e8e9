/**
 * @file Signed notes, checkpoints and cosignatures, `docs/spec/log.md`: C2SP's texts, byte for byte.
 *
 * A line under the name and id of a trusted key whose signature is wrong spoils the note; lines of others count for nothing.
 */
import { base64 } from "@scure/base";
import { accept, refuse, type Checked } from "../checked";
import { concat, equal, toHex, utf8, type Bytes } from "../bytes";
import { digest } from "../hash";
import { verify } from "../signing";
import { emptyRoot, type Tree } from "./tree";

const NOTE_BYTES_MAX = 256 * 1024;
const SIGNATURES_MAX = 64;
const EXTENSIONS_MAX = 16;
const NAME_BYTES_MAX = 255;
const SECOND_US = 1_000_000;

/** A key that is trusted under a name. */
export interface VerifierKey {
  readonly name: string;
  readonly kind: "note" | "cosignature";
  readonly id: string;
  readonly key: Bytes;
}

interface SignatureLine {
  readonly name: string;
  readonly id: string;
  readonly signature: Bytes;
}

export interface Note {
  /** What is signed, up to and with its last newline. */
  readonly text: string;
  readonly signatures: readonly SignatureLine[];
}

/** Whose word counts. */
export interface Policy {
  readonly log: VerifierKey;
  readonly witnesses: readonly VerifierKey[];
  readonly quorum: number;
}

export interface Cosignature {
  readonly witness: string;
  readonly atUs: number;
}

export interface Checkpoint extends Tree {
  readonly origin: string;
  readonly cosignatures: readonly Cosignature[];
}

function fromBase64(text: string): Bytes | null {
  try {
    return base64.decode(text) as Bytes;
  } catch {
    return null;
  }
}

export function toBase64(bytes: Uint8Array): string {
  return base64.encode(bytes);
}

/** Reads a hash in base64. */
export function readHash(text: string): Bytes | null {
  const bytes = fromBase64(text);
  return bytes?.length === 32 ? bytes : null;
}

/** Reads base64 of any length. */
export const readBase64 = fromBase64;

/** Reads a decimal without leading zeroes that a double holds exactly. */
export function readDecimal(text: string): number | null {
  if (!/^(0|[1-9][0-9]{0,15})$/.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}

/** Whether a text has no control character but the newline. */
function isPlain(text: string): boolean {
  return Array.from(text).every((sign) => sign >= " " || sign === "\n");
}

function isName(name: string): boolean {
  return name.length > 0 && utf8(name).length <= NAME_BYTES_MAX && isPlain(name) && !/[\p{White_Space}+]/u.test(name);
}

const kinds = { note: 1, cosignature: 4 } as const;

export function verifierKey(name: string, kind: VerifierKey["kind"], key: Bytes): VerifierKey | null {
  if (!isName(name) || key.length !== 32) return null;
  const id = toHex(digest(concat(utf8(name), Uint8Array.of(10, kinds[kind]), key)).subarray(0, 4));
  return { name, kind, id, key };
}

/** Reads `<name>+<id>+<base64 of kind and key>`. */
export function readVerifierKey(text: string): Checked<VerifierKey> {
  const [name = "", id, ...rest] = text.split("+");
  const bytes = fromBase64(rest.join("+"));
  const kind = bytes?.[0] === kinds.note ? "note" : bytes?.[0] === kinds.cosignature ? "cosignature" : null;
  const key = bytes === null || kind === null ? null : verifierKey(name, kind, bytes.slice(1));
  return key !== null && key.id === id ? accept(key) : refuse("malformed");
}

/** The witness key of a hub: the one that the roster names. */
export function hubWitness(hub: string, signingKey: Bytes): VerifierKey | null {
  return verifierKey(`eaves.invalid/hub/${hub}`, "cosignature", signingKey);
}

function readLine(line: string): SignatureLine | null {
  const [dash, name = "", blob = "", ...more] = line.split(" ");
  const bytes = fromBase64(blob);
  if (dash !== "—" || more.length > 0 || !isName(name) || bytes === null || bytes.length < 5) return null;
  return { name, id: toHex(bytes.subarray(0, 4)), signature: bytes.slice(4) };
}

/** Reads a note, whoever signed it. */
export function readNote(source: string): Checked<Note> {
  if (utf8(source).length > NOTE_BYTES_MAX) return refuse("too-large");
  const end = source.lastIndexOf("\n\n");
  const lines = source.slice(end + 2).split("\n");
  if (end < 0 || !isPlain(source) || lines.pop() !== "") return refuse("malformed");
  if (lines.length > SIGNATURES_MAX) return refuse("too-large");
  const signatures = lines.map(readLine);
  if (signatures.length === 0 || signatures.includes(null)) return refuse("malformed");
  return accept({ text: source.slice(0, end + 1), signatures: signatures.filter((line) => line !== null) });
}

function linesOf(note: Note, key: VerifierKey): readonly SignatureLine[] {
  return note.signatures.filter(({ name, id }) => name === key.name && id === key.id);
}

/** Whether the key, which signs notes, signed this one. */
export function verifyNote(note: Note, key: VerifierKey): Checked<Note> {
  const lines = key.kind === "note" ? linesOf(note, key) : [];
  if (lines.length === 0) return refuse("not-signed-by-trusted");
  const text = utf8(note.text);
  return lines.every(({ signature }) => verify(key.key, text, signature)) ? accept(note) : refuse("bad-signature");
}

/** When a witness says that it saw this note as the newest; null when the line is wrong. */
function cosignedAt(note: Note, witness: VerifierKey, { signature }: SignatureLine): number | null {
  if (signature.length !== 72) return null;
  const seconds = new DataView(signature.buffer, signature.byteOffset, 8).getBigUint64(0);
  const atUs = Number(seconds) * SECOND_US;
  if (!Number.isSafeInteger(atUs)) return null;
  const message = utf8(`cosignature/v1\ntime ${seconds}\n${note.text}`);
  return verify(witness.key, message, signature.subarray(8)) ? atUs : null;
}

/** What trusted witnesses said of a note: of each the latest. */
function readCosignatures(note: Note, witnesses: readonly VerifierKey[]): Checked<readonly Cosignature[]> {
  const found: Cosignature[] = [];
  for (const witness of witnesses.filter(({ kind }) => kind === "cosignature")) {
    const times = linesOf(note, witness).map((line) => cosignedAt(note, witness, line));
    if (times.includes(null)) return refuse("bad-signature");
    const known = times.filter((time) => time !== null);
    if (known.length > 0) found.push({ witness: witness.name, atUs: Math.max(...known) });
  }
  return accept(found);
}

/** What the text of a checkpoint says, whoever signed it. */
export function readCheckpointText(text: string): Checked<Tree & { readonly origin: string }> {
  const lines = text.split("\n");
  if (lines.pop() !== "") return refuse("malformed");
  const [origin = "", sizeText = "", rootText = "", ...extensions] = lines;
  const size = readDecimal(sizeText);
  const root = readHash(rootText);
  if (origin === "" || size === null || root === null || extensions.includes("")) return refuse("malformed");
  if (extensions.length > EXTENSIONS_MAX) return refuse("too-large");
  return accept({ origin, size, root });
}

/** A checkpoint of the policy's log that enough of its witnesses signed. */
export function acceptCheckpoint(policy: Policy, source: string): Checked<Checkpoint> {
  const read = readNote(source);
  const note = read.ok ? verifyNote(read.value, policy.log) : read;
  if (!note.ok) return note;
  const said = readCheckpointText(note.value.text);
  if (!said.ok) return said;
  if (said.value.origin !== policy.log.name) return refuse("wrong-origin");
  if (said.value.size === 0 && !equal(said.value.root, emptyRoot())) return refuse("not-consistent");
  const cosignatures = readCosignatures(note.value, policy.witnesses);
  if (!cosignatures.ok) return cosignatures;
  if (cosignatures.value.length < policy.quorum) return refuse("cosignature-missing");
  return accept({ ...said.value, cosignatures: cosignatures.value });
}
