/** @file Another hub for this home, by the code on its console. */
import { useState, type ReactNode } from "react";
import { groupedCode } from "../../domain/route.ts";
import { useAction, useHome } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { navigate } from "../../navigation/location.ts";
import { text } from "../../text/index.ts";
import { Button } from "../../ui/Button.tsx";
import { TextField } from "../../ui/Field.tsx";
import { Step } from "../../ui/Page.tsx";
import { useToast } from "../../ui/Toast.tsx";

const CODE_GROUPS = 4;

export function PairHub({ initialCode }: { readonly initialCode: string | null }): ReactNode {
  const model = useHome();
  const say = useToast();
  const words = text.people;
  const [code, setCode] = useState(initialCode ?? "");
  const [error, setError] = useState<string>();
  const pair = useAction(model.people.pairHub.bind(model.people));
  return (
    <Step title={words.pairTitle} lead={words.pairLead} back={{ label: text.common.back, run: () => navigate({ kind: "people" }) }}>
      <form
        className="flex flex-col gap-5"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (code.length < CODE_GROUPS * 5 - 1) {
            setError(text.firstRun.codeShort);
            return;
          }
          void pair.start(code).then((done) => {
            if (done === undefined) return;
            say({ message: words.paired });
            navigate({ kind: "people" }, "replace");
          });
        }}
      >
        <ProblemNotice problem={pair.problem} />
        <TextField
          label={words.pairLabel}
          value={code}
          onValue={(typed) => {
            setError(undefined);
            setCode(groupedCode(typed, CODE_GROUPS));
          }}
          help={words.pairHelp}
          error={error}
          className="font-mono text-lg tracking-wide uppercase"
          autoComplete="one-time-code"
          autoCapitalize="characters"
          spellCheck={false}
          placeholder="XXXX-XXXX-XXXX-XXXX"
          autoFocus
        />
        <Button tone="primary" type="submit" isBusy={pair.isBusy}>
          {words.pair}
        </Button>
      </form>
    </Step>
  );
}
