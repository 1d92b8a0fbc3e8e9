/** @file What the screens see of the people of a home, and the part of the seam through which they let in and put out. */
import type { HouseholdView, MemberId, Outcome, RoomId, TimeUs } from "./home.ts";

export type Role = HouseholdView["role"];
export type InviteId = string & { readonly inviteId: true };

export interface PeopleView {
  /** Oneself first, then in the order in which they came. */
  readonly people: readonly PersonView[];
  /** All rooms of the home, with who sees them. */
  readonly rooms: readonly RoomPeople[];
  /** Whether this person may change any of it: owners may. */
  readonly canChange: boolean;
  readonly hubCount: number;
}

export interface PersonView {
  readonly id: MemberId;
  readonly name: string;
  readonly role: Role;
  readonly isMe: boolean;
  /** Since when they are in. */
  readonly sinceUs: TimeUs;
  /** The only one who may change the home: they can neither leave nor give that up. */
  readonly isLastOwner: boolean;
}

export interface RoomPeople {
  readonly id: RoomId;
  readonly name: string;
  readonly audience: readonly MemberId[];
  readonly cameraCount: number;
}

/** "today": nothing that was recorded before. "past": also what is kept already. */
export type Reach = "today" | "past";

export interface InviteWish {
  readonly role: Role;
  readonly rooms: readonly RoomId[];
  readonly reach: Reach;
}

/** The one moment in which the link is shown. */
export interface MadeInvite {
  readonly id: InviteId;
  readonly link: string;
  readonly expiresUs: TimeUs;
}

export interface InviteView {
  readonly id: InviteId;
  readonly expiresUs: TimeUs;
  /** Who made it. Only they can say yes, since only their devices know the secret of the link. */
  readonly isMine: boolean;
  /** What was promised; null for somebody else's. */
  readonly wish: InviteWish | null;
  readonly asked: InviteAnswer | null;
}

export type InviteAnswer =
  | { readonly kind: "asks"; readonly name: string; readonly atUs: TimeUs }
  /** Somebody else's invitation was answered. */
  | { readonly kind: "asks-other"; readonly atUs: TimeUs }
  /** The answer is not by whoever got the link. It is never shown as a person. */
  | { readonly kind: "not-believed"; readonly detail: string };

/** What somebody with a link is told before they decide. */
export interface Invitation {
  readonly inviterName: string;
  readonly homeName: string;
  readonly role: Role;
  readonly rooms: readonly string[];
  readonly reach: Reach;
  readonly expiresUs: TimeUs;
}

/** What putting somebody out reaches, said before it is done. */
export interface PutOutReach {
  readonly roomCount: number;
  readonly cameraCount: number;
}

export interface PeopleModel {
  view(): PeopleView;
  invites(): Promise<Outcome<readonly InviteView[]>>;
  /** Called when somebody answered an invitation, or who is in changed. */
  onChange(listener: () => void): () => void;
  invite(wish: InviteWish): Promise<Outcome<MadeInvite>>;
  cancelInvite(id: InviteId): Promise<Outcome<void>>;
  /** Lets in who answered; what they get is what was promised. */
  letIn(id: InviteId): Promise<Outcome<void>>;
  putOut(id: MemberId): Promise<Outcome<void>>;
  setSees(person: MemberId, room: RoomId, sees: boolean, reach: Reach): Promise<Outcome<void>>;
  setRole(person: MemberId, role: Role): Promise<Outcome<void>>;
  /** Another hub, by the code on its console. */
  pairHub(code: string): Promise<Outcome<void>>;

  // for somebody who has a link and no account
  lookAtInvitation(linkText: string): Promise<Outcome<Invitation>>;
  join(input: { readonly linkText: string; readonly memberName: string; readonly password: string }): Promise<Outcome<void>>;
  /** Does not want to wait any more. */
  stopWaiting(): Promise<Outcome<void>>;
}
