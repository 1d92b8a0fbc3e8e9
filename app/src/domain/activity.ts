/** @file What the screens see of the household's log: entries that were proved, and what is wrong with the rest. */
import type { Outcome, TimeUs } from "./home.ts";

/** Kinds of entries, as `docs/spec/log.md` names them; `forgotten`: what happened is not kept any more, or not for this person. */
export const ENTRY_KINDS = [
  "signed-in", "sign-in-refused", "session-ended", "way-in-changed", "browser-changed", "hub-changed", "device-changed", "invited", "member-changed",
  "roster-changed", "rule-changed", "consent-given", "consent-withdrawn", "live-opened", "live-ended", "recording-opened", "talk-used", "exported",
  "archive-made", "grant", "erasure-asked", "recordings-erased", "retention-swept", "details-erased", "log-begun", "setting-changed", "unknown", "forgotten",
] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

/** What a person may want to see by itself. */
export const ENTRY_GROUPS = ["people", "watching", "erasing", "settings"] as const;
export type EntryGroup = (typeof ENTRY_GROUPS)[number];

const GROUPS: Readonly<Record<EntryGroup, readonly EntryKind[]>> = {
  people: ["signed-in", "sign-in-refused", "session-ended", "way-in-changed", "browser-changed", "invited", "member-changed"],
  watching: ["live-opened", "live-ended", "recording-opened", "talk-used", "exported", "archive-made", "grant"],
  erasing: ["erasure-asked", "recordings-erased", "retention-swept", "details-erased", "consent-given", "consent-withdrawn"],
  settings: ["hub-changed", "device-changed", "roster-changed", "rule-changed", "setting-changed", "log-begun"],
};

export function groupOf(kind: EntryKind): EntryGroup | null {
  return ENTRY_GROUPS.find((group) => GROUPS[group].includes(kind)) ?? null;
}

export type EntryWho =
  | { readonly by: "you" }
  | { readonly by: "member"; readonly name: string | null }
  | { readonly by: "hub" | "reviewer" | "vault" | "operator" | "stranger" | "unknown" };

/** The rest of an entry, as far as its kind has it, with names filled in where this person knows them. */
export interface EntryFacts {
  readonly member?: string | null;
  /** It is about the person who looks. */
  readonly isMe?: boolean;
  readonly camera?: string | null;
  readonly room?: string | null;
  readonly way?: "password" | "passkey" | "kit" | "invitation" | "claim";
  readonly why?: string;
  readonly change?: "added" | "replaced" | "removed";
  readonly setting?: "armed" | "privacy" | "talk" | "notices" | "security" | "device";
  readonly count?: number;
  readonly seconds?: number;
  readonly days?: number;
  readonly className?: "continuous" | "event";
  readonly fromUs?: TimeUs;
  readonly toUs?: TimeUs;
  readonly isStill?: boolean;
  readonly isKnown?: boolean;
  readonly holders?: readonly { readonly holder: string; readonly confirmedUs: TimeUs | null; readonly cannot: string | null }[];
}

export interface EntryView {
  /** The household's number of the entry. */
  readonly sequence: number;
  readonly atUs: TimeUs;
  readonly who: EntryWho;
  readonly kind: EntryKind;
  readonly facts: EntryFacts;
}

/** What the keeper of the log did wrong. `another-log`: it shows one under another key than the one this browser knows. */
export type LogAlarmKind =
  | "rolled-back" | "two-histories" | "another-log" | "not-signed" | "stale"
  | "malformed" | "wrong-household" | "altered" | "not-included" | "missing" | "out-of-order" | "repeated" | "broken"
  | "backdated" | "from-future" | "erased-too-early" | "held-back" | "dropped";

export interface LogAlarm {
  readonly kind: LogAlarmKind;
  /** How many entries. */
  readonly count: number;
}

export interface LogView {
  /** Newest first. Each was proved to be in the log. */
  readonly entries: readonly EntryView[];
  readonly hasMore: boolean;
  /** Each kind once. */
  readonly alarms: readonly LogAlarm[];
  /** How many entries the household has. */
  readonly total: number;
  /** When this browser first saw the log; null: just now, so that it has nothing to compare with. */
  readonly knownSinceUs: TimeUs | null;
  /** The hubs that have seen the newest state and signed it, and when. */
  readonly witnesses: readonly { readonly atUs: TimeUs }[];
  /** The log's key, for whoever checks an audit pack or a receipt elsewhere. */
  readonly key: string;
}

export interface ActivityModel {
  /** The newest entries, this many. */
  log(count: number): Promise<Outcome<LogView>>;
  /** This person knows why there is another log: from now on this browser goes by that one. */
  acceptOtherLog(): Promise<Outcome<void>>;
  /** A file that proves one entry, for whoever shall check it with no network. */
  receipt(sequence: number): Promise<Outcome<string>>;
}
