/**
 * @file The forms of JSON documents, said once and strictly: exact types, known fields only, bounded sizes.
 *
 * A `Shape` either returns the typed value or throws `Mismatch`, which never leaves this file: `readShape` and
 * `readJson` turn it into the refusal `malformed`.
 */
import { accept, refuse, type Checked } from "./checked";
import { fromBase64Url, fromUtf8, type Bytes } from "./bytes";

class Mismatch extends Error {}

export type Shape<T> = (value: unknown) => T;
export type Shaped<S> = S extends Shape<infer T> ? T : never;

const LIST_MAX = 10_000;
const DAY_MAX = 3_650;

function mismatch(): never {
  throw new Mismatch();
}

export function text(lengthMax: number): Shape<string> {
  return (value) => (typeof value === "string" && value.length <= lengthMax ? value : mismatch());
}

function pattern(form: RegExp): Shape<string> {
  return (value) => (typeof value === "string" && form.test(value) ? value : mismatch());
}

/** An opaque id. */
export const id = pattern(/^[0-9a-f]{32}$/);
/** A SHA-256 digest. */
export const sha256Hex = pattern(/^[0-9a-f]{64}$/);
/** An age recipient of the one type that is allowed: bech32 of 1216 bytes. */
export const recipientText = pattern(/^age1pq1[02-9ac-hj-np-z]{1952}$/);

/** A whole number that a double holds exactly. */
export function whole(min: number, max: number = Number.MAX_SAFE_INTEGER): Shape<number> {
  return (value) =>
    typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max ? value : mismatch();
}

/** UTC microseconds. */
export const timeUs = whole(Number.MIN_SAFE_INTEGER);
/** A lifetime. There is no value for "for ever". */
export const days = whole(1, DAY_MAX);

export function finite(min: number, max: number): Shape<number> {
  return (value) => (typeof value === "number" && value >= min && value <= max ? value : mismatch());
}

export const flag: Shape<boolean> = (value) => (typeof value === "boolean" ? value : mismatch());

/** Base64url of exactly `length` bytes. */
export function bytes(length: number): Shape<Bytes> {
  const upTo = bytesUpTo(length);
  return (value) => {
    const read = upTo(value);
    return read.length === length ? read : mismatch();
  };
}

/** Base64url of at most `lengthMax` bytes. */
export function bytesUpTo(lengthMax: number): Shape<Bytes> {
  return (value) => {
    if (typeof value !== "string" || value.length > Math.ceil((lengthMax * 4) / 3)) mismatch();
    return fromBase64Url(value) ?? mismatch();
  };
}

export function oneOf<const T extends string | number>(...values: readonly T[]): Shape<T> {
  return (value) => values.find((one) => one === value) ?? mismatch();
}

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return (value) => (value === null ? null : shape(value));
}

/** A field that may be left out or null; both read as null. */
export function optional<T>(shape: Shape<T>): Shape<T | null> {
  const read: Shape<T | null> = (value) => (value === undefined || value === null ? null : shape(value));
  optionalShapes.add(read);
  return read;
}
const optionalShapes = new WeakSet<Shape<unknown>>();

export function list<T>(shape: Shape<T>, lengthMax = LIST_MAX): Shape<readonly T[]> {
  return (value) => {
    if (!Array.isArray(value) || value.length > lengthMax) mismatch();
    return value.map((item: unknown) => shape(item));
  };
}

type Fields = Readonly<Record<string, Shape<unknown>>>;
type ObjectOf<F extends Fields> = { readonly [K in keyof F]: Shaped<F[K]> };

/** An object with exactly these fields: a signed or sealed document. */
export function object<F extends Fields>(fields: F): Shape<ObjectOf<F>> {
  const read = fieldsOf(fields);
  return (value) => {
    const { found, there } = read(value);
    // All of ours were looked up by name, so one more is a stranger's.
    return Object.keys(value as object).length === there ? found : mismatch();
  };
}

/** An object with at least these fields, the rest left out: an answer of a vault that may be newer than this app. */
export function openObject<F extends Fields>(fields: F): Shape<ObjectOf<F>> {
  const read = fieldsOf(fields);
  return (value) => read(value).found;
}

/** Reads the fields by name, and says how many of them were there. */
function fieldsOf<F extends Fields>(fields: F): (value: unknown) => { readonly found: ObjectOf<F>; readonly there: number } {
  const wanted = Object.entries(fields);
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) mismatch();
    const given = value as Readonly<Record<string, unknown>>;
    const found: Record<string, unknown> = {};
    let there = 0;
    for (const [name, shape] of wanted) {
      const isThere = Object.hasOwn(given, name);
      if (isThere) there += 1;
      else if (!optionalShapes.has(shape)) mismatch();
      found[name] = shape(isThere ? given[name] : undefined);
    }
    return { found: found as ObjectOf<F>, there };
  };
}

/** One of several objects, told apart by the text in the field `tag`. */
export function tagged<V extends Readonly<Record<string, Shape<unknown>>>>(tag: string, variants: V): Shape<Shaped<V[keyof V]>> {
  return (value) => {
    if (typeof value !== "object" || value === null) mismatch();
    const name = (value as Readonly<Record<string, unknown>>)[tag];
    if (typeof name !== "string" || !Object.hasOwn(variants, name)) mismatch();
    return (variants[name] ?? mismatch())(value) as Shaped<V[keyof V]>;
  };
}

/** Reads a value that was parsed already. */
export function readShape<T>(shape: Shape<T>, value: unknown): Checked<T> {
  try {
    return accept(shape(value));
  } catch (error) {
    if (error instanceof Mismatch) return refuse("malformed");
    throw error;
  }
}

/** Reads UTF-8 JSON. */
export function readJson<T>(shape: Shape<T>, source: Uint8Array): Checked<T> {
  const json = fromUtf8(source);
  if (json === null) return refuse("malformed");
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return refuse("malformed");
  }
  return readShape(shape, value);
}
