/** @file What waits, in words: one phrase for whoever reads it and whoever hears it. */
import type { PendingView, RoomRules } from "../../domain/rules.ts";
import { text } from "../../text/index.ts";

const words = text.rules;

/** In which parts the asked rule is looser than the one that holds. */
export function saysLooser(rules: RoomRules): readonly string[] {
  const { now, signed } = rules;
  return [
    ...(signed.continuousDays > now.continuousDays ? [words.continuousTo(now.continuousDays, signed.continuousDays)] : []),
    ...(signed.eventDays > now.eventDays ? [words.eventTo(now.eventDays, signed.eventDays)] : []),
    ...(signed.records === "always" && now.records === "when-armed" ? [words.recordsAlways] : []),
  ];
}

export function saysPending({ what }: PendingView): string {
  if (what.kind === "rules") return words.rule(what.room.name, saysLooser(what.rules));
  const { place } = what;
  if (place.of === "home") return words.onAgain.home;
  return place.of === "room" ? words.onAgain.room(place.name) : words.onAgain.camera(place.name);
}

/** What was signed and does not hold although nothing waits; null where there is none. */
export function saysStopped(rules: RoomRules): string | null {
  const parts = rules.isWaiting ? [] : saysLooser(rules);
  return parts.length === 0 ? null : parts.join(", ");
}
