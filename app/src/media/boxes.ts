/**
 * @file Boxes of ISO base media files (ISO 14496-12), as far as playing and exporting need them.
 *
 * The bytes were sealed by a hub, but a hub passes on what a camera sent: nothing here trusts a size or a count.
 */

export interface Box {
  readonly type: string;
  /** Of the box with its header. */
  readonly start: number;
  readonly end: number;
  /** Of what is inside. */
  readonly body: number;
}

/** The boxes from `start` to `end`, up to the first that is not whole. */
export function boxesIn(data: Uint8Array, start = 0, end = data.length): readonly Box[] {
  const view = viewOf(data);
  const found: Box[] = [];
  let at = start;
  while (at + 8 <= end) {
    let size = view.getUint32(at);
    let body = at + 8;
    if (size === 1) {
      if (at + 16 > end) break;
      size = Number(view.getBigUint64(at + 8));
      body = at + 16;
    } else if (size === 0) size = end - at;
    if (size < body - at || size > end - at) break;
    found.push({ type: fourCc(data, at + 4), start: at, end: at + size, body });
    at += size;
  }
  return found;
}

/** The first box at the end of a path such as `moov/trak/mdia`. */
export function findBox(data: Uint8Array, path: string, within?: Box): Box | null {
  return findBoxes(data, path, within)[0] ?? null;
}

/** All boxes at the end of a path. */
export function findBoxes(data: Uint8Array, path: string, within?: Box): readonly Box[] {
  let level: readonly { readonly body: number; readonly end: number }[] = [within ?? { body: 0, end: data.length }];
  let found: readonly Box[] = [];
  for (const type of path.split("/")) {
    found = level.flatMap(({ body, end }) => boxesIn(data, body, end).filter((box) => box.type === type));
    level = found;
  }
  return found;
}

export function viewOf(data: Uint8Array): DataView {
  return new DataView(data.buffer, data.byteOffset, data.byteLength);
}

export function fourCc(data: Uint8Array, at: number): string {
  return String.fromCharCode(...data.subarray(at, at + 4));
}

/** Reads numbers one after another; past the end every number is 0 and `isShort` is set. */
export class Cursor {
  readonly #view: DataView;
  readonly #end: number;
  at: number;
  isShort = false;

  constructor(data: Uint8Array, at: number, end: number) {
    this.#view = viewOf(data);
    this.at = at;
    this.#end = Math.min(end, data.length);
  }

  u8(): number {
    return this.#take(1, (at) => this.#view.getUint8(at));
  }
  u16(): number {
    return this.#take(2, (at) => this.#view.getUint16(at));
  }
  u32(): number {
    return this.#take(4, (at) => this.#view.getUint32(at));
  }
  u64(): number {
    return this.#take(8, (at) => Number(this.#view.getBigUint64(at)));
  }
  skip(bytes: number): void {
    this.at += bytes;
  }

  #take(bytes: number, read: (at: number) => number): number {
    const at = this.at;
    this.at += bytes;
    if (at + bytes <= this.#end) return read(at);
    this.isShort = true;
    return 0;
  }
}
