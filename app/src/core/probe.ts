/** @file Looking for a camera: a sealed question to the hub, a sealed answer back. The vault sees neither. */
import type { CameraAddress, Outcome, ProbedStream, ProbeResult, ProbeStep, ProbeWarning, ProblemCode } from "../domain/home";
import { fail, succeed } from "../api/problem";
import type { Vault } from "../api/vault";
import { fromBase64Url } from "../crypto/bytes";
import { openProbeAnswer, sealToHub, type CameraSettings, type ProbeAnswer, type ProbeReason } from "../crypto/camera";
import { signProbe } from "../crypto/command";
import { isPlayable } from "../media/sourceBuffer";
import { awaitCommand } from "./commands";
import type { Household } from "./household";
import { refused } from "./refused";

const PATIENCE_MS = 45_000;

const REASONS: Record<ProbeReason, ProblemCode> = {
  "address-invalid": "camera-address-invalid",
  "name-not-found": "camera-name-not-found",
  "no-route": "camera-no-route",
  "timed-out": "camera-timed-out",
  "not-rtsp": "camera-not-rtsp",
  "encrypted-rtsp-unsupported": "camera-not-rtsp",
  "wrong-password": "camera-wrong-password",
  "no-such-path": "camera-path-missing",
  "camera-busy": "camera-busy",
  "codec-unsupported": "camera-codec-unknown",
  "no-video": "camera-no-video",
  failed: "unexpected",
};

/** What a screen hands back to add the camera: kept here, so that the password never goes through a screen. */
export class Probes {
  readonly #settings = new WeakMap<object, CameraSettings>();
  #pictureUrl: string | null = null;

  settingsOf(result: ProbeResult, withSound: boolean): CameraSettings | null {
    const settings = this.#settings.get(result);
    return settings === undefined ? null : { ...settings, microphone: settings.microphone && withSound };
  }

  /** Frees the picture of the last probe. */
  clear(): void {
    if (this.#pictureUrl !== null) URL.revokeObjectURL(this.#pictureUrl);
    this.#pictureUrl = null;
  }

  async probe(
    tools: { readonly vault: Vault; readonly household: Household; readonly nowUs: () => number },
    typed: CameraAddress,
    onStep: (step: ProbeStep) => void,
    signal: AbortSignal,
  ): Promise<Outcome<ProbeResult>> {
    const { vault, household, nowUs } = tools;
    const [hub] = household.roster.hubs;
    if (hub === undefined) return fail("hub-unreachable");
    const address = splitCredentials(typed);
    if (!address.ok) return address;
    onStep("looking-up");
    const request = await sealToHub(hub.recipient, given(address.value));
    const command = signProbe({ ...household.place, key: household.keys.signing }, nowUs(), hub.hub, request, household.me.recipient);
    onStep("connecting");
    const ended = await awaitCommand(vault, command, { patienceMs: PATIENCE_MS, signal });
    if (!ended.ok) return ended;
    const { outcome } = ended.value;
    if (outcome === null) return fail("hub-unreachable");
    if (outcome.outcome !== "done" || outcome.reply === null) return fail("unexpected", "no answer");
    onStep("describing");
    const asked = { household: household.place.household, hub, command: command.command };
    const answer = await openProbeAnswer(household.keys.identity, asked, outcome.reply);
    if (!answer.ok) return refused(answer.refusal);
    if (answer.value.outcome === "failed") return fail(failedCode(answer.value.reason, address.value), answer.value.reason);
    onStep("waiting-for-picture");
    return succeed(this.#result(answer.value, address.value));
  }

  #result(answer: Extract<ProbeAnswer, { outcome: "found" }>, typed: CameraAddress): ProbeResult {
    this.clear();
    const poster = answer.poster === null ? null : fromBase64Url(answer.poster);
    if (poster !== null) this.#pictureUrl = URL.createObjectURL(new Blob([poster], { type: "image/jpeg" }));
    const sound = answer.streams.find(({ role }) => role === "main")?.audio ?? null;
    const result: ProbeResult = {
      probe: "probe" as ProbeResult["probe"],
      address: answer.mainUrl,
      pictureUrl: this.#pictureUrl,
      streams: answer.streams.map(
        ({ role, codec, width, height, framesPerSecond, kilobitsPerSecond }): ProbedStream => ({
          role,
          codec: plainCodec(codec),
          width,
          height,
          framesPerSecond,
          kilobitsPerSecond,
        }),
      ),
      audio: sound === null ? null : { codec: plainCodec(sound.codec), isKept: true },
      warnings: warningsOf(answer, typed),
    };
    this.#settings.set(result, {
      source: "rtsp",
      mainUrl: answer.mainUrl,
      ...(answer.subUrl === null ? {} : { subUrl: answer.subUrl }),
      ...(typed.userName === "" ? {} : { username: typed.userName }),
      ...(typed.password === "" ? {} : { password: typed.password }),
      microphone: sound !== null,
    });
    return result;
  }
}

function given({ address, userName, password }: CameraAddress) {
  return { address, ...(userName === "" ? {} : { username: userName }), ...(password === "" ? {} : { password }) };
}

/** Moves user name and password out of an address in which they were typed. */
export function splitCredentials(typed: CameraAddress): Outcome<CameraAddress> {
  const address = typed.address.trim();
  if (address === "" || /\s/.test(address)) return fail("camera-address-invalid");
  const scheme = /^rtsps?:\/\//i.exec(address)?.[0] ?? "";
  if (scheme === "" && address.includes("://")) return fail("camera-address-invalid");
  const rest = address.slice(scheme.length);
  const hostEnd = rest.search(/[/?#]/);
  const authority = hostEnd < 0 ? rest : rest.slice(0, hostEnd);
  const at = authority.lastIndexOf("@");
  if (at < 0) return succeed({ ...typed, address });
  const [userName = "", ...password] = authority.slice(0, at).split(":");
  const host = scheme + rest.slice(at + 1);
  return succeed({
    address: host,
    userName: typed.userName === "" ? decoded(userName) : typed.userName,
    password: typed.password === "" ? decoded(password.join(":")) : typed.password,
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function failedCode(reason: ProbeReason, { userName, password }: CameraAddress): ProblemCode {
  return reason === "wrong-password" && userName === "" && password === "" ? "camera-password-needed" : REASONS[reason];
}

function warningsOf(answer: Extract<ProbeAnswer, { outcome: "found" }>, { password }: CameraAddress): readonly ProbeWarning[] {
  const warnings: ProbeWarning[] = [];
  if (answer.defaultPassword) warnings.push("default-password");
  else if (password === "") warnings.push("no-password");
  if (answer.streams.some(({ role, codec }) => role === "main" && !isPlayable(codec))) warnings.push("may-not-play-here");
  if (!answer.streams.some(({ role }) => role === "sub")) warnings.push("no-sub-stream");
  return warnings;
}

function plainCodec(codec: string): string {
  const name = codec.toLowerCase();
  if (name.startsWith("avc")) return "H.264";
  if (name.startsWith("hvc") || name.startsWith("hev")) return "H.265";
  if (name.startsWith("mp4a")) return "AAC";
  return name === "flac" ? "G.711" : codec;
}
