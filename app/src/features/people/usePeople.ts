/** @file The people of the home, always as they are now. */
import { useEffect, useState } from "react";
import type { PeopleView } from "../../domain/people.ts";
import { useHome, useSnapshot } from "../../model/HomeContext.tsx";
import { sayList } from "../../text/en/people.ts";
import { text } from "../../text/index.ts";
import type { MemberId } from "../../domain/home.ts";

export function usePeople(): PeopleView {
  const model = useHome();
  useSnapshot(); // every roster makes a new snapshot
  return model.people.view();
}

/** Counts up whenever somebody answered an invitation, or who is in changed: for what has to be asked again. */
export function usePeopleChanges(): number {
  const model = useHome();
  const [count, setCount] = useState(0);
  useEffect(() => model.people.onChange(() => setCount((before) => before + 1)), [model]);
  return count;
}

/** The rooms that somebody sees, in words. */
export function saysRooms(view: PeopleView, member: MemberId): string {
  const seen = view.rooms.filter(({ audience }) => audience.includes(member));
  if (seen.length === 0) return text.people.noRooms;
  return seen.length === view.rooms.length && seen.length > 1 ? text.people.allRooms : sayList(seen.map(({ name }) => name));
}
