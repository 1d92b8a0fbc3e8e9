/** @file What passed inside a captured WebSocket (RFC 6455): a mask hides bytes from a search, not from a stranger. */

const END_OF_HEAD = Buffer.from("\r\n\r\n");

/** The messages of both directions, or nothing when the connection never became a WebSocket. */
export function unframed(there: Buffer, back: Buffer): Buffer[] {
  const accepted = back.indexOf("HTTP/1.1 101");
  if (accepted < 0) return [];
  const head = back.subarray(accepted, after(back, accepted)).toString("latin1");
  if (/^sec-websocket-extensions:/im.test(head)) throw new Error("the WebSocket is compressed, and a search would not see into it");
  const asked = there.toString("latin1").search(/^upgrade: *websocket\r$/im);
  if (asked < 0) throw new Error("a WebSocket that nobody asked for");
  return [...messages(there.subarray(after(there, asked))), ...messages(back.subarray(after(back, accepted)))];
}

/** Where the head of HTTP that `from` lies in has ended. */
function after(bytes: Buffer, from: number): number {
  const end = bytes.indexOf(END_OF_HEAD, from);
  return end < 0 ? bytes.length : end + END_OF_HEAD.length;
}

function messages(frames: Buffer): Buffer[] {
  const whole: Buffer[] = [];
  let pieces: Buffer[] = [];
  for (let at = 0; at + 2 <= frames.length; ) {
    const isFinal = (frames.readUInt8(at) & 0x80) !== 0;
    const isMasked = (frames.readUInt8(at + 1) & 0x80) !== 0;
    let length = frames.readUInt8(at + 1) & 0x7f;
    at += 2;
    if (length === 126 && at + 2 <= frames.length) length = frames.readUInt16BE(at);
    else if (length === 127 && at + 8 <= frames.length) length = Number(frames.readBigUInt64BE(at));
    at += length > 0xffff ? 8 : length > 125 ? 2 : 0;
    const mask = isMasked ? frames.subarray(at, at + 4) : null;
    at += isMasked ? 4 : 0;
    const payload = Buffer.from(frames.subarray(at, at + length));
    if (mask?.length === 4) for (let i = 0; i < payload.length; i += 1) payload[i] = (payload[i] ?? 0) ^ (mask[i & 3] ?? 0);
    pieces.push(payload);
    at += length;
    if (isFinal) {
      whole.push(Buffer.concat(pieces));
      pieces = [];
    }
  }
  return whole;
}
