/** @file Above the cameras on Home: what waits, which rooms are off, and whether the home is armed. */
import { VideoOff } from "lucide-react";
import type { ReactNode } from "react";
import type { RoomView } from "../../domain/home.ts";
import { useHousehold, useNow } from "../../model/HomeContext.tsx";
import { Link } from "../../navigation/Link.tsx";
import { text } from "../../text/index.ts";
import { sayWhen } from "../../text/phrases.ts";
import { buttonClass } from "../../ui/Button.tsx";
import { ArmedLine } from "./ArmedLine.tsx";
import { PendingList } from "./Pending.tsx";

const words = text.rules;

export function HouseLines(): ReactNode {
  const { pending, rooms } = useHousehold();
  const off = rooms.filter(({ turnedOff }) => turnedOff !== null);
  return (
    <div className="divide-y divide-line border-b border-line">
      <PendingList pending={pending} />
      {off.map((room) => (
        <OffLine key={room.id} room={room} />
      ))}
      {rooms.some(({ rules }) => rules.now.records === "when-armed") && <ArmedLine />}
    </div>
  );
}

function OffLine({ room }: { readonly room: RoomView }): ReactNode {
  const nowUs = useNow(60_000);
  if (room.turnedOff === null) return null;
  const { by, isMine, sinceUs } = room.turnedOff;
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-2.5">
      <VideoOff aria-hidden className="size-5 shrink-0" />
      <p role="status" className="min-w-0 flex-1 basis-52 font-medium">
        {words.roomOff(room.name, isMine ? null : by, sayWhen(sinceUs, nowUs))}
      </p>
      <Link to={{ kind: "room", roomId: room.id }} aria-label={words.showRoomOf(room.name)} className={buttonClass("plain", "small")}>
        {words.showRoom}
      </Link>
    </div>
  );
}
