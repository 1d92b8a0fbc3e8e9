/**
 * @file The form of an age header (c2sp.org/age) that Eaves accepts: exactly one stanza, `mlkem768x25519`.
 *
 * age itself allows many recipients. A file with a second one could be opened by somebody whom the roster does not name,
 * so everything but the one form is refused before any key is tried.
 */
import { accept, refuse, type Checked } from "./checked";
import type { Bytes } from "./bytes";

const VERSION = "age-encryption.org/v1";
const HEADER_BYTES_MAX = 16 << 10;
/** base64 without padding of 1120, 32 and 32 bytes. */
const STANZA = /^-> mlkem768x25519 [A-Za-z0-9+/]{1494}$/;
const WRAPPED_KEY = /^[A-Za-z0-9+/]{43}$/;
const MAC = /^--- [A-Za-z0-9+/]{43}$/;
const MAC_LINE = [0x0a, 0x2d, 0x2d, 0x2d, 0x20];

/** Whether `header` has the one form: version, one stanza, MAC, and nothing after it. */
export function parseHeader(header: Uint8Array): Checked<null> {
  if (header.length > HEADER_BYTES_MAX) return refuse("too-large");
  if (header.some((byte) => byte > 0x7e)) return refuse("malformed");
  const lines = new TextDecoder("ascii").decode(header).split("\n");
  const [version, ...rest] = lines;
  if (version !== VERSION || rest.pop() !== "") return refuse("malformed");
  const mac = rest.pop();
  if (mac === undefined || !MAC.test(mac)) return refuse("malformed");
  const stanzas = rest.filter((line) => line.startsWith("-> "));
  if (stanzas.length !== 1 || !rest[0]?.startsWith("-> mlkem768x25519 ")) return refuse("foreign-stanza");
  const [stanza = "", wrapped = "", ...more] = rest;
  if (more.length > 0 || !STANZA.test(stanza) || !WRAPPED_KEY.test(wrapped)) return refuse("malformed");
  return accept(null);
}

/** Divides an age file after the newline of its MAC line. */
export function splitHeader(file: Uint8Array): Checked<{ readonly header: Bytes; readonly body: Bytes }> {
  const searched = file.subarray(0, HEADER_BYTES_MAX);
  for (let i = 0; i + MAC_LINE.length <= searched.length; i += 1) {
    if (!MAC_LINE.every((byte, j) => searched[i + j] === byte)) continue;
    const end = searched.indexOf(0x0a, i + 1);
    if (end < 0) return refuse("malformed");
    return accept({ header: file.slice(0, end + 1), body: file.slice(end + 1) });
  }
  return refuse("malformed");
}
