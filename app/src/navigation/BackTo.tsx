/** @file A way back to the page that one came from, above a heading. */
import { ArrowLeft } from "lucide-react";
import type { ReactNode } from "react";
import type { Route } from "../domain/route.ts";
import { Link } from "./Link.tsx";

export function BackTo({ to, label }: { readonly to: Route; readonly label: string }): ReactNode {
  return (
    <Link to={to} className="-ml-1 inline-flex min-h-11 items-center gap-1.5 self-start rounded-control px-1 text-soft hover:text-ink">
      <ArrowLeft aria-hidden className="size-5" />
      {label}
    </Link>
  );
}
