/** @file English for the household's log: what happened as one sentence each, and what is said when its keeper lies. */
import type { EntryFacts, EntryGroup, EntryKind, EntryWho, LogAlarmKind } from "../../domain/activity.ts";
import { n } from "./count.ts";

const somebody = "Somebody who is not in this home any more";
const others: Readonly<Record<Exclude<EntryWho["by"], "you" | "member">, string>> = {
  hub: "The hub", reviewer: "A reviewer", vault: "The vault", operator: "Whoever runs the vault", stranger: "A stranger", unknown: "Somebody",
};
const nameOf = (who: EntryWho): string => (who.by === "you" ? "You" : who.by === "member" ? (who.name ?? somebody) : others[who.by]);
const camera = ({ camera: name }: EntryFacts): string => name ?? "a camera that was removed";
const room = ({ room: name }: EntryFacts): string => name ?? "a room that was removed";
const person = ({ isMe, member }: EntryFacts): string => (isMe === true ? "you" : (member ?? "somebody who is not in this home any more"));
const whose = ({ isMe, member }: EntryFacts, who: EntryWho): string => (isMe === true ? "your" : who.by === "member" && who.name === (member ?? null) ? "their" : `${member ?? "somebody"}’s`);
const recordings = ({ count }: EntryFacts): string => n(count ?? 0, "recording");
const ways = { password: "password", passkey: "passkey", kit: "recovery kit", invitation: "invitation", claim: "code of the hub" } as const;
const way = ({ way: name }: EntryFacts): string => ways[name ?? "password"];
const ends: Readonly<Record<string, string>> = {
  "signed-out": "signed out", elsewhere: "ended sign-ins on other devices", "way-changed": "was signed out by a change of password", "put-out": "was put out", expired: "was signed out after a while",
};
const changed = { added: "added", replaced: "changed", removed: "removed" } as const;
const changeOf = ({ change }: EntryFacts): string => changed[change ?? "replaced"];
const settings = {
  armed: "armed or disarmed the home", privacy: "turned cameras off or on", talk: "changed who may talk through cameras", notices: "changed how notices reach people",
  security: "changed a second proof for signing in", device: "restarted or changed a camera",
} as const;
const classes = { continuous: "continuous video", event: "video of events" } as const;
const kept = ({ className }: EntryFacts): string => classes[className ?? "continuous"];

const says: Readonly<Record<EntryKind, (who: string, facts: EntryFacts, by: EntryWho) => string>> = {
  "signed-in": (who, facts) => `${who} signed in with ${way(facts) === "invitation" || way(facts) === "code of the hub" ? "the" : "a"} ${way(facts)}${facts.isKnown === false ? ", on a new device" : ""}`,
  "sign-in-refused": (who, facts) => {
    const as = facts.member === undefined ? "" : ` as ${person(facts)}`;
    if (facts.why === "kit") return `${who} asked to get in${as} with the recovery kit alone`;
    return facts.why === "too-many" ? `${who} tried to get in${as} too often` : `${who} knew the ${way(facts)} but not the second proof, and did not get in${as}`;
  },
  "session-ended": (who, { why }) => `${who} ${ends[why ?? ""] ?? "signed out"}`,
  "way-in-changed": (who, facts, by) => `${who} ${changeOf(facts)} ${whose(facts, by)} ${way(facts)}`,
  "browser-changed": (who, { change }) => (change === "removed" ? `${who} made a browser forget the account` : `${who} used a new browser, which is remembered`),
  "hub-changed": (who, facts) => `${who} ${changeOf(facts)} a hub`,
  "device-changed": (who, facts) => `${who} ${changeOf(facts)} the camera ${facts.camera ?? ""}`.trimEnd() + (facts.room === null || facts.room === undefined ? "" : ` in ${facts.room}`),
  invited: (who) => `${who} invited somebody`,
  "member-changed": (who, facts, by) => {
    if (by.by === "you" && facts.isMe === true) return facts.change === "added" ? "You set up this home" : "Your place in this home changed";
    if (facts.change === "added") return `${who} let ${person(facts)} in`;
    return facts.change === "removed" ? `${who} put ${person(facts)} out` : `${who} changed what ${person(facts)} may do`;
  },
  "roster-changed": (who) => `${who} changed the home’s settings`,
  "rule-changed": (who, facts) => `${who} had ${kept(facts)} of ${room(facts)} kept for ${n(facts.days ?? 0, "day")}`,
  "consent-given": (who) => `${who} gave a consent`,
  "consent-withdrawn": (who) => `${who} took back a consent`,
  "live-opened": (who, facts) => `${who} began to watch ${camera(facts)} live`,
  "live-ended": (who, facts) => `${who} watched ${camera(facts)} live`,
  "recording-opened": (who, facts) => `${who} looked at ${facts.isStill === true ? "pictures" : "recordings"} of ${camera(facts)}`,
  "talk-used": (who, facts) => `${who} talked through ${camera(facts)}`,
  exported: (who, facts) => `${who} saved ${recordings(facts)} of ${camera(facts)}`,
  "archive-made": (who) => `${who} made a copy of everything`,
  grant: (who) => `${who} did something about a reviewer’s request`,
  "erasure-asked": (who, facts) => `${who} asked to erase ${recordings(facts)}`,
  "recordings-erased": (_, facts) => `${recordings(facts)} were erased`.replace("1 recording were", "1 recording was"),
  "retention-swept": (_, facts) => `${recordings(facts)} of ${room(facts)} reached the end of their time and were erased`.replace("1 recording of", "1 recording of"),
  "details-erased": () => "Older details of this list reached the end of their time",
  "log-begun": () => "The vault was restored from a backup and began another list",
  "setting-changed": (who, { setting }) => `${who} ${settings[setting ?? "device"]}`,
  unknown: (who) => `${who} did something that this app does not know yet`,
  forgotten: () => "Something that you may not read, or that is not kept any more",
};

interface AlarmWords {
  readonly what: string;
  readonly why: string;
}
const changedEntry: AlarmWords = { what: "An entry was changed", why: "What the vault shows is not what was written down." };
const leftOut: AlarmWords = { what: "Entries are left out", why: "The vault wrote something down about this home and does not show it." };
const wrongTime: AlarmWords = { what: "An entry has a wrong time", why: "The vault says that something happened when it cannot have happened." };
const alarms: Readonly<Record<LogAlarmKind, AlarmWords>> = {
  "rolled-back": { what: "The vault shows an older list than before", why: "Entries that this browser has seen are gone. They may have been deleted, or an old copy was put back." },
  "two-histories": { what: "The vault tells two stories", why: "The list does not continue the one that this browser has seen. Somebody else may be shown another." },
  "another-log": { what: "The vault shows another list than before", why: "That is so after a restore from a backup, and only then. Ask whoever runs the vault." },
  "not-signed": { what: "The list is not signed", why: "Nothing that the vault shows now can be believed." },
  stale: { what: "Nobody has checked the list for a day", why: "Your hub has not seen a new state of it. Is the hub on?" },
  malformed: changedEntry,
  "wrong-household": { what: "The vault shows entries of another home", why: "They do not belong here." },
  altered: changedEntry,
  "not-included": { what: "An entry is not in the list", why: "The vault shows something that was never written down." },
  missing: leftOut,
  "out-of-order": changedEntry,
  repeated: changedEntry,
  broken: changedEntry,
  backdated: wrongTime,
  "from-future": wrongTime,
  "erased-too-early": { what: "Details are gone before their time", why: "The vault has forgotten what happened sooner than it may." },
  "held-back": { what: "An entry was held back", why: "It was written down before your last visit, and the vault did not show it then." },
  dropped: leftOut,
};

export const logText = {
  title: "Everything that was written down",
  lead: "The vault cannot change this list without this browser noticing.",
  says: (who: EntryWho, kind: EntryKind, facts: EntryFacts) => says[kind](nameOf(who), facts, who),
  checked: (total: number) => `${n(total, "entry", "entries")}, all of them checked here just now.`,
  since: (when: string) => `This browser has followed the list since ${when}.`,
  first: "This browser sees the list for the first time. From now on it notices any change.",
  witnessed: (when: string) => `Your hub checked it too, ${when}.`,
  alarm: "The vault is not honest about this list",
  alarms,
  alarmNext: "Do not rely on the vault until you know why. Whoever runs it can tell, and what your hub recorded stays safe.",
  accept: "I know why: follow the new list",
  accepted: "This browser follows the new list from now on.",
  none: "Nothing was written down yet.",
  noneFound: "Nothing fits. Try other words, or show everything.",
  search: "Search",
  group: "Show",
  groups: { all: "Everything", people: "Signing in and people", watching: "Watching and saving", erasing: "Erasing", settings: "Settings" } satisfies Record<EntryGroup | "all", string>,
  person: "Who",
  everybody: "Everybody",
  you: "You",
  proof: "Save proof",
  proofOf: (what: string) => `Save proof: ${what}`,
  more: "Show older ones",
  for: (length: string) => `for ${length}`,
  between: (from: string, to: string) => `recorded ${from} to ${to}`,
  found: (count: number) => `${n(count, "entry", "entries")} shown`,
};
