/** @file The rule of keys, `docs/spec/roster.md`: who leaves an audience leaves its key behind. */
import type { Roster } from "./roster";

interface Scope {
  readonly id: string;
  readonly epoch: number;
  readonly recipient: string;
  readonly holders: readonly string[];
}

/**
 * Whether every shared identity of `next` may stand after `before`: an epoch never goes back, an epoch has one recipient,
 * and who is in an audience no more is followed by a new epoch with a new recipient.
 */
export function areKeysRenewed(before: Roster, next: Roster): boolean {
  const old = new Map(scopes(before).map((scope) => [scope.id, scope]));
  return scopes(next).every((now) => {
    const then = old.get(now.id);
    if (then === undefined) return true;
    const somebodyLeft = then.holders.some((member) => !now.holders.includes(member));
    const isSameEpoch = now.epoch === then.epoch;
    const isSameRecipient = now.recipient === then.recipient;
    return now.epoch >= then.epoch && (!isSameEpoch || isSameRecipient) && (!somebodyLeft || (!isSameEpoch && !isSameRecipient));
  });
}

function scopes(roster: Roster): readonly Scope[] {
  const { household, epoch, recipient } = roster;
  return [
    { id: household, epoch, recipient, holders: roster.members.map(({ member }) => member) },
    ...roster.rooms.map((room) => ({ id: room.room, epoch: room.epoch, recipient: room.recipient, holders: room.audience })),
  ];
}
