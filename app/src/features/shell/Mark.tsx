/** @file The sign of Eaves: a roof, and something safe under it. */
import type { ReactNode } from "react";
import { text } from "../../text/index.ts";

export function Mark(): ReactNode {
  return (
    <span className="inline-flex items-center gap-2.5 text-xl font-bold">
      <svg aria-hidden viewBox="0 0 32 32" className="size-8 text-accent" fill="none" stroke="currentColor" strokeWidth="3" strokeLinecap="round" strokeLinejoin="round">
        <path d="M3 17 16 5l13 12" />
        <circle cx="16" cy="20.5" r="5" fill="currentColor" stroke="none" />
      </svg>
      {text.app.name}
    </span>
  );
}
