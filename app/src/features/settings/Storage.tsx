/** @file How much is kept, of how much, and for how long. */
import type { ReactNode } from "react";
import type { StorageView } from "../../domain/home.ts";
import { useHome, useHousehold, useLoaded } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { text } from "../../text/index.ts";
import { sayMomentInside, saySize } from "../../text/phrases.ts";
import { Section } from "../../ui/Page.tsx";
import { Meter, Skeleton } from "../../ui/Progress.tsx";

export function Storage(): ReactNode {
  const model = useHome();
  const words = text.settings;
  const [loaded, reload] = useLoaded(() => model.storage(), "storage");
  return (
    <Section title={words.storage} {...(loaded.kind === "ready" ? { lead: words.storageLead(loaded.value.continuousKeptDays) } : {})}>
      {loaded.kind === "loading" && <Skeleton className="h-20" />}
      {loaded.kind === "failed" && <ProblemNotice problem={loaded.problem} onRetry={reload} />}
      {loaded.kind === "ready" && <Use storage={loaded.value} />}
    </Section>
  );
}

function Use({ storage }: { readonly storage: StorageView }): ReactNode {
  const model = useHome();
  const household = useHousehold();
  const words = text.settings;
  const nowUs = model.nowUs();
  const { usedBytes, limitBytes, freeBytes } = storage;
  // Without a limit of its own, the household shares the disk with what is free on it.
  const whole = limitBytes ?? (freeBytes === null ? null : usedBytes + freeBytes);
  return (
    <>
      <Meter label={words.used} value={limitBytes === null ? saySize(usedBytes) : words.usedOf(saySize(usedBytes), saySize(limitBytes))} fraction={whole === null || whole === 0 ? null : usedBytes / whole} />
      {freeBytes !== null && <p className="text-soft">{words.free(saySize(freeBytes))}</p>}
      <ul className="divide-y divide-line">
        {storage.cameras.map((use) => (
          <li key={use.deviceId} className="flex flex-wrap justify-between gap-x-4 py-2">
            <span className="font-medium">{household.cameras.find((camera) => camera.id === use.deviceId)?.name ?? text.notFound.title}</span>
            <span className="text-soft tabular-nums">{use.oldestUs === null ? words.nothingYet : words.cameraUse(saySize(use.usedBytes), sayMomentInside(use.oldestUs, nowUs, "minute"))}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
