/** @file Small labels over a picture. */
import type { ReactNode } from "react";

export function Chip({ children, tone = "plain" }: { readonly children: ReactNode; readonly tone?: "plain" | "danger" }): ReactNode {
  return (
    <span
      className={`inline-flex min-h-7 items-center gap-1.5 rounded-full px-2.5 text-sm font-medium text-white tabular-nums ${tone === "danger" ? "bg-[#a3241c]" : "bg-black/65"}`}
    >
      {children}
    </span>
  );
}

export function LiveDot(): ReactNode {
  return <span aria-hidden className="size-2 rounded-full bg-[#7fe0c0]" />;
}
