/** @file What happened to the account and the home, in plain words, and who watched live. Looking at it makes it read, here. */
import { Eye, Info, TriangleAlert } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import { ALARMING, type NoticeView, type WatchedView } from "../../domain/security.ts";
import { useHome, useHousehold, useLoaded, useSnapshot } from "../../model/HomeContext.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { Link } from "../../navigation/Link.tsx";
import { text } from "../../text/index.ts";
import { sayLength, sayMoment, sayMomentInside } from "../../text/phrases.ts";
import { Button, buttonClass } from "../../ui/Button.tsx";
import { Column, Heading, Section } from "../../ui/Page.tsx";
import { Log } from "./Log.tsx";
import { Skeleton } from "../../ui/Progress.tsx";
import { PendingList } from "../rules/Pending.tsx";

const words = text.activity;
const AT_ONCE = 10;

export function Activity(): ReactNode {
  const model = useHome();
  const { account } = useSnapshot();
  const { pending } = useHousehold();
  // What comes while one looks is shown too; what was new when one came stays marked until one leaves.
  const [loaded, reload] = useLoaded(() => model.security.notices(), "notices");
  const [watched, reloadWatched] = useLoaded(() => model.security.watched(), "watched");
  const isReady = loaded.kind === "ready";
  useEffect(() => {
    if (isReady) void model.security.noticesSeen();
  }, [model, isReady]);
  useEffect(() => {
    if (account.unseenNotices > 0) reload();
  }, [account.unseenNotices, reload]);
  return (
    <Column>
      <header className="flex flex-col gap-1">
        <Heading>{words.title}</Heading>
        <p className="text-soft">{words.lead}</p>
      </header>
      {pending.length > 0 && (
        <Section title={text.rules.pending}>
          <PendingList pending={pending} className="-mx-5 border-y border-line" />
        </Section>
      )}
      <ProblemNotice problem={loaded.kind === "failed" ? loaded.problem : null} onRetry={reload} />
      {loaded.kind === "loading" && <Skeleton className="h-40" />}
      {loaded.kind === "ready" && (
        <Section title={words.notices}>
          {loaded.value.length === 0 && <p className="text-soft">{words.noticesNone}</p>}
          <Few label={words.notices} all={loaded.value} keyOf={({ id }) => String(id)} show={(notice) => <NoticeLine notice={notice} />} />
        </Section>
      )}
      <ProblemNotice problem={watched.kind === "failed" ? watched.problem : null} onRetry={reloadWatched} />
      {watched.kind === "ready" && (
        <Section title={words.watched} lead={words.watchedLead}>
          {watched.value.length === 0 && <p className="text-soft">{words.watchedNone}</p>}
          <Few label={words.watched} all={watched.value} keyOf={(one) => `${one.cameraId}-${String(one.fromUs)}-${one.memberName ?? ""}`} show={(one) => <WatchedLine one={one} />} />
        </Section>
      )}
      <Log />
    </Column>
  );
}

interface FewProps<T> {
  readonly label: string;
  readonly all: readonly T[];
  readonly keyOf: (one: T) => string;
  readonly show: (one: T) => ReactNode;
}

/** The newest ones, and the rest when asked. */
function Few<T>({ label, all, keyOf, show }: FewProps<T>): ReactNode {
  const [isAll, setAll] = useState(false);
  const shown = isAll ? all : all.slice(0, AT_ONCE);
  if (all.length === 0) return null;
  return (
    <>
      <ul aria-label={label} className="divide-y divide-line">
        {shown.map((one) => (
          <li key={keyOf(one)} className="flex gap-3 py-3">
            {show(one)}
          </li>
        ))}
      </ul>
      {shown.length < all.length && (
        <Button size="small" className="self-start" onClick={() => setAll(true)}>
          {words.more(all.length - shown.length)}
        </Button>
      )}
    </>
  );
}

function NoticeLine({ notice }: { readonly notice: NoticeView }): ReactNode {
  const model = useHome();
  const [nowUs] = useState(() => model.nowUs());
  const { kind, isMine, memberName, client, network, atUs, untilUs, isNew } = notice;
  const { what, next } = text.notices[kind];
  const isAlarming = ALARMING.includes(kind);
  const Icon = isAlarming ? TriangleAlert : Info;
  const by = client === null ? null : words.by(text.devices.name(client.browser, client.system), network === null ? null : text.devices.networks[network]);
  return (
    <>
      <Icon aria-hidden className={`mt-0.5 size-5 shrink-0 ${isAlarming ? "text-danger" : "text-soft"}`} />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2 font-medium">
          {what({ isMine, name: memberName })}
          {isNew && <span className="rounded-full bg-accent-wash px-2.5 py-0.5 text-sm">{words.isNew}</span>}
        </p>
        <p className="text-sm text-soft">{[sayMoment(atUs, nowUs, "minute"), by].filter((part) => part !== null).join(" · ")}</p>
        {next !== null && <p className="mt-1 text-sm">{next}</p>}
        {untilUs !== null && <p className="text-sm font-medium">{words.until(sayMomentInside(untilUs, nowUs, "minute"))}</p>}
        {isNew && isMine && next !== null && (
          <Link to={{ kind: kind === "new-device" ? "devices" : "security" }} className={buttonClass("plain", "small", "mt-2")}>
            {kind === "new-device" ? text.devices.title : text.security.title}
          </Link>
        )}
      </div>
    </>
  );
}

function WatchedLine({ one }: { readonly one: WatchedView }): ReactNode {
  const model = useHome();
  const [nowUs] = useState(() => model.nowUs());
  const name = one.isMe ? words.you : (one.memberName ?? words.somebody);
  return (
    <>
      <Eye aria-hidden className="mt-0.5 size-5 shrink-0 text-soft" />
      <div className="min-w-0 flex-1">
        <p className="font-medium">{words.watchedLine(name, one.cameraName ?? words.goneCamera)}</p>
        <p className="text-sm text-soft">{words.watchedTime(sayMoment(one.fromUs, nowUs, "minute"), sayLength(Math.max(1_000, (one.toUs - one.fromUs) / 1000)))}</p>
      </div>
    </>
  );
}
