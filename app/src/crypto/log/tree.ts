/**
 * @file The Merkle tree of RFC 6962, the verifying half: hashes, inclusion and consistency (RFC 9162, section 2.1).
 *
 * Sizes and places are doubles below 2^53, so they are halved by division: the browser's bit operations end at 32 bits.
 */
import { accept, refuse, type Checked } from "../checked";
import { concat, equal, type Bytes } from "../bytes";
import { digest } from "../hash";

const PROOF_HASHES_MAX = 63;

export interface Tree {
  readonly size: number;
  readonly root: Bytes;
}

/** The hash of a leaf: also the name of its entry. */
export function leafHash(entry: Uint8Array): Bytes {
  return digest(concat(Uint8Array.of(0), entry));
}

function nodeHash(left: Uint8Array, right: Uint8Array): Bytes {
  return digest(concat(Uint8Array.of(1), left, right));
}

export function emptyRoot(): Bytes {
  return digest(new Uint8Array(0));
}

const half = (value: number): number => Math.floor(value / 2);
const isOdd = (value: number): boolean => value % 2 === 1;

/** A place on the way up, and the last place of its level. */
class Climb {
  position: number;
  last: number;

  constructor(position: number, last: number) {
    this.position = position;
    this.last = last;
  }

  up(): void {
    this.position = half(this.position);
    this.last = half(this.last);
  }

  /** Whether the sibling stands on the left. At the right edge, levels without a sibling are skipped. */
  isRight(): boolean {
    const isRight = isOdd(this.position) || this.position === this.last;
    if (isRight) while (!isOdd(this.position) && this.position !== 0) this.up();
    return isRight;
  }
}

/** Whether `proof` leads from `leaf` at `index` to the root. */
export function verifyInclusion(proof: readonly Bytes[], leaf: Bytes, index: number, tree: Tree): Checked<true> {
  if (!Number.isSafeInteger(index) || index < 0 || index >= tree.size || proof.length > PROOF_HASHES_MAX) return refuse("not-included");
  const climb = new Climb(index, tree.size - 1);
  let hash = leaf;
  for (const sibling of proof) {
    if (climb.last === 0) return refuse("not-included");
    hash = climb.isRight() ? nodeHash(sibling, hash) : nodeHash(hash, sibling);
    climb.up();
  }
  return climb.last === 0 && equal(hash, tree.root) ? accept(true) : refuse("not-included");
}

/** Whether `proof` shows that `newer` continues `older`. */
export function verifyConsistency(proof: readonly Bytes[], older: Tree, newer: Tree): Checked<true> {
  const isSound = [older, newer].every(({ size, root }) => size > 0 || equal(root, emptyRoot()));
  if (!isSound || older.size > newer.size || proof.length > PROOF_HASHES_MAX) return refuse("not-consistent");
  if (older.size === 0 || older.size === newer.size) {
    const isSame = older.size === 0 || equal(older.root, newer.root);
    return proof.length === 0 && isSame ? accept(true) : refuse("not-consistent");
  }
  const climb = new Climb(older.size - 1, newer.size - 1);
  while (isOdd(climb.position)) climb.up();
  // A complete old tree is its own first hash.
  const isComplete = Number.isInteger(Math.log2(older.size)) && 2 ** Math.round(Math.log2(older.size)) === older.size;
  const [first, ...rest] = isComplete ? [older.root, ...proof] : proof;
  if (first === undefined) return refuse("not-consistent");
  let before = first;
  let now = first;
  for (const sibling of rest) {
    if (climb.last === 0) return refuse("not-consistent");
    if (climb.isRight()) {
      before = nodeHash(sibling, before);
      now = nodeHash(sibling, now);
    } else {
      now = nodeHash(now, sibling);
    }
    climb.up();
  }
  return climb.last === 0 && equal(before, older.root) && equal(now, newer.root) ? accept(true) : refuse("not-consistent");
}
