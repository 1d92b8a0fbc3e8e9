/** @file The recovery kit, by somebody who is not in. */
import { useState, type ReactNode } from "react";
import { useAction, useHome } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { text } from "../../text/index.ts";
import { Button } from "../../ui/Button.tsx";
import { TextField } from "../../ui/Field.tsx";
import { Step } from "../../ui/Page.tsx";
import { isWholeKit, KitField } from "./KitField.tsx";

export interface WithKitProps {
  readonly memberName: string;
  readonly onName: (name: string) => void;
  readonly onPassword: () => void;
}

export function WithKit({ memberName, onName, onPassword }: WithKitProps): ReactNode {
  const model = useHome();
  const words = text.signIn;
  const [kit, setKit] = useState("");
  const [error, setError] = useState<string>();
  const signIn = useAction(model.signInWithKit.bind(model));
  return (
    <Step key="kit" title={words.kitTitle} lead={words.kitLead} back={{ label: text.common.back, run: onPassword }}>
      <form
        className="flex flex-col gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          if (isWholeKit(kit)) void signIn.start({ memberName: memberName.trim(), kit });
          else setError(words.kitShort);
        }}
      >
        <ProblemNotice problem={signIn.problem} />
        <TextField label={words.nameLabel} value={memberName} onValue={onName} autoComplete="username" required maxLength={64} autoFocus />
        <KitField value={kit} onValue={(typed) => { setError(undefined); setKit(typed); }} error={error} />
        <Button tone="primary" type="submit" isBusy={signIn.isBusy}>
          {text.common.next}
        </Button>
        <Button tone="quiet" onClick={onPassword}>
          {words.usePassword}
        </Button>
      </form>
    </Step>
  );
}
