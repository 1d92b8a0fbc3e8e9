/** @file Settings: who is signed in, password, recovery kit, storage, looks, keyboard, about. */
import { Keyboard, LogOut, ShieldCheck } from "lucide-react";
import { useState, type ReactNode } from "react";
import { useAction, useHome, useHousehold } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { Link } from "../../navigation/Link.tsx";
import { navigate } from "../../navigation/location.ts";
import { text } from "../../text/index.ts";
import { Button, buttonClass } from "../../ui/Button.tsx";
import { ChoiceField } from "../../ui/Field.tsx";
import { Column, Heading, Section } from "../../ui/Page.tsx";
import { ShortcutList } from "../shell/Shortcuts.tsx";
import { About } from "./About.tsx";
import { Password } from "./Password.tsx";
import { Sessions } from "./Sessions.tsx";
import { Storage } from "./Storage.tsx";
import { chooseTheme, useTheme, type Theme } from "./theme.ts";

const THEMES: readonly Theme[] = ["system", "light", "dark"];

export function Settings(): ReactNode {
  const model = useHome();
  const household = useHousehold();
  const words = text.settings;
  const theme = useTheme();
  const [sessionsRound, setSessionsRound] = useState(0);
  const [isKeys, setKeys] = useState(false);
  const signOut = useAction(model.signOut.bind(model));
  return (
    <Column>
      <header className="flex flex-wrap items-end justify-between gap-3">
        <div className="flex flex-col gap-1">
          <Heading>{words.title}</Heading>
          <p className="text-soft">{words.you(household.memberName)}</p>
        </div>
        <Button size="small" icon={<LogOut aria-hidden className="size-5" />} isBusy={signOut.isBusy} onClick={() => void signOut.start().then((done) => { if (done !== undefined) navigate({ kind: "home" }, "replace"); })}>
          {words.signOut}
        </Button>
      </header>
      <ProblemNotice problem={signOut.problem} />
      <Sessions key={sessionsRound} />
      <Password onChanged={() => setSessionsRound(sessionsRound + 1)} />
      <Section title={words.kit} lead={words.kitLead}>
        <Link to={{ kind: "kit" }} className={buttonClass("plain", "normal", "self-start")}>
          <ShieldCheck aria-hidden className="size-5" />
          {words.makeKit}
        </Link>
      </Section>
      <Storage />
      <Section title={words.appearance}>
        <ChoiceField label={words.appearance} hideLabel layout="row" value={theme} onValue={chooseTheme} choices={THEMES.map((value) => ({ value, label: words.themes[value] }))} />
      </Section>
      <Section title={words.phone}>
        <ol className="list-decimal space-y-1 pl-5">
          {words.phoneSteps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      </Section>
      <Section title={text.shortcuts.title} lead={text.shortcuts.lead}>
        <Button className="self-start" icon={<Keyboard aria-hidden className="size-5" />} onClick={() => setKeys(true)}>
          {text.shortcuts.show}
        </Button>
        {isKeys && <ShortcutList onClose={() => setKeys(false)} />}
      </Section>
      <About />
    </Column>
  );
}
