/** @file Codes and keys that people read and type: the claim code and the recovery kit. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromBase64Url, fromHex, toBase64Url, toHex } from "./bytes";
import { fromCrockford, toCrockford } from "./crockford";
import { kitGroups, readKit } from "./kit";
import { readClaimCode } from "./claim";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

describe("Crockford's base 32", () => {
  test("reads what it writes", () => {
    fc.assert(
      fc.property(bytes(10), (given) => {
        expect(fromCrockford(toCrockford(given, 80), 16)).toEqual(given);
      }),
    );
  });
  test("forgives case, blanks, hyphens and look-alikes, and nothing else", () => {
    expect(fromCrockford("o1iL-  00-zZ", 8)).toEqual(fromCrockford("011100ZZ", 8));
    for (const bad of ["U1110000", "0111000", "011100000", "0111_000", ""]) expect(fromCrockford(bad, 8)).toBeNull();
  });
});

describe("the recovery kit", () => {
  test("nine groups of four read back, however they are typed", () => {
    fc.assert(
      fc.property(bytes(20), fc.boolean(), (secret, lower) => {
        const groups = kitGroups(secret);
        expect(groups.map((group) => group.length)).toEqual([4, 4, 4, 4, 4, 4, 4, 4, 4]);
        const typed = groups.join(lower ? " " : "-");
        expect(readKit(lower ? typed.toLowerCase() : typed)).toEqual({ ok: true, value: secret });
      }),
    );
  });
  test("one wrong sign is noticed", () => {
    fc.assert(
      fc.property(bytes(20), fc.nat(35), fc.constantFrom(...Array.from("0123456789ABCDEFGHJKMNPQRSTVWXYZ")), (secret, at, sign) => {
        const right = kitGroups(secret).join("");
        fc.pre(right[at] !== sign);
        expect(readKit(right.slice(0, at) + sign + right.slice(at + 1)).ok).toBe(false);
      }),
    );
  });
});

test("a claim code of any other length is refused", () => {
  expect(readClaimCode("0123-4567-89AB-CDEF").ok).toBe(true);
  expect(readClaimCode("0123-4567-89AB-CDE").ok).toBe(false);
});

describe("byte strings as text", () => {
  test("read back, and have one form only", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (given) => {
        expect(fromBase64Url(toBase64Url(given))).toEqual(given);
        expect(fromHex(toHex(given))).toEqual(given);
      }),
    );
    for (const bad of ["A", "AB", "AA==", "A+", "A/", "AA\n", " AA", "AAA ="]) expect(fromBase64Url(bad)).toBeNull();
    for (const bad of ["a", "AA", "0x", "zz"]) expect(fromHex(bad)).toBeNull();
  });
});
