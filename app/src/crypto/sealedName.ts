/** @file Names of household, members, rooms and devices, `docs/spec/keys.md`: sealed, and padded so that length tells little. */
import { accept, refuse, type Checked } from "./checked";
import { fromUtf8, utf8, type Bytes } from "./bytes";
import { openWhole, sealTo, type Identity } from "./identity";

const PAD_TO = 64;
const NAME_BYTES_MAX = 256;

export async function sealName(recipient: string, name: string): Promise<Bytes> {
  const bytes = utf8(name).subarray(0, NAME_BYTES_MAX);
  const padded = new Uint8Array(Math.max(PAD_TO, Math.ceil(bytes.length / PAD_TO) * PAD_TO));
  padded.set(bytes);
  return sealTo(recipient, padded);
}

export async function openName(household: Identity, sealed: Uint8Array): Promise<Checked<string>> {
  const opened = await openWhole(household, sealed);
  if (!opened.ok) return opened;
  const padded = opened.value;
  const end = padded.indexOf(0);
  const name = fromUtf8(end < 0 ? padded : padded.subarray(0, end));
  const isPaddedRight = padded.length % PAD_TO === 0 && (end < 0 || padded.subarray(end).every((byte) => byte === 0));
  if (name === null || !isPaddedRight || padded.length > NAME_BYTES_MAX) return refuse("malformed");
  return accept(name);
}

/** Whether a name is short enough to be sealed. */
export function isNameTooLong(name: string): boolean {
  return utf8(name).length > NAME_BYTES_MAX;
}
