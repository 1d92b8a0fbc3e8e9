/** @file Tests only: a hub that prints a claim code, seals recordings and signs links, written from docs/spec. */
import { ed25519 } from "@noble/curves/ed25519.js";
import { Encrypter } from "age-encryption";
import { fromBase64Url, fromHex, random, randomId, toBase64Url, utf8, type Bytes } from "../../crypto/bytes";
import { toCrockford } from "../../crypto/crockford";
import { splitHeader } from "../../crypto/ageHeader";
import { signEnvelope, type EnvelopeJson } from "../../crypto/envelope";
import { derive, digestHex, labelledMac } from "../../crypto/hash";
import { identityOf, type Identity } from "../../crypto/identity";
import { signingKey, type SigningKey } from "../../crypto/signing";
import type { Roster } from "../../crypto/roster";

export interface SealedPart {
  readonly header: Bytes;
  readonly body: Bytes;
}

export interface SealedRecording {
  readonly id: string;
  readonly media: SealedPart;
  readonly card: SealedPart;
  readonly poster: SealedPart;
  readonly link: EnvelopeJson;
}

export async function sealPart(recipient: string, plaintext: Uint8Array): Promise<SealedPart> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  const split = splitHeader(await encrypter.encrypt(plaintext));
  if (!split.ok) throw new Error("a file that was just sealed has a header");
  return split.value;
}

export class TestHub {
  readonly id = randomId();
  readonly key: SigningKey = signingKey(ed25519.utils.randomSecretKey());
  readonly code = random(10);
  identity!: Identity;
  readonly #heads = new Map<string, { index: number; digest: string | null; endUs: number }>();

  static async make(): Promise<TestHub> {
    const hub = new TestHub();
    hub.identity = await identityOf(random(32));
    return hub;
  }

  get codeText(): string {
    return toCrockford(this.code, 80).replace(/(.{4})(?=.)/g, "$1-");
  }

  introduction(keys: { signingKey: Uint8Array; recipient: string } = { signingKey: this.key.publicKey, recipient: this.identity.recipient }) {
    const macKey = derive(this.code, "eaves/claim/mac/v1");
    const mac = labelledMac(macKey, "eaves/claim/hub/v1", fromHex(this.id)!, this.key.publicKey, utf8(this.identity.recipient));
    return { hub: this.id, signingKey: toBase64Url(keys.signingKey), recipient: keys.recipient, mac: toBase64Url(mac) };
  }

  /** Signs the next link of a device's chain; `over` changes what it says. */
  link(roster: Roster, device: string, content: object, startUs: number, endUs: number, over: object = {}, key = this.key): EnvelopeJson {
    const head = this.#heads.get(device) ?? { index: 0, digest: null, endUs: startUs };
    const placed = roster.devices.find((one) => one.device === device)!;
    const room = roster.rooms.find((one) => one.room === placed.room)!;
    const envelope = signEnvelope(
      "link",
      {
        household: roster.household,
        hub: this.id,
        device,
        room: room.room,
        epoch: room.epoch,
        roster: roster.version,
        index: head.index,
        previous: head.digest,
        startUs,
        endUs,
        ...content,
        ...over,
      },
      key,
    );
    this.#heads.set(device, { index: head.index + 1, digest: digestHex(payloadOf(envelope)), endUs });
    return envelope;
  }

  gap(roster: Roster, device: string, startUs: number, endUs: number, cause = "camera-stalled"): EnvelopeJson {
    return this.link(roster, device, { kind: "gap", cause }, startUs, endUs);
  }

  async record(roster: Roster, device: string, startUs: number, endUs: number, media: Uint8Array, over: object = {}, index: object = {}): Promise<SealedRecording> {
    const placed = roster.devices.find((one) => one.device === device)!;
    const { recipient } = roster.rooms.find((one) => one.room === placed.room)!;
    const card = {
      version: 1,
      startUs,
      durationMs: (endUs - startUs) / 1000,
      codecs: "avc1.4d401f",
      width: 640,
      height: 360,
      initBytes: 100,
      fragments: [{ offset: 100, bytes: media.length - 100, startMs: 0, durationMs: (endUs - startUs) / 1000 }],
      ...index,
    };
    const parts = {
      media: await sealPart(recipient, media),
      card: await sealPart(recipient, utf8(JSON.stringify(card))),
      poster: await sealPart(recipient, utf8("a picture")),
    };
    const id = randomId();
    const vouched = Object.entries(parts).map(([part, { header, body }]) => ({
      part,
      header: digestHex(header),
      body: digestHex(body),
      bodyBytes: body.length,
    }));
    const content = {
      kind: "recording",
      recording: id,
      run: randomId(),
      class: "continuous",
      keepUntilUs: endUs + 3 * 86_400_000_000,
      cut: false,
      parts: vouched,
    };
    return { id, ...parts, link: this.link(roster, device, content, startUs, endUs, over) };
  }
}

export function payloadOf(envelope: EnvelopeJson): Uint8Array {
  return fromBase64Url(envelope.payload)!;
}
