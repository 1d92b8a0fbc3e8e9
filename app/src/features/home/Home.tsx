/** @file Home: every camera live, edge to edge; or, in an empty home, how to begin. */
import { Plus, WifiOff } from "lucide-react";
import { lazy, Suspense, useLayoutEffect, useRef, useState, type ReactNode } from "react";
import { gridColumns } from "../../domain/camera.ts";
import type { CameraView, HouseholdView } from "../../domain/home.ts";
import { useHousehold, useNow } from "../../model/HomeContext.tsx";
import { Link } from "../../navigation/Link.tsx";
import { text } from "../../text/index.ts";
import { sayWhen } from "../../text/phrases.ts";
import { buttonClass } from "../../ui/Button.tsx";
import { Heading } from "../../ui/Page.tsx";
import { Skeleton } from "../../ui/Progress.tsx";
import { FirstCamera } from "../first-run/FirstCamera.tsx";
import { Tile } from "./Tile.tsx";

// Mostly there is nothing to say.
const HouseLines = lazy(async () => ({ default: (await import("../rules/HouseLines.tsx")).HouseLines }));

function hasLines({ pending, rooms }: HouseholdView): boolean {
  return pending.length > 0 || rooms.some(({ turnedOff, rules }) => turnedOff !== null || rules.now.records === "when-armed");
}

export function Home(): ReactNode {
  const household = useHousehold();
  const [isLater, later] = useLater();
  if (household.isLoading && household.cameras.length === 0) return <LoadingHome />;
  if (household.cameras.length === 0) {
    if (household.role !== "owner") return <NothingShared />;
    return household.rooms.length === 0 && !isLater ? <FirstCamera onLater={later} /> : <EmptyHome />;
  }
  return <Grid household={household} />;
}

const LATER_KEY = "eaves-first-camera-later";

/** Whether the question for the first camera was put off; until the tab is closed. */
function useLater(): readonly [boolean, () => void] {
  const [isLater, setLater] = useState(() => sessionStorage.getItem(LATER_KEY) !== null);
  return [
    isLater,
    () => {
      sessionStorage.setItem(LATER_KEY, "");
      setLater(true);
    },
  ];
}

function byRoom(household: HouseholdView): readonly CameraView[] {
  const order = new Map(household.rooms.map((room, index) => [room.id, index]));
  return [...household.cameras].sort((a, b) => (order.get(a.roomId) ?? 0) - (order.get(b.roomId) ?? 0));
}

function Grid({ household }: { readonly household: HouseholdView }): ReactNode {
  const list = useRef<HTMLUListElement>(null);
  const [width, setWidth] = useState(() => window.innerWidth);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setWidth(entry.contentRect.width);
    });
    if (list.current !== null) observer.observe(list.current);
    return () => observer.disconnect();
  }, []);
  const cameras = byRoom(household);
  const rooms = new Map(household.rooms.map((room) => [room.id, room.name]));
  return (
    <div className="flex flex-1 flex-col">
      <Heading className="sr-only">{text.home.title}</Heading>
      {household.hub.kind === "unreachable" && <HubAway sinceUs={household.hub.sinceUs} />}
      {hasLines(household) && (
        <Suspense fallback={null}>
          <HouseLines />
        </Suspense>
      )}
      <ul
        ref={list}
        className="grid gap-0.5 bg-stage [grid-template-columns:repeat(var(--columns),minmax(0,1fr))]"
        style={{ "--columns": gridColumns(cameras.length, width) } as React.CSSProperties}
      >
        {cameras.map((camera) => (
          <li key={camera.id} className="min-w-0">
            <Tile camera={camera} roomName={rooms.get(camera.roomId) ?? ""} />
          </li>
        ))}
      </ul>
      <div className={household.role === "owner" ? "flex justify-center p-5" : "hidden"}>
        <Link to={{ kind: "add-camera" }} className={buttonClass("plain")}>
          <Plus aria-hidden className="size-5" />
          {text.home.add}
        </Link>
      </div>
    </div>
  );
}

function HubAway({ sinceUs }: { readonly sinceUs: number }): ReactNode {
  const nowUs = useNow(60_000);
  return (
    <p role="status" className="flex items-center gap-3 bg-sunken px-4 py-3 font-medium">
      <WifiOff aria-hidden className="size-5 shrink-0" />
      {text.connection.hubAway(sayWhen(sinceUs, nowUs))}
    </p>
  );
}

function LoadingHome(): ReactNode {
  return (
    <div role="status" aria-label={text.home.loading} className="grid gap-0.5 sm:grid-cols-2">
      {[0, 1, 2].map((index) => (
        <Skeleton key={index} className="aspect-video !rounded-none" />
      ))}
    </div>
  );
}

function NothingShared(): ReactNode {
  return (
    <div className="mx-auto flex max-w-md flex-1 flex-col items-start justify-center gap-5 px-5 py-12">
      <Heading>{text.people.emptyTitle}</Heading>
      <p className="text-lg text-soft">{text.people.emptyLead}</p>
    </div>
  );
}

function EmptyHome(): ReactNode {
  return (
    <div className="mx-auto flex max-w-md flex-1 flex-col items-start justify-center gap-5 px-5 py-12">
      <Heading className="sr-only">{text.home.title}</Heading>
      <h2 className="text-2xl leading-tight font-bold sm:text-3xl">{text.home.emptyTitle}</h2>
      <p className="text-lg text-soft">{text.home.emptyLead}</p>
      <Link to={{ kind: "add-camera" }} className={buttonClass("primary")}>
        <Plus aria-hidden className="size-5" />
        {text.home.add}
      </Link>
    </div>
  );
}
