/** @file Rooms and cameras: names, setting up, adding and removing. */
import { ChevronRight, Pencil, Plus, SlidersHorizontal, Trash2, Video } from "lucide-react";
import { useState, type ReactNode } from "react";
import type { CameraView, Outcome, RoomView } from "../../domain/home.ts";
import { useAction, useHome, useHousehold } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { Link } from "../../navigation/Link.tsx";
import { text } from "../../text/index.ts";
import { Button, buttonClass, IconButton } from "../../ui/Button.tsx";
import { Column, Heading } from "../../ui/Page.tsx";
import { useToast } from "../../ui/Toast.tsx";
import { NameDialog } from "./NameDialog.tsx";
import { RemoveCameraDialog } from "./RemoveCameraDialog.tsx";

type Open =
  | { readonly kind: "add-room" }
  | { readonly kind: "rename-room"; readonly room: RoomView }
  | { readonly kind: "rename-camera"; readonly camera: CameraView }
  | { readonly kind: "remove-camera"; readonly camera: CameraView };

const icon = { "aria-hidden": true, className: "size-5" } as const;

export function Rooms(): ReactNode {
  const model = useHome();
  const household = useHousehold();
  const words = text.rooms;
  const say = useToast();
  const [open, setOpen] = useState<Open | null>(null);
  const removeRoom = useAction(model.removeRoom.bind(model));
  const close = () => setOpen(null);

  /** Renames, and offers the old name back. */
  const renaming = (before: string, rename: (name: string) => Promise<Outcome<void>>) => async (after: string) => {
    const outcome = await rename(after);
    if (outcome.ok && before !== after) say({ message: words.renamed(before, after), action: { label: text.common.undo, run: () => void rename(before) } });
    return outcome;
  };

  return (
    <Column>
      <header className="flex flex-wrap items-end justify-between gap-3">
        <div className="flex flex-col gap-1">
          <Heading>{words.title}</Heading>
          <p className="text-soft">{words.lead}</p>
        </div>
      </header>
      <ProblemNotice problem={removeRoom.problem} />
      {household.rooms.map((room) => {
        const cameras = household.cameras.filter((camera) => camera.roomId === room.id);
        return (
          <section key={room.id} aria-label={room.name} className="rounded-card border border-line bg-card">
            <header className="flex items-center gap-1 py-2 pr-2 pl-5">
              <h2 className="min-w-0 flex-1 text-lg font-bold">
                <Link to={{ kind: "room", roomId: room.id }} className="flex min-h-11 items-center gap-1 rounded-control">
                  <span className="truncate underline decoration-line underline-offset-4">{room.name}</span>
                  <ChevronRight aria-hidden className="size-5 shrink-0 text-soft" />
                </Link>
              </h2>
              {cameras.length === 0 && (
                <IconButton
                  label={`${words.removeRoom}: ${room.name}`}
                  icon={<Trash2 {...icon} />}
                  isBusy={removeRoom.isBusy}
                  onClick={() =>
                    void removeRoom.start(room.id).then((done) => {
                      if (done !== undefined) say({ message: words.roomRemoved(room.name), action: { label: text.common.undo, run: () => void model.addRoom(room.name) } });
                    })
                  }
                />
              )}
              <IconButton label={words.renameTitle(room.name)} icon={<Pencil {...icon} />} onClick={() => setOpen({ kind: "rename-room", room })} />
            </header>
            {cameras.length === 0 ? (
              <p className="px-5 pb-4 text-soft">{words.noCameras}</p>
            ) : (
              <ul className="divide-y divide-line border-t border-line">
                {cameras.map((camera) => (
                  <CameraRow key={camera.id} camera={camera} onRename={() => setOpen({ kind: "rename-camera", camera })} onRemove={() => setOpen({ kind: "remove-camera", camera })} />
                ))}
              </ul>
            )}
          </section>
        );
      })}
      <div className="flex flex-wrap gap-3">
        <Button icon={<Plus {...icon} />} onClick={() => setOpen({ kind: "add-room" })}>
          {words.addRoom}
        </Button>
        <Link to={{ kind: "add-camera" }} className={buttonClass("plain")}>
          <Video {...icon} />
          {text.home.add}
        </Link>
      </div>
      {open?.kind === "add-room" && (
        <NameDialog title={words.addRoomTitle} label={words.roomName} initial="" onClose={close} onSave={(name) => model.addRoom(name)} onSaved={(name) => say({ message: words.roomAdded(name) })} />
      )}
      {open?.kind === "rename-room" && (
        <NameDialog title={words.renameTitle(open.room.name)} label={words.roomName} initial={open.room.name} onClose={close} onSave={renaming(open.room.name, (name) => model.renameRoom(open.room.id, name))} />
      )}
      {open?.kind === "rename-camera" && (
        <NameDialog title={words.renameTitle(open.camera.name)} label={words.cameraName} initial={open.camera.name} onClose={close} onSave={renaming(open.camera.name, (name) => model.renameCamera(open.camera.id, name))} />
      )}
      {open?.kind === "remove-camera" && <RemoveCameraDialog camera={open.camera} onClose={close} />}
    </Column>
  );
}

interface CameraRowProps {
  readonly camera: CameraView;
  readonly onRename: () => void;
  readonly onRemove: () => void;
}

function CameraRow({ camera, onRename, onRemove }: CameraRowProps): ReactNode {
  const words = text.rooms;
  const state = camera.state.kind === "recording" ? null : camera.state.kind === "connecting" ? text.state.connecting : text.causes[camera.state.cause].what;
  return (
    <li className="flex flex-wrap items-center gap-x-1 gap-y-0 py-1.5 pr-2 pl-5">
      <Link to={{ kind: "camera", deviceId: camera.id, atUs: null }} className="flex min-h-11 min-w-24 flex-1 flex-col justify-center rounded-control">
        <span className="font-medium underline decoration-line underline-offset-4">{camera.name}</span>
        {state !== null && <span className="text-sm text-soft">{state}</span>}
      </Link>
      <Link to={{ kind: "set-up-camera", deviceId: camera.id }} aria-label={words.setUp(camera.name)} title={words.setUp(camera.name)} className={buttonClass("quiet", "small", "size-11 shrink-0 !p-0")}>
        <SlidersHorizontal {...icon} />
      </Link>
      <IconButton label={words.renameTitle(camera.name)} icon={<Pencil {...icon} />} onClick={onRename} />
      <IconButton label={`${words.removeCamera}: ${camera.name}`} icon={<Trash2 {...icon} />} onClick={onRemove} />
    </li>
  );
}
