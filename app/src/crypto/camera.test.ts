/** @file What a hub answers to a probe: believed from the asked hub about the asked question, from nobody else. */
import { beforeAll, describe, expect, test } from "vitest";
import { random, randomId, toBase64Url, utf8 } from "./bytes";
import { openProbeAnswer, type ProbeQuestion } from "./camera";
import { signEnvelope } from "./envelope";
import { identityOf, sealTo, type Identity } from "./identity";
import { signingKey } from "./signing";

const hubKey = signingKey(random(32));
const stranger = signingKey(random(32));
let own: Identity;
let asked: ProbeQuestion;

beforeAll(async () => {
  own = await identityOf(random(32));
  asked = { household: randomId(), command: randomId(), hub: { hub: randomId(), signingKey: hubKey.publicKey, recipient: own.recipient } };
});

const answer = (over: object = {}) => ({ household: asked.household, hub: asked.hub.hub, command: asked.command, outcome: "failed", reason: "timed-out", ...over });
const open = async (document: unknown) => openProbeAnswer(own, asked, toBase64Url(await sealTo(own.recipient, utf8(JSON.stringify(document)))));

describe("answers to a probe", () => {
  test("the hub's own is read", async () => {
    expect(await open(signEnvelope("probe-answer", answer(), hubKey))).toEqual({ ok: true, value: answer() });
  });

  test("one that the vault made is refused: it knows the recipient, and not the hub's key", async () => {
    expect(await open(answer())).toEqual({ ok: false, refusal: "malformed" });
    expect(await open(signEnvelope("probe-answer", answer(), stranger))).toEqual({ ok: false, refusal: "not-signed-by-trusted" });
    expect(await open(signEnvelope("command", answer(), hubKey))).toEqual({ ok: false, refusal: "wrong-type" });
  });

  test("one to another question, of another hub or for another home is refused", async () => {
    const refusals = { command: "replayed", hub: "wrong-hub", household: "wrong-household" };
    for (const [field, refusal] of Object.entries(refusals)) {
      expect(await open(signEnvelope("probe-answer", answer({ [field]: randomId() }), hubKey))).toEqual({ ok: false, refusal });
    }
  });
});
