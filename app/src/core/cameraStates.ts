/** @file What the hub last told about each camera, in the words of the seam. */
import type { CameraState, Cause } from "../domain/home";
import type { DeviceStatus } from "../media/answers";
import { causeOf } from "./timelineItems";

/** Frames may still arrive, but they are not kept. */
const NOT_KEPT: ReadonlySet<Cause> = new Set<Cause>(["disk-full", "spool-full"]);

export class CameraStates {
  readonly #told = new Map<string, DeviceStatus>();
  readonly #pictures = new Map<string, number>();
  #hubAwaySinceUs: number | null = null;

  tell(status: DeviceStatus): void {
    this.#told.set(status.device, status);
  }

  tellHub(isConnected: boolean, sinceUs: number): void {
    this.#hubAwaySinceUs = isConnected ? null : sinceUs;
    // What a hub said before it went is no longer known to be true.
    if (!isConnected) this.#told.clear();
  }

  /** A picture was seen or vouched for. Says whether that is news. */
  tellPicture(device: string, takenUs: number): boolean {
    const before = this.#pictures.get(device) ?? -Infinity;
    if (takenUs <= before) return false;
    this.#pictures.set(device, takenUs);
    return takenUs - before > 2_000_000;
  }

  get hub(): { readonly kind: "reachable" } | { readonly kind: "unreachable"; readonly sinceUs: number } {
    return this.#hubAwaySinceUs === null ? { kind: "reachable" } : { kind: "unreachable", sinceUs: this.#hubAwaySinceUs };
  }

  pictureAtUs(device: string): number | null {
    return this.#pictures.get(device) ?? null;
  }

  /** Since when a camera is down; null while it is not, or while nothing is known. */
  downSince(device: string): { readonly sinceUs: number; readonly cause: Cause } | null {
    const status = this.#told.get(device);
    return status?.state === "down" ? { sinceUs: status.sinceUs, cause: causeOf(status.cause) } : null;
  }

  of(device: string): CameraState {
    const status = this.#told.get(device);
    if (status === undefined) return { kind: "connecting", sinceUs: this.#hubAwaySinceUs ?? 0 };
    const { sinceUs } = status;
    if (status.state === "recording") return { kind: "recording" };
    if (status.state === "connecting") return { kind: "connecting", sinceUs };
    const cause = causeOf(status.cause);
    return NOT_KEPT.has(cause) ? { kind: "not-kept", sinceUs, cause } : { kind: "unreachable", sinceUs, cause };
  }
}
