/** @file First run: claim code, then who you are and your password. One question a screen. */
import { useState, type ReactNode } from "react";
import type { ProblemCode } from "../../domain/home.ts";
import { groupedCode } from "../../domain/route.ts";
import { useAction, useHome } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { text } from "../../text/index.ts";
import { Button } from "../../ui/Button.tsx";
import { TextField } from "../../ui/Field.tsx";
import { Step } from "../../ui/Page.tsx";
import { useNewPassword } from "./NewPasswordField.tsx";
import { NewPasswordForm } from "./NewPasswordForm.tsx";

type At = "code" | "name" | "password";
const CODE_GROUPS = 4;
/** Problems that are about the code: the person goes back to it. */
const CODE_PROBLEMS: readonly ProblemCode[] = ["claim-code-wrong", "claim-code-expired", "already-claimed"];
const STEP_COUNT = 5;

export function Claim({ initialCode }: { readonly initialCode: string | null }): ReactNode {
  const model = useHome();
  const words = text.firstRun;
  const [at, setAt] = useState<At>("code");
  const [code, setCode] = useState(initialCode ?? "");
  const [memberName, setName] = useState("");
  const [error, setError] = useState<string>();
  const password = useNewPassword([memberName]);
  const claim = useAction(model.claim.bind(model));

  const go = (next: At) => {
    setError(undefined);
    setAt(next);
  };

  if (at === "code" || (claim.problem !== null && CODE_PROBLEMS.includes(claim.problem.code))) {
    return (
      <Step key="code" title={words.codeTitle} lead={words.codeLead} where={text.common.step(1, STEP_COUNT)}>
        <form
          className="flex flex-col gap-5"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            claim.clear();
            if (code.length < CODE_GROUPS * 5 - 1) setError(words.codeShort);
            else go("name");
          }}
        >
          <ProblemNotice problem={claim.problem} />
          <TextField
            label={words.codeLabel}
            value={code}
            onValue={(typed) => {
              setError(undefined);
              setCode(groupedCode(typed, CODE_GROUPS));
            }}
            help={initialCode !== null && code === initialCode && claim.problem === null ? words.codeFound : words.codeHelp}
            error={error}
            className="font-mono text-lg tracking-wide uppercase"
            autoComplete="one-time-code"
            autoCapitalize="characters"
            spellCheck={false}
            placeholder="XXXX-XXXX-XXXX-XXXX"
            autoFocus
          />
          <Button tone="primary" type="submit">
            {text.common.next}
          </Button>
        </form>
      </Step>
    );
  }

  if (at === "name") {
    return (
      <Step key="name" title={words.youTitle} lead={words.youLead} where={text.common.step(2, STEP_COUNT)} back={{ label: text.common.back, run: () => go("code") }}>
        <form
          className="flex flex-col gap-5"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            if (memberName.trim() === "") setError(words.nameEmpty);
            else go("password");
          }}
        >
          <TextField label={words.nameLabel} value={memberName} onValue={setName} error={error} help={words.nameHelp} autoComplete="username" maxLength={64} autoFocus />
          <Button tone="primary" type="submit">
            {text.common.next}
          </Button>
        </form>
      </Step>
    );
  }

  return (
    <Step key="password" title={words.passwordTitle} lead={words.passwordLead} where={text.common.step(3, STEP_COUNT)} back={{ label: text.common.back, run: () => go("name") }}>
      <NewPasswordForm
        memberName={memberName}
        password={password}
        problem={claim.problem}
        isBusy={claim.isBusy}
        label={claim.isBusy ? words.claiming : words.claim}
        onGood={(good) => void claim.start({ code, memberName: memberName.trim(), password: good })}
      />
    </Step>
  );
}
