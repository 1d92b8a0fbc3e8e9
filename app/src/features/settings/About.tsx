/** @file Versions and licences. */
import type { ReactNode } from "react";
import { useHome, useLoaded } from "../../model/HomeContext.tsx";
import { text } from "../../text/index.ts";
import { Details, Section } from "../../ui/Page.tsx";
import { LICENCES } from "./licences.ts";

export function About(): ReactNode {
  const model = useHome();
  const words = text.settings;
  const [versions] = useLoaded(() => model.versions(), "versions");
  return (
    <Section title={words.about}>
      <ul className="text-soft">
        <li>{words.appVersion(__APP_VERSION__)}</li>
        {versions.kind === "ready" && <li>{words.vaultVersion(versions.value.vault)}</li>}
        {versions.kind === "ready" && versions.value.hub !== null && <li>{words.hubVersion(versions.value.hub)}</li>}
      </ul>
      <Details label={words.licences}>
        <p className="pb-2">{words.licence}</p>
        <ul>
          {LICENCES.map(({ name, licence }) => (
            <li key={name}>
              {name} ({licence})
            </li>
          ))}
        </ul>
      </Details>
    </Section>
  );
}
