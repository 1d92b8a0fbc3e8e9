/** @file What is sealed to a hub about a camera: settings in the roster, and the request and answer of a probe. */
import { utf8, fromBase64Url, type Bytes } from "./bytes";
import { accept, refuse, type Checked } from "./checked";
import { readEnvelope, verifyEnvelope, type DocumentForm } from "./envelope";
import { openWhole, sealTo, type Identity } from "./identity";
import type { RosterHub } from "./roster";
import { finite, flag, id, list, nullable, object, oneOf, optional, readJson, tagged, text, whole, type Shape, type Shaped } from "./shape";

const POSTER_TEXT_MAX = 8 << 20;
const URL_MAX = 2048;

/** `docs/spec/roster.md`: addresses carry no credentials. */
export type CameraSettings =
  | {
      readonly source: "rtsp";
      readonly mainUrl: string;
      readonly subUrl?: string;
      readonly username?: string;
      readonly password?: string;
      readonly microphone: boolean;
    }
  | { readonly source: "demo"; readonly microphone: boolean };

export interface ProbeRequest {
  readonly address: string;
  readonly username?: string;
  readonly password?: string;
}

const streamShape = object({
  role: oneOf("main", "sub"),
  codec: text(64),
  width: whole(0, 65_535),
  height: whole(0, 65_535),
  framesPerSecond: optional(finite(0, 1000)),
  kilobitsPerSecond: optional(finite(0, 10_000_000)),
  audio: optional(object({ codec: text(64), hertz: whole(0, 1_000_000) })),
});

export const PROBE_REASONS = [
  "address-invalid",
  "name-not-found",
  "no-route",
  "timed-out",
  "not-rtsp",
  "encrypted-rtsp-unsupported",
  "wrong-password",
  "no-such-path",
  "camera-busy",
  "codec-unsupported",
  "no-video",
  "failed",
] as const;
export type ProbeReason = (typeof PROBE_REASONS)[number];

const answerFields = { household: id, hub: id, command: id };
const answerShape = tagged("outcome", {
  found: object({
    ...answerFields,
    outcome: oneOf("found"),
    mainUrl: text(URL_MAX),
    subUrl: optional(text(URL_MAX)),
    defaultPassword: flag,
    streams: list(streamShape, 16),
    poster: nullable(text(POSTER_TEXT_MAX)),
  }),
  failed: object({ ...answerFields, outcome: oneOf("failed"), reason: oneOf(...PROBE_REASONS) }),
});

export type ProbeAnswer = Shaped<typeof answerShape>;

const answerForm: DocumentForm<ProbeAnswer> = { kind: "probe-answer", shape: answerShape };
const anyShape: Shape<unknown> = (value) => value;

/** Seals a document to the hub of a verified roster. */
export async function sealToHub(recipient: string, document: CameraSettings | ProbeRequest): Promise<Bytes> {
  return sealTo(recipient, utf8(JSON.stringify(document)));
}

/** To whom a question went, and which one it was. */
export interface ProbeQuestion {
  readonly household: string;
  readonly hub: RosterHub;
  readonly command: string;
}

/**
 * Opens a hub's answer. Sealing proves no sender, so the hub signs: a vault that answered in its place could name a
 * camera of its own, which would then be told the password. An answer to another question is refused.
 */
export async function openProbeAnswer(own: Identity, asked: ProbeQuestion, reply: string): Promise<Checked<ProbeAnswer>> {
  const sealed = fromBase64Url(reply);
  if (sealed === null) return refuse("malformed");
  const opened = await openWhole(own, sealed);
  if (!opened.ok) return opened;
  const json = readJson(anyShape, opened.value);
  const envelope = json.ok ? readEnvelope(json.value) : json;
  if (!envelope.ok) return envelope;
  const verified = verifyEnvelope(envelope.value, answerForm, [asked.hub.signingKey]);
  if (!verified.ok) return verified;
  const answer = verified.value.document;
  if (answer.household !== asked.household) return refuse("wrong-household");
  if (answer.hub !== asked.hub.hub) return refuse("wrong-hub");
  return answer.command === asked.command ? accept(answer) : refuse("replayed");
}
