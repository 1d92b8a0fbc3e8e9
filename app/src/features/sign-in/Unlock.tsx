/** @file Two doors on the way: a passkey that opens nothing, and days of waiting with the kit alone. */
import { useState, type ReactNode } from "react";
import { useAction, useHome } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { text } from "../../text/index.ts";
import { sayMomentInside } from "../../text/phrases.ts";
import { Button } from "../../ui/Button.tsx";
import { PasswordField, TextField } from "../../ui/Field.tsx";
import { Step } from "../../ui/Page.tsx";
import { WithKit } from "./WithKit.tsx";

/** The passkey has signed in; the password or the kit opens. */
export function Unlock(): ReactNode {
  const model = useHome();
  const words = text.signIn;
  const [way, setWay] = useState<"password" | "kit">("password");
  const [memberName, setName] = useState("");
  const [password, setPassword] = useState("");
  const open = useAction(model.signIn.bind(model));
  if (way === "kit") return <WithKit memberName={memberName} onName={setName} onPassword={() => setWay("password")} />;
  return (
    <Step key="unlock" title={words.unlock.title} lead={words.unlock.lead}>
      <form
        className="flex flex-col gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          void open.start({ memberName: memberName.trim(), password });
        }}
      >
        <ProblemNotice problem={open.problem} />
        <TextField label={words.nameLabel} value={memberName} onValue={setName} autoComplete="username" required maxLength={64} autoFocus />
        <PasswordField
          label={words.passwordLabel}
          value={password}
          onValue={setPassword}
          autoComplete="current-password"
          required
          showLabel={text.common.showPassword}
          hideLabel={text.common.hidePassword}
        />
        <Button tone="primary" type="submit" isBusy={open.isBusy}>
          {words.unlock.submit}
        </Button>
        <Button tone="quiet" onClick={() => setWay("kit")}>
          {words.useKit}
        </Button>
      </form>
    </Step>
  );
}

export function RecoveryWaits({ untilUs }: { readonly untilUs: number }): ReactNode {
  const model = useHome();
  const words = text.signIn.waits;
  return (
    <Step title={words.title} lead={words.lead(sayMomentInside(untilUs, model.nowUs(), "minute"))}>
      <Button tone="primary" onClick={() => model.signingIn.startOver()}>
        {words.done}
      </Button>
    </Step>
  );
}
