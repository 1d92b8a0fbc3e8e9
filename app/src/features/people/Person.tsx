/** @file One person: which rooms they see, what they may do, and putting them out. */
import { UserX } from "lucide-react";
import { useState, type ReactNode } from "react";
import type { MemberId } from "../../domain/home.ts";
import type { PersonView, Reach, Role, RoomPeople } from "../../domain/people.ts";
import { useAction, useHome } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { navigate } from "../../navigation/location.ts";
import { text } from "../../text/index.ts";
import { sayDay } from "../../text/phrases.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog, DialogActions } from "../../ui/Dialog.tsx";
import { ChoiceField } from "../../ui/Field.tsx";
import { Column, Heading, Section } from "../../ui/Page.tsx";
import { useToast } from "../../ui/Toast.tsx";
import { CheckField } from "./CheckField.tsx";
import { ReachField } from "./Invite.tsx";
import { usePeople } from "./usePeople.ts";

const ROLES: readonly Role[] = ["owner", "adult", "guest"];

export function Person({ id, fallback }: { readonly id: MemberId; readonly fallback: ReactNode }): ReactNode {
  const model = useHome();
  const say = useToast();
  const words = text.people;
  const view = usePeople();
  const [nowUs] = useState(() => model.nowUs());
  const [granting, setGranting] = useState<RoomPeople | null>(null);
  const [isLeaving, setLeaving] = useState(false);
  const setSees = useAction(model.people.setSees.bind(model.people));
  const setRole = useAction(model.people.setRole.bind(model.people));
  const person = view.people.find((one) => one.id === id);
  if (person === undefined) return fallback;
  const seen = view.rooms.filter(({ audience }) => audience.includes(id));
  const take = (room: RoomPeople) =>
    void setSees.start(id, room.id, false, "today").then((done) => {
      if (done !== undefined) say({ message: words.taken(person.name, room.name) });
    });
  return (
    <Column>
      <header className="flex flex-col gap-1">
        <Heading>{person.name}</Heading>
        <p className="text-soft">{`${words.roles[person.role]} · ${words.since(sayDay(person.sinceUs, nowUs, "inside"))}`}</p>
      </header>
      <ProblemNotice problem={setSees.problem ?? setRole.problem} />
      <Section title={words.personRooms} lead={words.personRoomsLead(person.name)}>
        {view.rooms.length === 0 && <p className="text-soft">{words.noRoomsYet}</p>}
        {view.canChange ? (
          <div className="flex flex-col gap-2">
            {view.rooms.map((room) => (
              <CheckField
                key={room.id}
                isSwitch
                label={words.seesRoom(room.name)}
                isChecked={room.audience.includes(id)}
                isBusy={setSees.isBusy}
                onChange={(sees) => (sees ? setGranting(room) : take(room))}
              />
            ))}
          </div>
        ) : (
          <ul className="list-disc pl-5">
            {seen.map((room) => (
              <li key={room.id}>{room.name}</li>
            ))}
          </ul>
        )}
      </Section>
      {view.canChange && (
        <Section title={words.role} lead={person.isLastOwner ? words.lastOwner : undefined}>
          {!person.isLastOwner && (
            <ChoiceField
              label={words.role}
              hideLabel
              value={person.role}
              onValue={(role) =>
                void setRole.start(id, role).then((done) => {
                  if (done !== undefined) say({ message: words.roleChanged(person.name, words.roles[role]) });
                })
              }
              choices={ROLES.map((value) => ({ value, label: words.roles[value], help: words.roleHelp[value] }))}
            />
          )}
        </Section>
      )}
      {view.canChange && !person.isMe && (
        <Button tone="danger" className="self-start" icon={<UserX aria-hidden className="size-5" />} onClick={() => setLeaving(true)}>
          {words.putOut}
        </Button>
      )}
      {granting !== null && <Grant person={person} room={granting} onClose={() => setGranting(null)} />}
      {isLeaving && <PutOut person={person} rooms={seen} onClose={() => setLeaving(false)} />}
    </Column>
  );
}

interface GrantProps {
  readonly person: PersonView;
  readonly room: RoomPeople;
  readonly onClose: () => void;
}

function Grant({ person, room, onClose }: GrantProps): ReactNode {
  const model = useHome();
  const say = useToast();
  const words = text.people;
  const [reach, setReach] = useState<Reach>("today");
  const grant = useAction(model.people.setSees.bind(model.people));
  return (
    <Dialog isOpen onClose={onClose} title={words.grantTitle(person.name, room.name)} description={words.reach} closeLabel={text.common.close} isHeld={grant.isBusy}>
      <ReachField value={reach} onValue={setReach} />
      <ProblemNotice problem={grant.problem} />
      <DialogActions>
        <Button onClick={onClose}>{text.common.cancel}</Button>
        <Button
          tone="primary"
          isBusy={grant.isBusy}
          onClick={() =>
            void grant.start(person.id, room.id, true, reach).then((done) => {
              if (done === undefined) return;
              say({ message: words.granted(person.name, room.name) });
              onClose();
            })
          }
        >
          {words.grant}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

interface PutOutProps {
  readonly person: PersonView;
  readonly rooms: readonly RoomPeople[];
  readonly onClose: () => void;
}

function PutOut({ person, rooms, onClose }: PutOutProps): ReactNode {
  const model = useHome();
  const say = useToast();
  const words = text.people;
  const putOut = useAction(model.people.putOut.bind(model.people));
  const cameras = rooms.reduce((sum, room) => sum + room.cameraCount, 0);
  return (
    <Dialog isOpen onClose={onClose} title={words.putOutTitle(person.name)} description={words.putOutLead(person.name, rooms.length, cameras)} closeLabel={text.common.close} isHeld={putOut.isBusy} tone="danger">
      <ProblemNotice problem={putOut.problem} />
      <DialogActions>
        <Button onClick={onClose}>{text.common.cancel}</Button>
        <Button
          tone="danger"
          isBusy={putOut.isBusy}
          onClick={() =>
            void putOut.start(person.id).then((done) => {
              if (done === undefined) return;
              say({ message: words.isOut(person.name) });
              navigate({ kind: "people" }, "replace");
            })
          }
        >
          {words.putOutNow(person.name)}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
