/** @file Changing one rule of a room: first what, then what that does in numbers and words, and only then the change. */
import { useState, type ReactNode } from "react";
import type { EraseReach, RoomView } from "../../domain/home.ts";
import { DAY_US } from "../../domain/clock.ts";
import { askedRule, isLooser, isSameRule, LIFETIME_DAYS, type Records, type RoomRule } from "../../domain/rules.ts";
import { useAction, useHome } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { text } from "../../text/index.ts";
import { sayLength, sayMomentInside, saySize } from "../../text/phrases.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog, DialogActions } from "../../ui/Dialog.tsx";
import { ChoiceField } from "../../ui/Field.tsx";
import { useToast } from "../../ui/Toast.tsx";

export type RulePart = keyof RoomRule;

const words = text.rules;

interface ChangeRuleProps {
  readonly room: RoomView;
  readonly part: RulePart;
  readonly onClose: () => void;
}

export function ChangeRule({ room, part, onClose }: ChangeRuleProps): ReactNode {
  const model = useHome();
  // What was on the screen when it was asked: what somebody else changes meanwhile is not written over.
  const [seen] = useState(room.rules);
  // Two dialogs one after the other: the focus goes back to what opened the first.
  const [opener] = useState(() => document.activeElement as HTMLElement | null);
  const [wish, setWish] = useState(() => String(seen.now[part]));
  const [check, setCheck] = useState<{ readonly to: RoomRule; readonly reach: EraseReach } | null>(null);
  const count = useAction(model.rules.reach.bind(model.rules));
  const wished: RoomRule = { ...askedRule(seen), [part]: part === "records" ? wish : Number(wish) };
  const isUnchanged = wish === String(seen.now[part]) && isSameRule(wished, seen.signed);
  if (check !== null) return <Sure room={room} part={part} seen={seen} to={check.to} reach={check.reach} focusAfter={() => opener} onClose={onClose} />;
  return (
    <Dialog isOpen onClose={onClose} focusAfter={() => opener} title={part === "records" ? words.changeRecordsTitle : words.changeKeepTitle} description={part === "records" ? room.name : `${room.name}: ${words[part]}`} closeLabel={text.common.close}>
      {part === "records" ? (
        <ChoiceField<Records> label={words.records} hideLabel value={wish as Records} onValue={setWish} choices={(["always", "when-armed"] as const).map((value) => ({ value, label: words.recordsAre[value], help: words.recordsHelp[value] }))} />
      ) : (
        <ChoiceField label={words[part]} hideLabel layout="row" value={wish} onValue={setWish} choices={dayChoices(seen.now[part]).map((count) => ({ value: String(count), label: words.days(count) }))} />
      )}
      <p role="status" className="text-sm text-soft">
        {count.isBusy ? words.counting : isUnchanged ? words.unchanged : ""}
      </p>
      <ProblemNotice problem={count.problem} />
      <DialogActions>
        <Button onClick={onClose}>{text.common.cancel}</Button>
        <Button
          tone="primary"
          isBusy={count.isBusy}
          disabled={isUnchanged}
          onClick={() =>
            void count.start(room.id, wished).then((done) => {
              if (done !== undefined) setCheck({ to: wished, reach: done.value });
            })
          }
        >
          {words.check}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

/** The usual lengths, and the one that holds. */
function dayChoices(now: number): readonly number[] {
  return [...new Set<number>([...LIFETIME_DAYS, now])].sort((a, b) => a - b);
}

interface SureProps {
  readonly room: RoomView;
  readonly part: RulePart;
  readonly seen: RoomView["rules"];
  readonly to: RoomRule;
  readonly reach: EraseReach;
  readonly focusAfter: () => HTMLElement | null;
  readonly onClose: () => void;
}

/** Asks again, with what it does. */
function Sure({ room, part, seen, to, reach, focusAfter, onClose }: SureProps): ReactNode {
  const model = useHome();
  const say = useToast();
  const [nowUs] = useState(() => model.nowUs());
  const set = useAction(model.rules.setRule.bind(model.rules));
  const looser = isLooser(seen.now, { ...seen.now, [part]: to[part] });
  const erases = reach.recordingCount > 0;
  const title = part === "records" ? (looser ? words.alwaysTitle : words.whenArmedTitle) : (looser ? words.longerTitle : words.shorterTitle)(words.days(to[part]));
  const lead = looser ? words.longerLead(sayMomentInside(nowUs + DAY_US, nowUs, "minute")) : part === "records" ? words.whenArmedLead : words.shorterLead;
  return (
    <Dialog isOpen onClose={onClose} title={title} description={lead} closeLabel={text.common.close} isHeld={set.isBusy} focusAfter={focusAfter} tone={erases ? "danger" : "plain"}>
      {!looser && part !== "records" && (
        <div>
          <p className="font-semibold">{erases ? words.erases(reach.recordingCount, sayLength(reach.durationMs), saySize(reach.sizeBytes)) : words.erasesNothing}</p>
          {reach.span !== null && erases && <p className="text-sm text-soft">{words.erasesSpan(sayMomentInside(reach.span.fromUs, nowUs, "minute"), sayMomentInside(reach.span.toUs, nowUs, "minute"))}</p>}
        </div>
      )}
      {seen.isWaiting && isLooser(seen.now, { ...to, [part]: seen.now[part] }) && <p className="text-sm text-soft">{words.againLead}</p>}
      <ProblemNotice problem={set.problem} />
      <DialogActions>
        <Button onClick={onClose}>{text.common.cancel}</Button>
        <Button
          tone={erases ? "danger" : "primary"}
          isBusy={set.isBusy}
          onClick={() =>
            void set.start(room.id, seen, to).then((done) => {
              if (done === undefined) return;
              say({ message: looser ? words.asked : words.done });
              onClose();
            })
          }
        >
          {looser ? words.longer : part === "records" ? words.changeNow : erases ? words.shortenAndErase(reach.recordingCount) : words.shorten}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
