/** @file Crockford's base 32, as people type it: no look-alikes, forgiving about case, blanks and hyphens. */

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** Writes whole groups of five bits; `bits` must be a multiple of 5 and be there in `bytes`. */
export function toCrockford(bytes: Uint8Array, bits: number): string {
  let out = "";
  for (let at = 0; at < bits; at += 5) {
    let digit = 0;
    for (let i = at; i < at + 5; i += 1) digit = (digit << 1) | (((bytes[i >> 3] ?? 0) >> (7 - (i & 7))) & 1);
    out += ALPHABET[digit] ?? "";
  }
  return out;
}

/** Reads exactly `digitCount` digits into bytes, filled up with zero bits; null when it is anything else. */
export function fromCrockford(text: string, digitCount: number): Uint8Array<ArrayBuffer> | null {
  const digits = text.replace(/[\s-]/g, "").toUpperCase().replaceAll("O", "0").replace(/[IL]/g, "1");
  if (digits.length !== digitCount) return null;
  const out = new Uint8Array(Math.ceil((digitCount * 5) / 8));
  for (let d = 0; d < digitCount; d += 1) {
    const value = ALPHABET.indexOf(digits.charAt(d));
    if (value < 0) return null;
    for (let i = 0; i < 5; i += 1) {
      const bit = d * 5 + i;
      if ((value >> (4 - i)) & 1) out[bit >> 3] = (out[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
    }
  }
  return out;
}

/** `XXXX-XXXX-…` */
export function inGroups(digits: string): readonly string[] {
  return digits.match(/.{1,4}/g) ?? [];
}
