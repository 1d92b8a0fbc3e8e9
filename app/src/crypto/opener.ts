/**
 * @file The opener: everything that opens what a hub sealed, behind one interface that can run in a worker.
 *
 * It holds the identities of rooms and household and the verified rosters, and gives out plaintext of what verifies.
 * `openerWorker.ts` runs it off the main thread; `openerClient.ts` speaks to it from there.
 */
import { accept, refuse, type Checked } from "./checked";
import type { Bytes } from "./bytes";
import { readChain, readEntry, type ChainLink, type ChainAlarm, type ReadChain } from "./chain";
import { readEnvelope } from "./envelope";
import type { Identity } from "./identity";
import type { PartKind, RecordingLink } from "./link";
import { LiveReader, openLiveKey, type Frame } from "./live";
import { openName } from "./sealedName";
import { openChunks, openPart, openWholePart, type OpenPart } from "./sealedPart";
import type { SharedIdentity } from "./sharedIdentity";
import type { AcceptedRoster } from "./roster";

export interface OpenableHousehold {
  /** Every version, verified. */
  readonly rosters: readonly AcceptedRoster[];
  readonly identities: readonly SharedIdentity[];
}

/** A part that can be read by range. */
export interface PartHandle {
  readonly handle: number;
  readonly chunkCount: number;
  readonly plainBytes: number;
}

export type LiveFrame = Frame & { readonly codecs: string };

export interface Opener {
  setHousehold(household: OpenableHousehold): Promise<void>;
  /** Judges a stretch of a chain as the vault shows it. */
  readChain(device: string, entries: readonly unknown[], nowUs: number): Promise<ReadChain>;
  openPart(link: RecordingLink, kind: PartKind, header: Bytes, payloadNonce: Bytes): Promise<Checked<PartHandle>>;
  openChunks(handle: number, firstChunk: number, sealed: Bytes): Promise<Checked<Bytes>>;
  closePart(handle: number): Promise<void>;
  openWhole(link: RecordingLink, kind: PartKind, header: Bytes, body: Bytes): Promise<Checked<Bytes>>;
  openNames(sealed: readonly Bytes[]): Promise<readonly (string | null)[]>;
  liveStart(watch: number, device: string): Promise<void>;
  liveKey(watch: number, envelope: unknown, nowUs: number): Promise<Checked<{ readonly codecs: string }>>;
  liveFrame(watch: number, frame: Bytes, nowUs: number): Promise<Checked<LiveFrame>>;
  liveEnd(watch: number): Promise<void>;
}

const NOBODY: OpenableHousehold = { rosters: [], identities: [] };

interface Watch {
  readonly device: string;
  readonly reader: LiveReader;
  /** Keys open slowly, frames fast: everything of one watch is done in the order in which it came. */
  queue: Promise<unknown>;
}

export class LocalOpener implements Opener {
  #household = NOBODY;
  readonly #parts = new Map<number, OpenPart>();
  readonly #watches = new Map<number, Watch>();
  #nextHandle = 1;

  setHousehold(household: OpenableHousehold): Promise<void> {
    this.#household = household;
    return Promise.resolve();
  }

  readChain(device: string, entries: readonly unknown[], nowUs: number): Promise<ReadChain> {
    const shown = entries.map(readEntry);
    const context = { device, rosters: this.#household.rosters, nowUs };
    const links: ChainLink[] = [];
    const alarms: ChainAlarm[] = [];
    // An entry that is no entry splits the stretch in two.
    let from = 0;
    for (let at = 0; at <= shown.length; at += 1) {
      const entry = shown[at];
      if (entry?.ok === true) continue;
      const stretch = readChain(shown.slice(from, at).flatMap((one) => (one.ok ? [one.value] : [])), context);
      links.push(...stretch.links);
      alarms.push(...stretch.alarms);
      if (entry !== undefined) alarms.push({ refusal: entry.refusal, startUs: links.at(-1)?.link.endUs ?? null, endUs: null });
      from = at + 1;
    }
    return Promise.resolve({ links, alarms });
  }

  async openPart(link: RecordingLink, kind: PartKind, header: Bytes, payloadNonce: Bytes): Promise<Checked<PartHandle>> {
    const identity = this.#identity(link.room, link.epoch);
    if (identity === null) return refuse("no-key");
    const part = await openPart(identity, link, kind, header, payloadNonce);
    if (!part.ok) return part;
    const handle = this.#nextHandle++;
    this.#parts.set(handle, part.value);
    const { chunkCount, plainBytes } = part.value.layout;
    return accept({ handle, chunkCount, plainBytes });
  }

  openChunks(handle: number, firstChunk: number, sealed: Bytes): Promise<Checked<Bytes>> {
    const part = this.#parts.get(handle);
    return Promise.resolve(part === undefined ? refuse("no-key") : openChunks(part, firstChunk, sealed));
  }

  closePart(handle: number): Promise<void> {
    this.#parts.delete(handle);
    return Promise.resolve();
  }

  async openWhole(link: RecordingLink, kind: PartKind, header: Bytes, body: Bytes): Promise<Checked<Bytes>> {
    const identity = this.#identity(link.room, link.epoch);
    return identity === null ? refuse("no-key") : openWholePart(identity, link, kind, header, body);
  }

  async openNames(sealed: readonly Bytes[]): Promise<readonly (string | null)[]> {
    const current = this.#household.rosters.at(-1)?.roster;
    if (current === undefined) return sealed.map(() => null);
    // Names that were sealed in an earlier epoch of the household stay as they are until somebody renames.
    const epochs = this.#household.identities.filter(({ scope }) => scope === current.household).toReversed();
    return Promise.all(
      sealed.map(async (one) => {
        for (const { identity } of epochs) {
          const name = await openName(identity, one);
          if (name.ok) return name.value;
        }
        return null;
      }),
    );
  }

  liveStart(watch: number, device: string): Promise<void> {
    this.#watches.set(watch, { device, reader: new LiveReader(device), queue: Promise.resolve() });
    return Promise.resolve();
  }

  liveKey(watch: number, envelope: unknown, nowUs: number): Promise<Checked<{ readonly codecs: string }>> {
    return this.#inOrder(watch, async ({ device, reader }) => {
      const read = readEnvelope(envelope);
      if (!read.ok) return read;
      const roster = this.#household.rosters.at(-1)?.roster;
      if (roster === undefined) return refuse("no-key");
      const opened = await openLiveKey(read.value, device, roster, (scope, epoch) => this.#identity(scope, epoch), nowUs);
      if (!opened.ok) return opened;
      reader.add(opened.value.id, opened.value.held);
      return accept({ codecs: opened.value.held.codecs });
    });
  }

  liveFrame(watch: number, frame: Bytes, nowUs: number): Promise<Checked<LiveFrame>> {
    return this.#inOrder(watch, ({ reader }) => Promise.resolve(reader.open(frame, nowUs)));
  }

  liveEnd(watch: number): Promise<void> {
    this.#watches.delete(watch);
    return Promise.resolve();
  }

  #inOrder<T>(watch: number, act: (watch: Watch) => Promise<Checked<T>>): Promise<Checked<T>> {
    const found = this.#watches.get(watch);
    if (found === undefined) return Promise.resolve(refuse("unknown-key"));
    const done = found.queue.then(() => act(found));
    found.queue = done.catch(() => undefined);
    return done;
  }

  #identity(scope: string, epoch: number): Identity | null {
    return this.#household.identities.find((one) => one.scope === scope && one.epoch === epoch)?.identity ?? null;
  }
}
