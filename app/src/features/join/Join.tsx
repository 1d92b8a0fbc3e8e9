/** @file Joining by a link: who invites to what, then an account of one's own. */
import { useState, type ReactNode } from "react";
import type { Invitation } from "../../domain/people.ts";
import { useAction, useHome, useLoaded } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { sayList } from "../../text/en/people.ts";
import { text } from "../../text/index.ts";
import { sayWhen } from "../../text/phrases.ts";
import { Button } from "../../ui/Button.tsx";
import { TextField } from "../../ui/Field.tsx";
import { Step } from "../../ui/Page.tsx";
import { Skeleton } from "../../ui/Progress.tsx";
import { useNewPassword } from "../first-run/NewPasswordField.tsx";
import { NewPasswordForm } from "../first-run/NewPasswordForm.tsx";

const STEP_COUNT = 3;

export function Join({ linkText, onLeave }: { readonly linkText: string; readonly onLeave: () => void }): ReactNode {
  const model = useHome();
  const words = text.people.join;
  const [loaded, reload] = useLoaded(() => model.people.lookAtInvitation(linkText), linkText);
  if (loaded.kind === "loading") {
    return (
      <Step title={words.looking}>
        <Skeleton className="h-28" />
      </Step>
    );
  }
  if (loaded.kind === "failed") {
    return (
      <Step title={words.titleUnknown}>
        <ProblemNotice problem={loaded.problem} onRetry={reload} />
        <Button onClick={onLeave}>{words.notNow}</Button>
      </Step>
    );
  }
  return <Answer invitation={loaded.value} linkText={linkText} onLeave={onLeave} />;
}

interface AnswerProps {
  readonly invitation: Invitation;
  readonly linkText: string;
  readonly onLeave: () => void;
}

function Answer({ invitation, linkText, onLeave }: AnswerProps): ReactNode {
  const model = useHome();
  const words = text.people.join;
  const [at, setAt] = useState<"invitation" | "name" | "password">("invitation");
  const [memberName, setName] = useState("");
  const [error, setError] = useState<string>();
  const [nowUs] = useState(() => model.nowUs());
  const join = useAction(model.people.join.bind(model.people));
  const go = (next: typeof at) => {
    setError(undefined);
    setAt(next);
  };
  const { inviterName, role, rooms, reach, expiresUs } = invitation;
  const password = useNewPassword([memberName, inviterName]);

  if (at === "invitation") {
    const title = inviterName === "" ? words.titleUnknown : words.title(inviterName);
    return (
      <Step key="invitation" title={title} lead={words.lead(text.people.roles[role], rooms.length === 0 ? text.people.noRooms : sayList(rooms))} where={text.common.step(1, STEP_COUNT)}>
        <p>{words.reach[reach]}</p>
        <p className="text-soft">{words.until(sayWhen(expiresUs, nowUs))}</p>
        <Button tone="primary" onClick={() => go("name")}>
          {words.start}
        </Button>
        <Button onClick={onLeave}>{words.notNow}</Button>
      </Step>
    );
  }
  if (at === "name" || join.problem?.code === "name-in-use") {
    return (
      <Step key="name" title={words.nameTitle} lead={words.nameLead} where={text.common.step(2, STEP_COUNT)} back={{ label: text.common.back, run: () => { join.clear(); go("invitation"); } }}>
        <form
          className="flex flex-col gap-5"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            join.clear();
            if (memberName.trim() === "") setError(text.firstRun.nameEmpty);
            else go("password");
          }}
        >
          <ProblemNotice problem={join.problem} />
          <TextField label={text.firstRun.nameLabel} value={memberName} onValue={setName} error={error} help={text.firstRun.nameHelp} autoComplete="username" maxLength={64} autoFocus />
          <Button tone="primary" type="submit">
            {text.common.next}
          </Button>
        </form>
      </Step>
    );
  }
  return (
    <Step key="password" title={text.firstRun.passwordTitle} lead={text.firstRun.passwordLead} where={text.common.step(3, STEP_COUNT)} back={{ label: text.common.back, run: () => go("name") }}>
      <NewPasswordForm
        memberName={memberName}
        password={password}
        problem={join.problem}
        isBusy={join.isBusy}
        label={join.isBusy ? words.finishing : words.finish}
        onGood={(good) => void join.start({ linkText, memberName: memberName.trim(), password: good })}
      />
    </Step>
  );
}
