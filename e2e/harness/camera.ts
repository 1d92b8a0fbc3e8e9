/** @file A real RTSP camera: the one given from outside with CAMERA, or GStreamer's server, started by our own script. */

import { join } from "node:path";
import { repository } from "./paths.ts";
import { start, run, type Running } from "./process.ts";
import { existsSync, mkdirSync } from "node:fs";

const script = join(repository, "e2e/camera/camera.py");
const clips = join(repository, "e2e/results/clips");

export interface Camera {
  readonly process: Running;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Without user name and password. A camera from outside has one address, whatever the path. */
  url(path?: string): string;
}

/** Reads `rtsp://user:pass@host:port/path` and takes it out of the environment, so that no child inherits a password. */
function takeGiven(): Camera | null {
  const text = process.env["CAMERA"] ?? "";
  delete process.env["CAMERA"];
  if (text === "") return null;
  // The words of the address stay out of the error: it may hold a password.
  if (!URL.canParse(text) || !/^rtsp:/.test(text)) throw new Error("CAMERA is not an address like rtsp://user:pass@host:port/path");
  const address = new URL(text);
  const [user, password] = [decodeURIComponent(address.username), decodeURIComponent(address.password)];
  address.username = "";
  address.password = "";
  const port = address.port === "" ? 554 : Number(address.port);
  return {
    process: {
      pid: -1,
      output: () => "",
      stdout: () => "",
      waitFor: () => Promise.reject(new Error(foreign)),
      exited: new Promise(() => undefined),
      // At the end of a journey: it goes on for somebody else.
      stop: () => Promise.resolve(0),
      kill: () => Promise.reject(new Error(foreign)),
      signal: () => {
        throw new Error(foreign);
      },
    },
    host: address.hostname,
    port,
    user,
    password,
    url: () => address.href,
  };
}

const foreign = "the camera was given from outside, so it is not ours to stop";
const given = takeGiven();

/** For `skip` of journeys that stop, restart or choose the picture of their camera: the reason, or false. */
export const cameraIsForeign: string | false = given === null ? false : foreign;

export interface CameraOptions {
  /** Our own camera also when one was given: what is measured or proved needs this very picture. */
  readonly own?: boolean;
  readonly args?: readonly string[];
  readonly user?: string;
  readonly password?: string;
  readonly port?: number;
  readonly paths?: string;
  /** A file in which the camera notes every picture that it sends; see camera.py. */
  readonly ledger?: string;
  /** One of the clips that `make-clip.sh` draws, or `clock` for a live picture with the time burnt in. */
  readonly clip?: string;
  readonly audio?: "aac" | "pcmu" | "pcma" | "none";
}

/** Draws the test clips once. */
export async function clip(name: string): Promise<string> {
  const file = join(clips, `${name}.mp4`);
  if (!existsSync(file)) {
    mkdirSync(clips, { recursive: true });
    await run("sh", [join(repository, "e2e/camera/make-clip.sh"), clips, name]);
  }
  return file;
}

export async function startCamera(options: CameraOptions = {}): Promise<Camera> {
  if (given !== null && options.own !== true) return given;
  const user = options.user ?? "viewer";
  const password = options.password ?? "quiet-lantern-42";
  const source = options.clip === "clock" ? ["--clock"] : ["--clip", await clip(options.clip ?? "small")];
  const child = start("/usr/bin/python3", [
    script,
    ...source,
    "--audio",
    options.audio ?? "aac",
    "--user",
    user,
    "--password",
    password,
    "--port",
    String(options.port ?? 0),
    "--paths",
    options.paths ?? "/main",
    ...(options.ledger === undefined ? [] : ["--ledger", options.ledger]),
    ...(options.args ?? []),
  ]);
  const ready = await child.waitFor(/ready rtsp:\/\/([\d.]+):(\d+)/, 60_000);
  const host = ready[1] ?? "127.0.0.1";
  const port = Number(ready[2]);
  return { process: child, host, port, user, password, url: (path = "/main") => `rtsp://${host}:${String(port)}${path}` };
}
