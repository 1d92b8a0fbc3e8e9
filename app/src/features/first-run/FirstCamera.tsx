/** @file The last step of first run, and what an empty home shows: name a room, then add a camera or try the demo. */
import { useState, type ReactNode } from "react";
import { useAction, useHome } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { navigate } from "../../navigation/location.ts";
import { text } from "../../text/index.ts";
import { Button } from "../../ui/Button.tsx";
import { TextField } from "../../ui/Field.tsx";
import { Step } from "../../ui/Page.tsx";

export function FirstCamera({ onLater }: { readonly onLater: () => void }): ReactNode {
  const model = useHome();
  const words = text.firstRun;
  const [room, setRoom] = useState("");
  const [error, setError] = useState<string>();
  const addRoom = useAction(model.addRoom.bind(model));
  const addDemo = useAction(model.addDemoCamera.bind(model));
  const isBusy = addRoom.isBusy || addDemo.isBusy;
  const roomName = room.trim();

  return (
    <Step title={words.cameraTitle} lead={words.cameraLead} where={text.common.step(5, 5)}>
      <form
        className="flex flex-col gap-5"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (roomName === "") setError(words.nameEmpty);
          else void addRoom.start(roomName).then((added) => { if (added !== undefined) navigate({ kind: "add-camera" }); });
        }}
      >
        <ProblemNotice problem={addRoom.problem ?? addDemo.problem} />
        <TextField label={words.roomLabel} value={room} onValue={(typed) => { setError(undefined); setRoom(typed); }} error={error} help={words.roomHelp} maxLength={64} autoComplete="off" />
        <div className="-mt-2 flex flex-wrap gap-2">
          {words.roomExamples.map((example) => (
            <Button key={example} size="small" onClick={() => { setError(undefined); setRoom(example); }}>
              {example}
            </Button>
          ))}
        </div>
        <Button tone="primary" type="submit" isBusy={addRoom.isBusy}>
          {words.addCamera}
        </Button>
        <hr className="border-line" />
        <p className="text-soft">{words.demoHelp}</p>
        <Button
          isBusy={addDemo.isBusy}
          disabled={isBusy && !addDemo.isBusy}
          onClick={() => void addDemo.start({ name: words.demoName, room: { newRoomName: roomName === "" ? (words.roomExamples[0] ?? words.demoName) : roomName } })}
        >
          {words.useDemo}
        </Button>
        <Button tone="quiet" onClick={onLater}>
          {words.later}
        </Button>
      </form>
    </Step>
  );
}
