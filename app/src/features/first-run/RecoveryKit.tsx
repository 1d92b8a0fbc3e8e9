/** @file The recovery kit: shown, printed, and confirmed by typing two of its groups. It cannot be skipped. */
import { Printer } from "lucide-react";
import { useEffect, useRef, useState, type ReactNode } from "react";
import type { KitDraft } from "../../domain/home.ts";
import { chosenGroups, isSameGroup } from "../../domain/kit.ts";
import { useAction, useHome } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { text } from "../../text/index.ts";
import { sayDay } from "../../text/phrases.ts";
import { Button } from "../../ui/Button.tsx";
import { TextField } from "../../ui/Field.tsx";
import { Step } from "../../ui/Page.tsx";
import { Skeleton } from "../../ui/Progress.tsx";

export interface RecoveryKitProps {
  readonly memberName: string;
  /** First run: nothing is recorded before this is done. Otherwise a new kit replaces an old one. */
  readonly isFirst: boolean;
  readonly onDone: () => void;
  readonly onBack?: () => void;
}

export function RecoveryKit({ memberName, isFirst, onDone, onBack }: RecoveryKitProps): ReactNode {
  const model = useHome();
  const words = text.kit;
  const [draft, setDraft] = useState<KitDraft | null>(null);
  const [isConfirming, setConfirming] = useState(false);
  const make = useAction(model.draftKit.bind(model));
  const { start } = make;

  useEffect(() => {
    let isCurrent = true;
    void start().then((made) => {
      if (isCurrent && made !== undefined) setDraft(made.value);
    });
    return () => {
      isCurrent = false;
    };
  }, [start]);

  const where = isFirst ? { where: text.common.step(4, 5) } : {};
  if (draft !== null && isConfirming) {
    return <ConfirmKit draft={draft} where={where} onDone={onDone} onBack={() => setConfirming(false)} />;
  }
  return (
    <Step
      key="kit"
      title={isFirst ? words.title : words.makeNewTitle}
      lead={isFirst ? words.lead : words.makeNewLead}
      {...where}
      {...(onBack === undefined ? {} : { back: { label: text.common.back, run: onBack } })}
    >
      <ProblemNotice problem={make.problem} onRetry={() => void start().then((made) => { if (made !== undefined) setDraft(made.value); })} />
      <div className="rounded-card border border-line bg-card p-5">
        <div className="hidden print:block">
          <h2 className="text-2xl font-bold">{words.paperTitle}</h2>
          <p className="text-lg">{words.paperFor(memberName)}</p>
          {draft !== null && <p>{words.paperMade(sayDay(draft.createdUs, 0))}</p>}
        </div>
        <ol aria-label={words.groupsLabel} aria-busy={draft === null} className="grid grid-cols-3 gap-x-3 gap-y-4 print:my-8">
          {Array.from({ length: 9 }, (_, index) => {
            const group = draft?.groups[index];
            return (
              <li key={index} className="flex flex-col items-center">
                <span aria-hidden className="text-xs text-soft tabular-nums">
                  {index + 1}
                </span>
                {group === undefined ? (
                  <Skeleton className="mt-1 h-7 w-20" />
                ) : (
                  <span className="font-mono text-xl font-semibold tracking-wider select-all sm:text-2xl" aria-label={words.group(index + 1, Array.from(group).join(" "))}>
                    {group}
                  </span>
                )}
              </li>
            );
          })}
        </ol>
        <p className="hidden print:block">{words.paperHow}</p>
      </div>
      <p className="no-print">{words.advice}</p>
      {isFirst && <p className="no-print font-semibold">{words.why}</p>}
      <div className="no-print flex flex-col gap-3">
        <Button icon={<Printer aria-hidden className="size-5" />} disabled={draft === null} onClick={() => window.print()}>
          {words.print}
        </Button>
        <Button tone="primary" disabled={draft === null} onClick={() => setConfirming(true)}>
          {words.written}
        </Button>
      </div>
    </Step>
  );
}

interface ConfirmKitProps {
  readonly draft: KitDraft;
  readonly where: { readonly where?: string };
  readonly onDone: () => void;
  readonly onBack: () => void;
}

function ConfirmKit({ draft, where, onDone, onBack }: ConfirmKitProps): ReactNode {
  const model = useHome();
  const words = text.kit;
  const [asked] = useState(() => chosenGroups(draft.groups.length, Math.random(), Math.random()));
  const [typed, setTyped] = useState<readonly [string, string]>(["", ""]);
  const [wrong, setWrong] = useState<readonly [boolean, boolean]>([false, false]);
  const keep = useAction(model.confirmKit.bind(model));
  const first = useRef<HTMLInputElement>(null);

  const submit = async () => {
    const isWrong = (slot: 0 | 1) => !isSameGroup(typed[slot], draft.groups[asked[slot]] ?? "");
    setWrong([isWrong(0), isWrong(1)]);
    if (isWrong(0) || isWrong(1)) {
      first.current?.focus();
      return;
    }
    const kept = await keep.start(draft, asked.map((index, slot) => ({ index, text: typed[slot as 0 | 1] })));
    if (kept !== undefined) onDone();
  };

  return (
    <Step key="confirm" title={words.confirmTitle} lead={words.confirmLead} {...where} back={{ label: words.again, run: onBack }}>
      <form
        className="flex flex-col gap-5"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <ProblemNotice problem={keep.problem} />
        {([0, 1] as const).map((slot) => (
          <TextField
            key={slot}
            {...(slot === 0 ? { ref: first, autoFocus: true } : {})}
            label={words.confirmLabel(asked[slot] + 1)}
            value={typed[slot]}
            onValue={(value) => {
              const upper = value.toUpperCase();
              setTyped((before) => (slot === 0 ? [upper, before[1]] : [before[0], upper]));
              setWrong([false, false]);
            }}
            error={wrong[slot] ? words.confirmWrong : undefined}
            className="font-mono text-xl tracking-wider uppercase"
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
            maxLength={8}
          />
        ))}
        <Button tone="primary" type="submit" isBusy={keep.isBusy}>
          {words.confirm}
        </Button>
        <Button tone="quiet" onClick={onBack}>
          {words.again}
        </Button>
      </form>
    </Step>
  );
}
