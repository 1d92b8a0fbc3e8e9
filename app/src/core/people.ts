/** @file The people of a home, as the screens see and change them: `PeopleModel` over a session. */
import type { MemberId, Outcome, RoomId } from "../domain/home";
import type { PeopleModel, PeopleView, PersonView } from "../domain/people";
import { fail } from "../api/problem";
import { toBase64Url } from "../crypto/bytes";
import { readClaimCode, readIntroduction, rosterMac } from "../crypto/claim";
import { payloadDigest, readEnvelope } from "../crypto/envelope";
import { done } from "./answers";
import type { Inside } from "./inside";
import { refused } from "./refused";
import { cleanName } from "./rosterEdits";
import type { Session } from "./session";

const PASSWORD_LENGTH_MIN = 15;
const NOBODY: PeopleView = { people: [], rooms: [], canChange: false, hubCount: 0 };

/** What only those need who let in and put out. */
const edits = () => import("./peopleEdits");
const invites = () => import("./invites");

export function peopleModel(session: Session, origin: () => string): PeopleModel {
  const within = <T>(act: (inside: Inside) => Promise<Outcome<T>>): Promise<Outcome<T>> =>
    session.inside === null ? Promise.resolve(fail("signed-out")) : act(session.inside);
  return {
    view: () => (session.inside === null ? NOBODY : viewOf(session.inside)),
    onChange: (listener) => session.inside?.onPeople(listener) ?? (() => undefined),
    invites: () => within(async (inside) => (await invites()).list(inside)),
    invite: (wish) => within(async (inside) => (await invites()).invite(inside, wish, origin())),
    cancelInvite: (id) => within(({ tools }) => done(tools.vault.takeBackInvite(id))),
    letIn: (id) => within(async (inside) => (await invites()).confirm(inside, id)),
    putOut: (id) => within(async (inside) => inside.edit((await edits()).putOut(id, inside.household.holdings))),
    setSees: (person, room, sees, reach) => within(async (inside) => inside.edit((await edits()).setSees(person, room, sees, reach, inside.household.holdings))),
    setRole: (person, role) => within(async (inside) => inside.edit((await edits()).setRole(person, role, inside.household.holdings))),
    pairHub: (code) => within((inside) => pairHub(inside, code)),
    lookAtInvitation: async (linkText) => (await import("./joining")).look(session.ways(), linkText),
    join: async (input) => {
      if (input.password.length < PASSWORD_LENGTH_MIN) return fail("password-too-short");
      const name = cleanName(input.memberName);
      return name.ok ? session.join({ ...input, memberName: name.value }) : name;
    },
    stopWaiting: () => session.stopWaiting(),
  };
}

function viewOf({ household }: Inside): PeopleView {
  const { roster, place, me } = household;
  const owners = roster.members.filter(({ role }) => role === "owner").length;
  const people = roster.members.map(
    ({ member, role, label }): PersonView => ({
      id: member as MemberId,
      name: household.name(label) ?? "",
      role,
      isMe: member === place.member,
      sinceUs: household.chain.find((one) => one.roster.members.some((line) => line.member === member))?.roster.issuedUs ?? roster.issuedUs,
      isLastOwner: role === "owner" && owners === 1,
    }),
  );
  return {
    people: people.sort((a, b) => Number(b.isMe) - Number(a.isMe) || a.sinceUs - b.sinceUs),
    rooms: roster.rooms.map(({ room, label, audience }) => ({
      id: room as RoomId,
      name: household.name(label) ?? "",
      audience: audience as readonly MemberId[],
      cameraCount: roster.devices.filter((device) => device.room === room).length,
    })),
    canChange: me.role === "owner",
    hubCount: roster.hubs.length,
  };
}

/** Another hub: the code on its console proves its keys to us, and our roster to it. */
async function pairHub(inside: Inside, typed: string): Promise<Outcome<void>> {
  const code = readClaimCode(typed);
  if (!code.ok) return fail("claim-code-wrong");
  const token = toBase64Url(code.value.token);
  const introduced = await inside.tools.vault.waitingHub({ token });
  if (!introduced.ok) return introduced;
  const hub = readIntroduction(code.value, introduced.value);
  if (!hub.ok) return refused(hub.refusal);
  return inside.edit((await edits()).addHub(hub.value, inside.household.holdings), (envelope) => {
    const read = readEnvelope(envelope);
    return read.ok ? { hub: { token, rosterMac: toBase64Url(rosterMac(code.value, payloadDigest(read.value))) } } : {};
  });
}
