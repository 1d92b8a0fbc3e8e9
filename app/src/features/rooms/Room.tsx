/** @file One room: its cameras off and on, how long its recordings are kept, when it records, and what waits. */
import { Video, VideoOff } from "lucide-react";
import { useState, type ReactNode } from "react";
import type { CameraView, RoomId, RoomView } from "../../domain/home.ts";
import { useAction, useHome, useHousehold, useNow } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { BackTo } from "../../navigation/BackTo.tsx";
import { Link } from "../../navigation/Link.tsx";
import { text } from "../../text/index.ts";
import { sayWhen } from "../../text/phrases.ts";
import { Button } from "../../ui/Button.tsx";
import { Column, Heading, Section } from "../../ui/Page.tsx";
import { ArmedLine } from "../rules/ArmedLine.tsx";
import { ChangeRule, type RulePart } from "../rules/ChangeRule.tsx";
import { PendingList } from "../rules/Pending.tsx";
import { saysStopped } from "../rules/says.ts";

const words = text.rules;

export function Room({ id, fallback }: { readonly id: RoomId; readonly fallback: ReactNode }): ReactNode {
  const { rooms, cameras, pending } = useHousehold();
  const room = rooms.find((one) => one.id === id);
  if (room === undefined) return fallback;
  return (
    <Column>
      <header className="flex flex-col gap-1">
        <BackTo to={{ kind: "rooms" }} label={text.nav.rooms} />
        <Heading>{room.name}</Heading>
      </header>
      <PendingList pending={pending.filter(({ roomId }) => roomId === null || roomId === id)} className="overflow-hidden rounded-card border border-line" />
      <Cameras room={room} cameras={cameras.filter(({ roomId }) => roomId === id)} />
      <Rules room={room} />
    </Column>
  );
}

function Cameras({ room, cameras }: { readonly room: RoomView; readonly cameras: readonly CameraView[] }): ReactNode {
  const model = useHome();
  const { role } = useHousehold();
  const nowUs = useNow(5000);
  const turn = useAction(model.rules.turnRoom.bind(model.rules));
  const off = room.turnedOff;
  return (
    <Section title={words.cameras} lead={cameras.length === 0 ? text.rooms.noCameras : undefined}>
      {cameras.length > 0 && (
        <ul className="flex flex-col">
          {cameras.map((camera) => (
            <li key={camera.id}>
              <Link to={{ kind: "camera", deviceId: camera.id, atUs: null }} className="flex min-h-11 flex-col justify-center rounded-control">
                <span className="font-medium underline decoration-line underline-offset-4">{camera.name}</span>
                {camera.turnedOff !== null && <span className="text-sm text-soft">{text.state.off}</span>}
              </Link>
            </li>
          ))}
        </ul>
      )}
      <div role="status">
        {off !== null && (
          <>
            <p className="font-semibold">{off.isMine ? words.offByYou(sayWhen(off.sinceUs, nowUs)) : words.offBy(off.by, sayWhen(off.sinceUs, nowUs))}</p>
            {off.goesOnAtUs !== null && <p className="text-sm text-soft">{words.goesOn(sayWhen(off.goesOnAtUs, nowUs))}</p>}
            {off.goesOnAtUs === null && !off.isMine && role !== "guest" && <p className="text-sm text-soft">{words.othersWait}</p>}
          </>
        )}
      </div>
      <ProblemNotice problem={turn.problem} />
      {/* One button that stays where it is, so that the focus does too. */}
      {role !== "guest" && (off?.goesOnAtUs ?? null) === null && (
        <div className="flex flex-col items-start gap-2">
          {off === null && <p className="text-soft">{words.turnOffLead}</p>}
          <Button isBusy={turn.isBusy} icon={off === null ? <VideoOff aria-hidden className="size-5" /> : <Video aria-hidden className="size-5" />} onClick={() => void turn.start(room.id, off !== null)}>
            {off === null ? words.turnOff : words.turnOn}
          </Button>
        </div>
      )}
    </Section>
  );
}

function Rules({ room }: { readonly room: RoomView }): ReactNode {
  const { role } = useHousehold();
  const [part, setPart] = useState<RulePart | null>(null);
  const { now } = room.rules;
  const isOwner = role === "owner";
  const stopped = saysStopped(room.rules);
  const row = (of: RulePart, value: string) => (
    <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
      <div className="min-w-0 flex-1 basis-48">
        <dt className="text-soft">{words[of]}</dt>
        <dd className="font-semibold">{value}</dd>
      </div>
      {isOwner && (
        <Button size="small" aria-label={words.changeOf(words[of])} onClick={() => setPart(of)}>
          {words.change}
        </Button>
      )}
    </div>
  );
  return (
    <>
      <Section title={words.keeping} lead={words.keepingLead}>
        <dl className="flex flex-col gap-4">
          {row("continuousDays", words.days(now.continuousDays))}
          {row("eventDays", words.days(now.eventDays))}
        </dl>
        {!isOwner && <p className="text-sm text-soft">{words.onlyOwners}</p>}
      </Section>
      <Section title={words.records} lead={now.records === "when-armed" ? words.recordsHelp["when-armed"] : undefined}>
        <dl>{row("records", words.recordsAre[now.records])}</dl>
        {now.records === "when-armed" && <ArmedLine className="rounded-control border border-line" />}
        {!isOwner && <p className="text-sm text-soft">{words.onlyOwners}</p>}
      </Section>
      {stopped !== null && <p className="text-sm text-soft">{words.stoppedRule(stopped)}</p>}
      {part !== null && <ChangeRule room={room} part={part} onClose={() => setPart(null)} />}
    </>
  );
}
