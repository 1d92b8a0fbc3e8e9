/** @file What should never be, above the timeline: each kind of alarm in what is loaded, once, with what to do about it. */
import type { ReactNode } from "react";
import type { TimelineItem } from "../../domain/home.ts";
import { text } from "../../text/index.ts";
import { Notice } from "../../ui/Notice.tsx";

export function Alarms({ items }: { readonly items: readonly TimelineItem[] }): ReactNode {
  const kinds = [...new Set(items.flatMap((item) => (item.kind === "alarm" ? [item.alarm] : [])))];
  if (kinds.length === 0) return null;
  return (
    <div className="flex flex-col gap-2 px-4 pb-2">
      {kinds.map((kind) => (
        <Notice key={kind} tone="danger" title={text.alarms[kind].what} isLive>
          <p>{text.alarms[kind].next}</p>
        </Notice>
      ))}
    </div>
  );
}
