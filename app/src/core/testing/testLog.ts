/** @file Tests only: a log that a vault keeps, honest until a test changes what it holds. */
import { base64 } from "@scure/base";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concat, random, toBase64Url, toHex, utf8, type Bytes } from "../../crypto/bytes";
import { digest } from "../../crypto/hash";
import { hubWitness, verifierKey } from "../../crypto/log/note";
import { leafHash } from "../../crypto/log/tree";
import { sign, signingKey, type SigningKey } from "../../crypto/signing";
import type { Json } from "./testVault";

interface Written {
  entry: Bytes;
  nonce: Bytes;
  line: Bytes;
  details: { nonce: Bytes; text: Bytes } | null;
}

const commitment = (nonce: Bytes, label: string, bytes: Bytes): Bytes => hmac(sha256, nonce, concat(utf8(label), new Uint8Array(1), bytes));
const node = (left: Bytes, right: Bytes): Bytes => digest(concat(Uint8Array.of(1), left, right));

/** The largest power of two below a size. */
const split = (size: number): number => 2 ** Math.floor(Math.log2(size - 1));

function root(leaves: readonly Bytes[]): Bytes {
  if (leaves.length === 0) return digest(new Uint8Array(0));
  const [only] = leaves;
  if (leaves.length === 1 && only !== undefined) return only;
  const at = split(leaves.length);
  return node(root(leaves.slice(0, at)), root(leaves.slice(at)));
}

/** RFC 9162, section 2.1.3.1. */
function inclusion(index: number, leaves: readonly Bytes[]): readonly Bytes[] {
  if (leaves.length <= 1) return [];
  const at = split(leaves.length);
  return index < at ? [...inclusion(index, leaves.slice(0, at)), root(leaves.slice(at))] : [...inclusion(index - at, leaves.slice(at)), root(leaves.slice(0, at))];
}

/** RFC 9162, section 2.1.4.1. */
function consistency(old: number, leaves: readonly Bytes[], isWhole = true): readonly Bytes[] {
  if (old === leaves.length) return isWhole ? [] : [root(leaves)];
  const at = split(leaves.length);
  return old <= at ? [...consistency(old, leaves.slice(0, at), isWhole), root(leaves.slice(at))] : [...consistency(old - at, leaves.slice(at), false), root(leaves.slice(0, at))];
}

export class TestLog {
  readonly household: string;
  readonly origin = `eaves.invalid/log/${toHex(random(16))}`;
  readonly #key: SigningKey = signingKey(random(32));
  /** What it holds; a liar changes it. */
  entries: Written[] = [];
  #last: string | null = null;
  #witness: { hub: string; key: SigningKey; atUs: number } | null = null;

  constructor(household: string) {
    this.household = household;
  }

  get vkey(): string {
    const key = verifierKey(this.origin, "note", this.#key.publicKey);
    return `${this.origin}+${key?.id ?? ""}+${base64.encode(concat(Uint8Array.of(1), this.#key.publicKey))}`;
  }

  write(details: object, atUs: number): void {
    const [nonce, detailsNonce, text] = [random(32), random(32), utf8(JSON.stringify(details))];
    const line = utf8(JSON.stringify({ household: this.household, sequence: this.entries.length, previous: this.#last, atUs, details: toHex(commitment(detailsNonce, "eaves/log/details/v1", text)) }));
    const entry = concat(Uint8Array.of(1), commitment(nonce, "eaves/log/line/v1", line));
    this.entries.push({ entry, nonce, line, details: { nonce: detailsNonce, text } });
    this.#last = toHex(leafHash(entry));
  }

  /** From now on a hub signs what it is shown. */
  witnessedBy(hub: string, key: SigningKey, atUs: number): void {
    this.#witness = { hub, key, atUs };
  }

  checkpoint(): string {
    const text = `${this.origin}\n${String(this.entries.length)}\n${base64.encode(root(this.#leaves()))}\n`;
    const line = (name: string, id: string, signature: Bytes) => `— ${name} ${base64.encode(concat(Uint8Array.from(id.match(/../g) ?? [], (hex) => parseInt(hex, 16)), signature))}\n`;
    const key = verifierKey(this.origin, "note", this.#key.publicKey);
    let note = `${text}\n${line(this.origin, key?.id ?? "", sign(this.#key, utf8(text)))}`;
    if (this.#witness !== null) {
      const { hub, key: signer, atUs } = this.#witness;
      const witness = hubWitness(hub, signer.publicKey);
      const seconds = Math.floor(atUs / 1_000_000);
      const stamp = new Uint8Array(8);
      new DataView(stamp.buffer).setBigUint64(0, BigInt(seconds));
      note += line(witness?.name ?? "", witness?.id ?? "", concat(stamp, sign(signer, utf8(`cosignature/v1\ntime ${String(seconds)}\n${text}`))));
    }
    return note;
  }

  /** What `GET /api/v1/log` answers. */
  page(query: URLSearchParams): Json {
    const asked = (name: string) => Number(query.get(name) ?? 0);
    const leaves = this.#leaves();
    const under = query.has("at") ? leaves.slice(0, asked("at")) : leaves;
    const shown = this.entries.slice(0, under.length).map((one, index) => ({ one, index })).slice(asked("from"));
    const limit = asked("limit");
    return {
      key: this.vkey,
      checkpoint: this.checkpoint(),
      consistency: asked("size") > 0 && asked("size") <= under.length ? consistency(asked("size"), under).map(toHex) : [],
      entries: shown.slice(0, limit).map(({ one, index }) => ({
        index,
        entry: toBase64Url(one.entry),
        opening: {
          nonce: toBase64Url(one.nonce),
          line: toBase64Url(one.line),
          ...(one.details === null ? {} : { details: { nonce: toBase64Url(one.details.nonce), text: toBase64Url(one.details.text) } }),
        },
        proof: inclusion(index, under).map(toHex),
      })),
      more: shown.length > limit,
    };
  }

  /** The chain, as if it had never gone past so many entries. */
  forget(from: number): void {
    this.entries = this.entries.slice(0, from);
    const last = this.entries.at(-1);
    this.#last = last === undefined ? null : toHex(leafHash(last.entry));
  }

  #leaves(): readonly Bytes[] {
    return this.entries.map(({ entry }) => leafHash(entry));
  }
}
