/** @file A real RTSP camera: GStreamer's server from Debian packages, started by our own script. */

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
  url(path?: string): string;
}

export interface CameraOptions {
  readonly args?: readonly string[];
  readonly user?: string;
  readonly password?: string;
  readonly port?: number;
  readonly paths?: string;
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
    ...(options.args ?? []),
  ]);
  const ready = await child.waitFor(/ready rtsp:\/\/([\d.]+):(\d+)/, 60_000);
  const host = ready[1] ?? "127.0.0.1";
  const port = Number(ready[2]);
  return { process: child, host, port, user, password, url: (path = "/main") => `rtsp://${host}:${String(port)}${path}` };
}
