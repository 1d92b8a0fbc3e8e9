/** @file Inviting somebody: as what, which rooms, from when on; then the link, once. */
import { Check, Copy, Share2 } from "lucide-react";
import { useState, type ReactNode } from "react";
import type { RoomId } from "../../domain/home.ts";
import type { MadeInvite, Reach, Role } from "../../domain/people.ts";
import { useAction, useHome } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { Link } from "../../navigation/Link.tsx";
import { navigate } from "../../navigation/location.ts";
import { text } from "../../text/index.ts";
import { Button, buttonClass } from "../../ui/Button.tsx";
import { ChoiceField } from "../../ui/Field.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Step } from "../../ui/Page.tsx";
import { CheckField } from "./CheckField.tsx";
import { QrCode } from "./QrCode.tsx";
import { usePeople } from "./usePeople.ts";

const ROLES: readonly Role[] = ["guest", "adult", "owner"];
const STEP_COUNT = 3;

export function Invite(): ReactNode {
  const model = useHome();
  const words = text.people;
  const { rooms } = usePeople();
  const [at, setAt] = useState<"role" | "rooms" | "reach">("role");
  const [role, setRole] = useState<Role>("guest");
  const [chosen, setChosen] = useState<readonly RoomId[]>([]);
  const [reach, setReach] = useState<Reach>("today");
  const [error, setError] = useState<string>();
  const [made, setMade] = useState<MadeInvite | null>(null);
  const invite = useAction(model.people.invite.bind(model.people));
  const leave = () => navigate({ kind: "people" });

  if (made !== null) return <TheLink made={made} />;
  if (at === "role") {
    return (
      <Step key="role" title={words.asWhat} where={text.common.step(1, STEP_COUNT)} back={{ label: text.common.back, run: leave }}>
        <ChoiceField label={words.asWhat} hideLabel value={role} onValue={setRole} choices={ROLES.map((value) => ({ value, label: words.roles[value], help: words.roleHelp[value] }))} />
        <Button tone="primary" onClick={() => setAt("rooms")}>
          {text.common.next}
        </Button>
      </Step>
    );
  }
  if (at === "rooms") {
    return (
      <Step key="rooms" title={words.whichRooms} lead={words.whichRoomsLead} where={text.common.step(2, STEP_COUNT)} back={{ label: text.common.back, run: () => setAt("role") }}>
        {rooms.length === 0 && <Notice title={words.noRoomsYet} />}
        <div role="group" aria-label={words.whichRooms} className="flex flex-col gap-2">
          {rooms.map((room) => (
            <CheckField
              key={room.id}
              label={room.name}
              isChecked={chosen.includes(room.id)}
              onChange={(isChecked) => {
                setError(undefined);
                setChosen(isChecked ? [...chosen, room.id] : chosen.filter((id) => id !== room.id));
              }}
            />
          ))}
        </div>
        {error !== undefined && (
          <p role="alert" className="font-medium text-danger">
            {error}
          </p>
        )}
        <Button tone="primary" onClick={() => (chosen.length === 0 ? setError(words.roomsNone) : setAt("reach"))}>
          {text.common.next}
        </Button>
      </Step>
    );
  }
  return (
    <Step key="reach" title={words.reach} where={text.common.step(3, STEP_COUNT)} back={{ label: text.common.back, run: () => setAt("rooms") }}>
      <ReachField value={reach} onValue={setReach} />
      <ProblemNotice problem={invite.problem} />
      <Button tone="primary" isBusy={invite.isBusy} onClick={() => void invite.start({ role, rooms: chosen, reach }).then((done) => { if (done !== undefined) setMade(done.value); })}>
        {words.makeLink}
      </Button>
    </Step>
  );
}

export function ReachField({ value, onValue }: { readonly value: Reach; readonly onValue: (value: Reach) => void }): ReactNode {
  const words = text.people;
  return (
    <ChoiceField
      label={words.reach}
      hideLabel
      value={value}
      onValue={onValue}
      choices={[
        { value: "today", label: words.reachToday, help: words.reachTodayHelp },
        { value: "past", label: words.reachPast, help: words.reachPastHelp },
      ]}
    />
  );
}

function TheLink({ made }: { readonly made: MadeInvite }): ReactNode {
  const words = text.people;
  const [copied, setCopied] = useState<"no" | "yes" | "failed">("no");
  const copy = () => navigator.clipboard.writeText(made.link).then(() => setCopied("yes"), () => setCopied("failed"));
  return (
    <Step key="link" title={words.linkTitle} lead={words.linkLead}>
      <p className="font-semibold">{words.linkValid}</p>
      <label className="flex flex-col gap-1.5 font-semibold">
        {words.linkLabel}
        <textarea readOnly rows={3} value={made.link} onFocus={(event) => event.target.select()} className="rounded-control border border-edge bg-card p-3 font-mono text-sm font-normal break-all" />
      </label>
      <div className="flex flex-wrap gap-3">
        {"share" in navigator && (
          <Button tone="primary" icon={<Share2 aria-hidden className="size-5" />} onClick={() => void navigator.share({ title: words.shareText, url: made.link }).catch(() => undefined)}>
            {words.share}
          </Button>
        )}
        <Button tone={"share" in navigator ? "plain" : "primary"} icon={copied === "yes" ? <Check aria-hidden className="size-5" /> : <Copy aria-hidden className="size-5" />} onClick={() => void copy()}>
          {words.copy}
        </Button>
      </div>
      <p role="status" className="text-soft">
        {copied === "yes" ? words.copied : copied === "failed" ? words.copyFailed : ""}
      </p>
      <div className="flex flex-col gap-2">
        <QrCode value={made.link} label={words.qrLabel} />
        <p className="text-sm text-soft">{words.qrHelp}</p>
      </div>
      <p className="text-soft">{words.shownOnce}</p>
      <Link to={{ kind: "people" }} className={buttonClass("plain")}>
        {text.common.done}
      </Link>
    </Step>
  );
}
