/** @file Whether a camera's sound is recorded: a choice when it is added, and the last question when it is set up again. */
import { useState, type ReactNode } from "react";
import type { CameraView, ProbeResult } from "../../domain/home.ts";
import { useAction, useHome } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { navigate } from "../../navigation/location.ts";
import { text } from "../../text/index.ts";
import { Button } from "../../ui/Button.tsx";
import { ChoiceField } from "../../ui/Field.tsx";
import { Step } from "../../ui/Page.tsx";
import { useToast } from "../../ui/Toast.tsx";

export interface SoundChoiceProps {
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
  readonly hideLabel?: boolean;
}

export function SoundChoice({ isOn, onChange, hideLabel = false }: SoundChoiceProps): ReactNode {
  const words = text.addCamera;
  return (
    <ChoiceField
      label={words.soundLabel}
      hideLabel={hideLabel}
      value={isOn ? "on" : "off"}
      onValue={(value) => onChange(value === "on")}
      choices={[
        { value: "on", label: words.soundOn, help: words.soundOnHelp },
        { value: "off", label: words.soundOff, help: words.soundOffHelp },
      ]}
    />
  );
}

/** Whether there is sound that could be recorded. */
export function hasSound(found: ProbeResult | null): boolean {
  return found === null || found.audio?.isKept === true;
}

/** The end of setting a camera up again. `found` is null for the demo camera. */
export function SoundAgain({ camera, found, onBack }: { readonly camera: CameraView; readonly found: ProbeResult | null; readonly onBack: () => void }): ReactNode {
  const model = useHome();
  const say = useToast();
  const words = text.addCamera;
  const [isOn, setOn] = useState(true);
  const change = useAction(model.setUpCamera.bind(model));
  return (
    <Step key="sound" title={hasSound(found) ? words.soundTitle : words.again(camera.name)} where={text.common.step(4, 4)} back={{ label: text.common.back, run: onBack }}>
      <form
        className="flex flex-col gap-6"
        onSubmit={(event) => {
          event.preventDefault();
          void change.start({ id: camera.id, probe: found, withSound: isOn }).then((done) => {
            if (done === undefined) return;
            say({ message: words.changed(camera.name) });
            navigate({ kind: "rooms" });
          });
        }}
      >
        <ProblemNotice problem={change.problem} />
        {hasSound(found) && <SoundChoice isOn={isOn} onChange={setOn} hideLabel />}
        <Button tone="primary" type="submit" isBusy={change.isBusy}>
          {change.isBusy ? words.changing : words.change}
        </Button>
      </form>
    </Step>
  );
}
