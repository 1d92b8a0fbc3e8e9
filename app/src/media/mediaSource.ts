/**
 * @file Which Media Source this browser has. Safari on an iPhone has only the managed one, and opens it only for an
 * element that promises not to be played elsewhere (AirPlay).
 */

type Scope = Partial<Record<"MediaSource" | "ManagedMediaSource", unknown>>;

/** `MediaSource` where there is one; otherwise the managed one; null when there is neither. */
export function mediaSourceKind(scope: Scope = globalThis): typeof MediaSource | null {
  const kind = scope.MediaSource ?? scope.ManagedMediaSource;
  return typeof kind === "function" ? (kind as typeof MediaSource) : null;
}

/** A new source as the element's own. Resolves once it is open; its address is revoked as soon as the element has it. */
export async function attachSource(video: HTMLVideoElement): Promise<MediaSource> {
  const Kind = mediaSourceKind();
  if (Kind === null) throw new Error("this browser has no Media Source"); // start.tsx lets no such browser in
  const source = new Kind();
  // Without this, ManagedMediaSource never opens. Pictures of a home do not go to a television by a wrong tap either.
  video.disableRemotePlayback = true;
  const url = URL.createObjectURL(source);
  video.src = url;
  await new Promise((resolve) => {
    source.addEventListener("sourceopen", resolve, { once: true });
  });
  URL.revokeObjectURL(url);
  return source;
}
