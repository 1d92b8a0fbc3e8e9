/** @file Looks at exported media with ffprobe and a decoder, as a stranger's player would. */

import { run } from "./process.ts";

export interface ProbedStream {
  readonly codec_type: string;
  readonly codec_name: string;
  readonly codec_tag_string: string;
  readonly width?: number;
  readonly height?: number;
  readonly nb_read_frames?: string;
}

export interface Probed {
  readonly streams: readonly ProbedStream[];
  readonly format: { readonly duration: string; readonly format_name: string };
}

export async function ffprobe(file: string): Promise<Probed> {
  const text = await run("ffprobe", ["-v", "error", "-count_frames", "-show_streams", "-show_format", "-of", "json", file]);
  return JSON.parse(text) as Probed;
}

/** Decodes everything; resolves with what the decoder complained about ("" when nothing). */
export async function decodeErrors(file: string): Promise<string> {
  const { start } = await import("./process.ts");
  const decoder = start("ffmpeg", ["-v", "error", "-nostdin", "-i", file, "-f", "null", "-"]);
  const code = await decoder.exited;
  return code === 0 ? decoder.output().trim() : `ended with ${String(code)}: ${decoder.output()}`;
}
