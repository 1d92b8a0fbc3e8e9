/** @file A box that tells: what is so, why, and what to do about it. */
import { clsx } from "clsx";
import { CircleAlert, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";

export type NoticeTone = "plain" | "warning" | "danger";

export interface NoticeProps {
  readonly tone?: NoticeTone;
  readonly title: string;
  readonly children?: ReactNode;
  /** Read out when it appears. Leave off for what was there from the start. */
  readonly isLive?: boolean;
}

const ICONS = { plain: Info, warning: TriangleAlert, danger: CircleAlert } as const;

export function Notice({ tone = "plain", title, children, isLive = false }: NoticeProps): ReactNode {
  const Icon = ICONS[tone];
  return (
    <div
      role={isLive ? (tone === "danger" ? "alert" : "status") : undefined}
      className={clsx(
        "flex gap-3 rounded-card border p-4",
        tone === "danger" ? "border-danger bg-danger-wash" : tone === "warning" ? "border-edge bg-sunken" : "border-line bg-sunken",
      )}
    >
      <Icon aria-hidden className={clsx("mt-0.5 size-5 shrink-0", tone === "danger" ? "text-danger" : "text-ink")} />
      <div className="min-w-0 flex-1">
        <p className="font-semibold">{title}</p>
        {children !== undefined && <div className="mt-1 flex flex-col items-start gap-3">{children}</div>}
      </div>
    </div>
  );
}
