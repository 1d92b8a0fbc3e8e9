/** @file Settings: who is signed in, recovery kit, looks, storage, about. */
import { LogOut, ShieldCheck } from "lucide-react";
import type { ReactNode } from "react";
import { useAction, useHome, useHousehold } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { Link } from "../../navigation/Link.tsx";
import { navigate } from "../../navigation/location.ts";
import { text } from "../../text/index.ts";
import { Button, buttonClass } from "../../ui/Button.tsx";
import { ChoiceField } from "../../ui/Field.tsx";
import { Column, Heading, Section } from "../../ui/Page.tsx";
import { About } from "./About.tsx";
import { Sessions } from "./Sessions.tsx";
import { Storage } from "./Storage.tsx";
import { chooseTheme, useTheme, type Theme } from "./theme.ts";

const THEMES: readonly Theme[] = ["system", "light", "dark"];

export function Settings(): ReactNode {
  const model = useHome();
  const household = useHousehold();
  const words = text.settings;
  const theme = useTheme();
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
      <Sessions />
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
      <About />
    </Column>
  );
}
