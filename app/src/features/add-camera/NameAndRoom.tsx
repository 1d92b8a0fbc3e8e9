/** @file The last question of adding a camera: its name and its room. */
import { useState, type ReactNode } from "react";
import type { ProbeResult, RoomChoice, RoomId } from "../../domain/home.ts";
import { useAction, useHome, useHousehold } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { navigate } from "../../navigation/location.ts";
import { text } from "../../text/index.ts";
import { Button } from "../../ui/Button.tsx";
import { ChoiceField, TextField } from "../../ui/Field.tsx";
import { Step } from "../../ui/Page.tsx";
import { useToast } from "../../ui/Toast.tsx";
import { hasSound, SoundChoice } from "./Sound.tsx";

const NEW_ROOM = "new";

interface PlaceFormProps {
  readonly initialName: string;
  readonly isBusy: boolean;
  readonly onSubmit: (name: string, room: RoomChoice) => void;
  readonly children?: ReactNode;
  /** More questions, before the button. */
  readonly more?: ReactNode;
}

function PlaceForm({ initialName, isBusy, onSubmit, children, more }: PlaceFormProps): ReactNode {
  const { rooms } = useHousehold();
  const words = text.addCamera;
  const [name, setName] = useState(initialName);
  const [room, setRoom] = useState<string>(rooms.at(-1)?.id ?? NEW_ROOM);
  const [newRoom, setNewRoom] = useState("");
  const [errors, setErrors] = useState<{ readonly name?: string; readonly room?: string }>({});
  const isNewRoom = room === NEW_ROOM;

  return (
    <form
      className="flex flex-col gap-6"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const nameText = name.trim();
        const roomText = newRoom.trim();
        const found = { ...(nameText === "" ? { name: text.firstRun.nameEmpty } : {}), ...(isNewRoom && roomText === "" ? { room: text.firstRun.nameEmpty } : {}) };
        setErrors(found);
        if (Object.keys(found).length === 0) onSubmit(nameText, isNewRoom ? { newRoomName: roomText } : { roomId: room as RoomId });
      }}
    >
      {children}
      <TextField label={words.nameLabel} value={name} onValue={setName} error={errors.name} placeholder={words.nameExample} maxLength={64} autoComplete="off" autoFocus />
      {rooms.length > 0 && (
        <ChoiceField
          label={words.roomLabel}
          layout="row"
          value={room}
          onValue={setRoom}
          choices={[...rooms.map(({ id, name: label }) => ({ value: id, label })), { value: NEW_ROOM, label: words.newRoom }]}
        />
      )}
      {isNewRoom && <TextField label={words.newRoomLabel} value={newRoom} onValue={setNewRoom} error={errors.room} help={words.roomHelp} maxLength={64} autoComplete="off" />}
      {more}
      <Button tone="primary" type="submit" isBusy={isBusy}>
        {isBusy ? words.adding : words.add}
      </Button>
    </form>
  );
}

export function NameAndRoom({ found, onBack }: { readonly found: ProbeResult; readonly onBack: () => void }): ReactNode {
  const model = useHome();
  const say = useToast();
  const words = text.addCamera;
  const add = useAction(model.addCamera.bind(model));
  const [withSound, setWithSound] = useState(true);
  return (
    <Step key="name" title={words.nameTitle} where={text.common.step(4, 4)} back={{ label: text.common.back, run: onBack }}>
      <PlaceForm
        initialName=""
        isBusy={add.isBusy}
        more={hasSound(found) && <SoundChoice isOn={withSound} onChange={setWithSound} />}
        onSubmit={(name, room) =>
          void add.start({ probe: found, name, room, withSound }).then((added) => {
            if (added === undefined) return;
            say({ message: words.added(name) });
            navigate({ kind: "home" });
          })
        }
      >
        <ProblemNotice problem={add.problem} />
      </PlaceForm>
    </Step>
  );
}

export function DemoPlace({ onBack }: { readonly onBack: () => void }): ReactNode {
  const model = useHome();
  const say = useToast();
  const add = useAction(model.addDemoCamera.bind(model));
  return (
    <Step key="demo" title={text.addCamera.nameTitle} lead={text.firstRun.demoHelp} back={{ label: text.common.back, run: onBack }}>
      <PlaceForm
        initialName={text.firstRun.demoName}
        isBusy={add.isBusy}
        onSubmit={(name, room) =>
          void add.start({ name, room }).then((added) => {
            if (added === undefined) return;
            say({ message: text.addCamera.added(name) });
            navigate({ kind: "home" });
          })
        }
      >
        <ProblemNotice problem={add.problem} />
      </PlaceForm>
    </Step>
  );
}
