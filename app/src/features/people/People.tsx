/** @file People: who is in, as what, since when; who asks to come in; open invitations; hubs. */
import { ChevronRight, Router, UserPlus } from "lucide-react";
import { useState, type ReactNode } from "react";
import type { InviteView, PeopleView, PersonView } from "../../domain/people.ts";
import { useAction, useHome, useLoaded } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { Link } from "../../navigation/Link.tsx";
import { sayList } from "../../text/en/people.ts";
import { text } from "../../text/index.ts";
import { sayDay, sayWhen } from "../../text/phrases.ts";
import { Button, buttonClass } from "../../ui/Button.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Column, Details, Heading, Section } from "../../ui/Page.tsx";
import { Skeleton } from "../../ui/Progress.tsx";
import { useToast } from "../../ui/Toast.tsx";
import { saysRooms, usePeople, usePeopleChanges } from "./usePeople.ts";

const icon = { "aria-hidden": true, className: "size-5" } as const;

export function People(): ReactNode {
  const words = text.people;
  const view = usePeople();
  return (
    <Column>
      <header className="flex flex-wrap items-end justify-between gap-3">
        <div className="flex flex-col gap-1">
          <Heading>{words.title}</Heading>
          <p className="text-soft">{words.lead}</p>
        </div>
        {view.canChange && (
          <Link to={{ kind: "invite" }} className={buttonClass("primary")}>
            <UserPlus {...icon} />
            {words.invite}
          </Link>
        )}
      </header>
      {view.canChange && <Invitations view={view} />}
      <ul aria-label={words.title} className="divide-y divide-line rounded-card border border-line bg-card">
        {view.people.map((person) => (
          <PersonRow key={person.id} person={person} view={view} />
        ))}
      </ul>
      {view.people.length === 1 && <p className="text-soft">{words.onlyYou}</p>}
      {!view.canChange && <p className="text-soft">{words.onlyOwners}</p>}
      {view.canChange && (
        <Section title={words.hubs} lead={words.hubsLead(view.hubCount)}>
          <Link to={{ kind: "pair-hub" }} className={buttonClass("plain", "normal", "self-start")}>
            <Router {...icon} />
            {words.pairHub}
          </Link>
        </Section>
      )}
    </Column>
  );
}

function PersonRow({ person, view }: { readonly person: PersonView; readonly view: PeopleView }): ReactNode {
  const words = text.people;
  const model = useHome();
  const [nowUs] = useState(() => model.nowUs());
  return (
    <li>
      <Link to={{ kind: "person", memberId: person.id }} className="flex min-h-16 items-center gap-3 px-5 py-3 hover:bg-sunken">
        <span className="min-w-0 flex-1">
          <span className="flex flex-wrap items-center gap-x-2 font-bold">
            {person.name}
            {person.isMe && <span className="rounded-full bg-accent-wash px-2.5 py-0.5 text-sm font-medium">{words.you}</span>}
          </span>
          <span className="block text-sm text-soft">{words.line(words.roles[person.role], saysRooms(view, person.id), sayDay(person.sinceUs, nowUs, "inside"))}</span>
        </span>
        <ChevronRight aria-hidden className="size-5 shrink-0 text-soft" />
      </Link>
    </li>
  );
}

/** Newcomers who wait first, then links that nobody has used yet. */
function Invitations({ view }: { readonly view: PeopleView }): ReactNode {
  const model = useHome();
  const changes = usePeopleChanges();
  const [loaded, reload] = useLoaded(() => model.people.invites(), `invites-${String(changes)}`);
  const words = text.people;
  if (loaded.kind === "loading") return changes === 0 ? <Skeleton className="h-4" /> : null;
  if (loaded.kind === "failed") return <ProblemNotice problem={loaded.problem} onRetry={reload} />;
  const waiting = loaded.value.filter(({ asked }) => asked !== null);
  const open = loaded.value.filter(({ asked }) => asked === null);
  const roomsOf = ({ wish }: InviteView) => sayList((wish?.rooms ?? []).map((id) => view.rooms.find((room) => room.id === id)?.name ?? "").filter((name) => name !== ""));
  return (
    <>
      {waiting.map((one) => (
        <Newcomer key={one.id} invite={one} rooms={roomsOf(one)} onDone={reload} />
      ))}
      {open.length > 0 && (
        <Section title={words.open}>
          <ul className="divide-y divide-line">
            {open.map((one) => (
              <OpenInvite key={one.id} invite={one} rooms={roomsOf(one)} onDone={reload} />
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}

interface InviteProps {
  readonly invite: InviteView;
  readonly rooms: string;
  readonly onDone: () => void;
}

function Newcomer({ invite, rooms, onDone }: InviteProps): ReactNode {
  const model = useHome();
  const say = useToast();
  const words = text.people;
  const letIn = useAction(model.people.letIn.bind(model.people));
  const sayNo = useAction(model.people.cancelInvite.bind(model.people));
  const { asked } = invite;
  if (asked === null) return null;
  const turnAway = (
    <Button
      isBusy={sayNo.isBusy}
      onClick={() =>
        void sayNo.start(invite.id).then((done) => {
          if (done !== undefined) say({ message: words.turnedAway });
          onDone();
        })
      }
    >
      {words.sayNo}
    </Button>
  );
  const problem = <ProblemNotice problem={letIn.problem ?? sayNo.problem} />;
  if (asked.kind === "asks-other") return <Notice title={words.asksOther}>{turnAway}</Notice>;
  if (asked.kind === "not-believed") {
    return (
      <Notice tone="danger" title={words.notBelieved} isLive>
        <p>{words.notBelievedLead}</p>
        {turnAway}
        {problem}
        <Details label={text.common.details}>{asked.detail}</Details>
      </Notice>
    );
  }
  return (
    <section aria-label={words.asks(asked.name)} className="flex flex-col gap-4 rounded-card border-2 border-accent bg-card p-5">
      <header className="flex flex-col gap-1" role="status">
        <h2 className="text-lg font-bold">{words.asks(asked.name)}</h2>
        <p className="text-soft">{words.asksLead(words.roles[invite.wish?.role ?? "guest"], rooms === "" ? words.noRooms : rooms)}</p>
      </header>
      {problem}
      <div className="flex flex-wrap gap-3">
        <Button
          tone="primary"
          isBusy={letIn.isBusy}
          onClick={() =>
            void letIn.start(invite.id).then((done) => {
              if (done !== undefined) say({ message: words.isIn(asked.name) });
              onDone();
            })
          }
        >
          {words.letIn(asked.name)}
        </Button>
        {turnAway}
      </div>
    </section>
  );
}

function OpenInvite({ invite, rooms, onDone }: InviteProps): ReactNode {
  const model = useHome();
  const say = useToast();
  const words = text.people;
  const [nowUs] = useState(() => model.nowUs());
  const cancel = useAction(model.people.cancelInvite.bind(model.people));
  const role = words.roles[invite.wish?.role ?? "guest"];
  return (
    <li className="flex flex-wrap items-center gap-3 py-3">
      <div className="min-w-0 flex-1">
        <p className="font-medium">{invite.wish === null ? words.openFromOther : words.openTo(role, rooms === "" ? words.noRooms : rooms)}</p>
        <p className="text-sm text-soft">{words.until(sayWhen(invite.expiresUs, nowUs))}</p>
      </div>
      <Button
        size="small"
        aria-label={words.cancelInviteOf(rooms === "" ? words.noRooms : rooms)}
        isBusy={cancel.isBusy}
        onClick={() =>
          void cancel.start(invite.id).then((done) => {
            if (done !== undefined) say({ message: words.cancelled });
            onDone();
          })
        }
      >
        {words.cancelInvite}
      </Button>
      <ProblemNotice problem={cancel.problem} />
    </li>
  );
}
