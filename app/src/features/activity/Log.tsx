/** @file The household's log: what was proved, newest first, and an alarm in plain words when its keeper lies. */
import { FileCheck2, ShieldCheck } from "lucide-react";
import { useDeferredValue, useId, useState, type ReactNode } from "react";
import { ENTRY_GROUPS, groupOf, type EntryGroup, type EntryView, type EntryWho, type LogView } from "../../domain/activity.ts";
import { useAction, useHome, useLoaded } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { logText } from "../../text/log.ts";
import { sayClock, sayLength, sayMoment, sayMomentInside } from "../../text/phrases.ts";
import { Button } from "../../ui/Button.tsx";
import { download } from "../../ui/download.ts";
import { TextField } from "../../ui/Field.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Section } from "../../ui/Page.tsx";
import { Skeleton } from "../../ui/Progress.tsx";

const words = logText;
const AT_ONCE = 50;

export function Log(): ReactNode {
  const model = useHome();
  const [count, setCount] = useState(AT_ONCE);
  const [loaded, reload] = useLoaded(() => model.activity.log(count), `log-${String(count)}`);
  const [last, setLast] = useState<LogView | null>(null);
  if (loaded.kind === "ready" && loaded.value !== last) setLast(loaded.value);
  const log = loaded.kind === "ready" ? loaded.value : last;
  return (
    <Section title={words.title} lead={words.lead}>
      <ProblemNotice problem={loaded.kind === "failed" ? loaded.problem : null} onRetry={reload} />
      {log === null && loaded.kind === "loading" && <Skeleton className="h-40" />}
      {log !== null && (
        <>
          <Trust log={log} onAccepted={reload} />
          <Entries log={log} />
          {log.hasMore && (
            <Button size="small" className="self-start" onClick={() => setCount(count + 4 * AT_ONCE)}>
              {words.more}
            </Button>
          )}
        </>
      )}
    </Section>
  );
}

/** Whether the list can be believed. */
function Trust({ log, onAccepted }: { readonly log: LogView; readonly onAccepted: () => void }): ReactNode {
  const model = useHome();
  const [nowUs] = useState(() => model.nowUs());
  const accept = useAction(() => model.activity.acceptOtherLog());
  const { alarms, knownSinceUs, total, witnesses } = log;
  if (alarms.length > 0) {
    const isOther = alarms.some(({ kind }) => kind === "another-log");
    return (
      <Notice tone="danger" title={words.alarm} isLive>
        <ul className="list-disc pl-5">
          {alarms.map(({ kind }) => (
            <li key={kind}>
              <strong>{words.alarms[kind].what}.</strong> {words.alarms[kind].why}
            </li>
          ))}
        </ul>
        <p>{words.alarmNext}</p>
        {isOther && (
          <Button size="small" onClick={() => void accept.start().then((done) => done !== undefined && onAccepted())}>
            {words.accept}
          </Button>
        )}
        <ProblemNotice problem={accept.problem} />
      </Notice>
    );
  }
  const newest = Math.max(0, ...witnesses.map(({ atUs }) => atUs));
  return (
    <p className="flex gap-2 text-sm text-soft">
      <ShieldCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-accent" />
      <span>
        {words.checked(total)} {knownSinceUs === null ? words.first : words.since(sayMomentInside(knownSinceUs, nowUs, "minute"))}
        {newest > 0 && ` ${words.witnessed(sayMomentInside(newest, nowUs, "minute"))}`}
      </span>
    </p>
  );
}

const keyOf = (who: EntryWho): string => (who.by === "member" ? `member:${who.name ?? ""}` : who.by);

function Entries({ log }: { readonly log: LogView }): ReactNode {
  const model = useHome();
  const [nowUs] = useState(() => model.nowUs());
  const [typed, setTyped] = useState("");
  const [group, setGroup] = useState<EntryGroup | "all">("all");
  const [by, setBy] = useState("");
  const wanted = useDeferredValue(typed).trim().toLowerCase();
  if (log.entries.length === 0) return log.alarms.length > 0 ? null : <p className="text-soft">{words.none}</p>;
  const people = new Map(log.entries.flatMap(({ who }) => (who.by === "you" ? [[keyOf(who), words.you] as const] : who.by === "member" && who.name !== null ? [[keyOf(who), who.name] as const] : [])));
  const found = log.entries.filter((entry) => {
    const isOfGroup = group === "all" || groupOf(entry.kind) === group;
    const says = () => `${words.says(entry.who, entry.kind, entry.facts)} ${sayMoment(entry.atUs, nowUs, "minute")}`.toLowerCase();
    return isOfGroup && (by === "" || keyOf(entry.who) === by) && (wanted === "" || says().includes(wanted));
  });
  return (
    <>
      <div className="no-print grid gap-3 sm:grid-cols-3">
        <TextField label={words.search} type="search" value={typed} onValue={setTyped} />
        <Choice label={words.group} value={group} onValue={(value) => setGroup(value as EntryGroup | "all")} options={[["all", words.groups.all], ...ENTRY_GROUPS.map((one) => [one, words.groups[one]] as const)]} />
        <Choice label={words.person} value={by} onValue={setBy} options={[["", words.everybody], ...people]} />
      </div>
      <p role="status" className="sr-only">
        {words.found(found.length)}
      </p>
      {found.length === 0 && <p className="text-soft">{words.noneFound}</p>}
      <ol aria-label={words.title} className="divide-y divide-line">
        {found.map((entry) => (
          <EntryLine key={entry.sequence} entry={entry} nowUs={nowUs} />
        ))}
      </ol>
    </>
  );
}

function EntryLine({ entry, nowUs }: { readonly entry: EntryView; readonly nowUs: number }): ReactNode {
  const model = useHome();
  const proof = useAction(() => model.activity.receipt(entry.sequence));
  const { sequence, atUs, who, kind, facts } = entry;
  const what = words.says(who, kind, facts);
  const isAlarming = kind === "sign-in-refused";
  const details = [
    sayMoment(atUs, nowUs, "minute"),
    facts.seconds === undefined ? null : words.for(sayLength(Math.max(1, facts.seconds) * 1000)),
    kind === "recording-opened" && facts.fromUs !== undefined && facts.toUs !== undefined ? words.between(sayMomentInside(facts.fromUs, nowUs, "minute"), sayClock(facts.toUs)) : null,
  ];
  const save = async () => {
    const saved = await proof.start();
    if (saved !== undefined) download(new Blob([saved.value], { type: "text/plain" }), `eaves-${String(sequence)}.tlog-proof`);
  };
  return (
    <li className="flex items-start gap-3 py-3">
      <div className="min-w-0 flex-1">
        <p className={isAlarming ? "font-medium text-danger" : "font-medium"}>{what}</p>
        <p className="text-sm text-soft">{details.filter((part) => part !== null).join(" · ")}</p>
        <ProblemNotice problem={proof.problem} />
      </div>
      {kind !== "forgotten" && (
        <Button size="small" tone="quiet" className="no-print" aria-label={words.proofOf(what)} isBusy={proof.isBusy} onClick={() => void save()}>
          <FileCheck2 aria-hidden className="size-4" />
          <span className="sr-only sm:not-sr-only">{words.proof}</span>
        </Button>
      )}
    </li>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly options: readonly (readonly [string, string])[];
}

function Choice({ label, value, onValue, options }: ChoiceProps): ReactNode {
  const id = useId();
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="font-semibold">
        {label}
      </label>
      <select id={id} value={value} onChange={(event) => onValue(event.target.value)} className="min-h-12 w-full rounded-control border border-edge bg-card px-3 focus-visible:outline-3 focus-visible:outline-offset-1 focus-visible:outline-accent">
        {options.map(([key, name]) => (
          <option key={key} value={key}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}
