/** @file Settings: the way to security and devices, storage, looks, keyboard, about. */
import { ChevronRight, Keyboard, LogOut, MonitorSmartphone, ShieldCheck, type LucideIcon } from "lucide-react";
import { useState, type ReactNode } from "react";
import { useAction, useHome, useHousehold } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import type { Route } from "../../domain/route.ts";
import { Link } from "../../navigation/Link.tsx";
import { navigate } from "../../navigation/location.ts";
import { text } from "../../text/index.ts";
import { Button } from "../../ui/Button.tsx";
import { ChoiceField } from "../../ui/Field.tsx";
import { Column, Heading, Section } from "../../ui/Page.tsx";
import { ShortcutList } from "../shell/Shortcuts.tsx";
import { About } from "./About.tsx";
import { Storage } from "./Storage.tsx";
import { chooseTheme, useTheme, type Theme } from "./theme.ts";

const THEMES: readonly Theme[] = ["system", "light", "dark"];

export function Settings(): ReactNode {
  const model = useHome();
  const household = useHousehold();
  const words = text.settings;
  const theme = useTheme();
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
      <ul className="divide-y divide-line rounded-card border border-line bg-card">
        <Place to={{ kind: "security" }} Icon={ShieldCheck} title={text.security.title} lead={text.security.open} />
        <Place to={{ kind: "devices" }} Icon={MonitorSmartphone} title={text.devices.open} lead={text.devices.openLead} />
      </ul>
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

interface PlaceProps {
  readonly to: Route;
  readonly Icon: LucideIcon;
  readonly title: string;
  readonly lead: string;
}

function Place({ to, Icon, title, lead }: PlaceProps): ReactNode {
  return (
    <li>
      <Link to={to} className="flex min-h-16 items-center gap-4 px-5 py-3 hover:bg-sunken">
        <Icon aria-hidden className="size-6 shrink-0 text-accent" />
        <span className="min-w-0 flex-1">
          <span className="block font-bold">{title}</span>
          <span className="block text-sm text-soft">{lead}</span>
        </span>
        <ChevronRight aria-hidden className="size-5 shrink-0 text-soft" />
      </Link>
    </li>
  );
}
