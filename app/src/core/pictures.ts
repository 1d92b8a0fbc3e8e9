/** @file What is seen of one camera: timeline, players, posters, exports, and what an erasure reaches. */
import type {
  EraseProgress,
  EraseReach,
  EraseRequest,
  EraseResult,
  ExportedFile,
  LiveState,
  LiveWatch,
  Outcome,
  Player,
  PlayerState,
  Progress,
  Span,
  TimelineBounds,
  TimelineItem,
  TimelineSlice,
} from "../domain/home";
import { fail, succeed } from "../api/problem";
import type { ChainLink } from "../crypto/chain";
import type { RecordingLink } from "../crypto/link";
import { signWatch } from "../crypto/watch";
import { watchLive } from "../media/liveWatch";
import { TimelinePlayer, type Recordings } from "../media/timelinePlayer";
import { erasable, eraseRecordings, reachOf, type ErasableRecording } from "./erase";
import type { Inside } from "./inside";
import { causeOf, timelineItems } from "./timelineItems";

const AROUND_US = 90_000_000;
/** Recordings of one camera overlap by the drift of a clock at most. */
const OVERLAP_US = 1_000_000;
const LOOK_STEP_US = 6 * 3_600_000_000;
/** Neighbours whose stills are opened along with one that was asked for. */
const AHEAD = 3;

export function watch(inside: Inside, device: string, video: HTMLVideoElement, onState: (state: LiveState) => void): LiveWatch {
  return watchLive({
    device,
    video,
    opener: inside.tools.live,
    onState,
    causeNow: (status, isHubAway) => (isHubAway ? "hub-stopped" : status?.state === "down" ? causeOf(status.cause) : "camera-stalled"),
    nowUs: () => Date.now() * 1000,
    wish: () => signWatch({ ...inside.household.place, key: inside.household.keys.signing }, inside.tools.nowUs(), device),
    onTaken: (takenUs) => inside.seen(device, takenUs),
  });
}

export function openPlayer(inside: Inside, device: string, video: HTMLVideoElement, onState: (state: PlayerState) => void): Player {
  const source = { vault: inside.tools.vault, opener: inside.tools.recordings };
  const player = new TimelinePlayer({ source, recordings: recordingsOf(inside, device), video, onState });
  const resign = inside.enlist(player);
  return {
    seek: (atUs) => player.seek(atUs),
    play: () => player.play(),
    pause: () => player.pause(),
    setRate: (rate) => player.setRate(rate),
    step: (direction) => player.step(direction),
    positionUs: () => player.positionUs(),
    close: () => {
      resign();
      player.close();
    },
  };
}

export async function bounds(inside: Inside, device: string): Promise<Outcome<TimelineBounds>> {
  const ends = await inside.chain(device).ends();
  if (!ends.ok) return ends;
  if (ends.value === null) return succeed({ oldestUs: null, newestUs: null });
  return succeed({ oldestUs: ends.value.first.link.startUs, newestUs: ends.value.last.link.endUs });
}

export async function slice(inside: Inside, device: string, span: Span): Promise<Outcome<TimelineSlice>> {
  const stretch = await inside.chain(device).read(span);
  if (!stretch.ok) return stretch;
  inside.rememberLinks(recordingLinks(stretch.value.links));
  const items = [...timelineItems(stretch.value, span, (link) => isShared(inside, link))];
  const down = inside.states.downSince(device);
  const lastEnd = items.at(-1)?.endUs ?? null;
  if (down !== null && span.toUs >= down.sinceUs && (items.length === 0 || lastEnd !== null)) {
    const startUs = Math.max(down.sinceUs, lastEnd ?? down.sinceUs);
    if (startUs < span.toUs) items.push({ kind: "gap", startUs, endUs: null, cause: down.cause } satisfies TimelineItem);
  }
  return succeed({ span, items });
}

export async function posterUrl(inside: Inside, device: string, recording: string): Promise<string | null> {
  const link = inside.linkOf(recording);
  if (link?.device !== device) return null;
  const url = inside.posters.get(link);
  void openNeighbours(inside, link);
  return url;
}

async function openNeighbours(inside: Inside, link: RecordingLink): Promise<void> {
  const reach = AHEAD * 60_000_000;
  const around = await inside.chain(link.device).read({ fromUs: link.startUs - reach, toUs: link.endUs + reach });
  if (!around.ok) return;
  for (const near of recordingLinks(around.value.links).filter((one) => isShared(inside, one))) {
    if (near.recording !== link.recording && inside.posters.isIdle) void inside.posters.get(near);
  }
}

export async function exportRecordings(
  inside: Inside,
  device: string,
  span: Span,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Outcome<ExportedFile>> {
  const stretch = await inside.chain(device).read(span);
  if (!stretch.ok) return stretch;
  const links = recordingLinks(stretch.value.links).filter((one) => one.startUs < span.toUs && one.endUs > span.fromUs && isShared(inside, one));
  const source = { vault: inside.tools.vault, opener: inside.tools.recordings };
  return links.length === 0 ? fail("not-found") : (await import("../media/exporter")).exportSpan({ source, links, span, onProgress, signal });
}

export async function eraseReach(inside: Inside, request: EraseRequest): Promise<Outcome<EraseReach>> {
  const recordings = await targetsOf(inside, request);
  return recordings.ok ? succeed(reachOf(recordings.value)) : recordings;
}

export async function erase(inside: Inside, request: EraseRequest, onProgress: (progress: EraseProgress) => void): Promise<Outcome<EraseResult>> {
  const recordings = await targetsOf(inside, request);
  if (!recordings.ok) return recordings;
  const { vault, nowUs } = inside.tools;
  const device = request.deviceId;
  const result = await eraseRecordings({ vault, household: inside.household, device, recordings: recordings.value, nowUs, onProgress });
  const erased = recordings.value.map(({ link }) => link.recording);
  inside.forgetErased(device, erased);
  return result.ok && (await isStillShown(inside, device, recordings.value)) ? fail("not-erased") : result;
}

/** What the vault says of its own erasing is its word. When it contradicts itself, the word "erased" is not said. */
async function isStillShown(inside: Inside, device: string, erased: readonly ErasableRecording[]): Promise<boolean> {
  if (erased.length === 0) return false;
  const fromUs = Math.min(...erased.map(({ link }) => link.startUs));
  const toUs = Math.max(...erased.map(({ link }) => link.endUs)) + 1;
  const after = await inside.chain(device).read({ fromUs, toUs });
  const gone = new Set(erased.map(({ digest }) => digest));
  return after.ok && after.value.links.some(({ digest, state }) => state === "kept" && gone.has(digest));
}

async function targetsOf(inside: Inside, request: EraseRequest): Promise<Outcome<readonly ErasableRecording[]>> {
  const chain = inside.chain(request.deviceId);
  if (request.kind === "recording") {
    const link = inside.linkOf(request.recordingId);
    if (link === null) return fail("not-found");
    const around = await chain.read({ fromUs: link.startUs, toUs: link.endUs + 1 });
    return around.ok ? succeed(erasable(around.value.links).filter((one) => one.link.recording === request.recordingId)) : around;
  }
  if (request.kind === "span") {
    const stretch = await chain.read(request.span);
    return stretch.ok ? succeed(erasable(stretch.value.links)) : stretch;
  }
  const ends = await chain.ends();
  if (!ends.ok) return ends;
  if (ends.value === null) return succeed([]);
  const whole = await chain.read({ fromUs: ends.value.first.link.startUs, toUs: Math.max(ends.value.last.link.endUs, inside.tools.nowUs()) + 1 });
  return whole.ok ? succeed(erasable(whole.value.links)) : whole;
}

/** The player's view of a chain. */
function recordingsOf(inside: Inside, device: string): Recordings {
  const chain = inside.chain(device);
  return {
    async at(atUs) {
      const around = await chain.read({ fromUs: atUs - AROUND_US, toUs: atUs + AROUND_US });
      if (!around.ok) return around;
      return succeed(recordingLinks(around.value.links).find((one) => one.startUs <= atUs && atUs < one.endUs && isShared(inside, one)) ?? null);
    },
    async after(atUs) {
      const ends = await chain.ends();
      if (!ends.ok) return ends;
      const until = ends.value?.last.link.endUs ?? 0;
      let fromUs = atUs;
      let reachUs = AROUND_US; // mostly the next one follows at once; over a long gap the steps are wider
      while (fromUs < until) {
        const stretch = await chain.read({ fromUs, toUs: fromUs + reachUs });
        if (!stretch.ok) return stretch;
        const next = recordingLinks(stretch.value.links).find((one) => one.endUs > atUs && one.startUs >= atUs - OVERLAP_US && isShared(inside, one));
        if (next !== undefined) return succeed(next);
        fromUs += reachUs;
        reachUs = LOOK_STEP_US;
      }
      return succeed(null);
    },
  };
}

/** Whether this person was let into the room before the recording was made. */
function isShared({ household }: Inside, { room, epoch }: RecordingLink): boolean {
  return household.identityOf(room, epoch) !== null;
}

function recordingLinks(links: readonly ChainLink[]): readonly RecordingLink[] {
  return links.flatMap(({ link, state }) => (link.kind === "recording" && state === "kept" ? [link] : []));
}
