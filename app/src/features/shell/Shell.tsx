/** @file The frame around every screen: where one can go, and whether the connection stands. */
import { DoorOpen, LayoutGrid, Settings2, Users } from "lucide-react";
import type { ReactNode } from "react";
import type { Route } from "../../domain/route.ts";
import { Link } from "../../navigation/Link.tsx";
import { text } from "../../text/index.ts";
import { ConnectionBanner } from "./ConnectionBanner.tsx";
import { Mark } from "./Mark.tsx";
import { ShortcutKey } from "./ShortcutKey.tsx";

const PLACES = [
  { to: { kind: "home" }, label: text.nav.home, Icon: LayoutGrid },
  { to: { kind: "rooms" }, label: text.nav.rooms, Icon: DoorOpen },
  { to: { kind: "people" }, label: text.nav.people, Icon: Users },
  { to: { kind: "settings" }, label: text.nav.settings, Icon: Settings2 },
] as const satisfies readonly { readonly to: Route; readonly label: string; readonly Icon: unknown }[];

function isPlace(route: Route, kind: Route["kind"]): boolean {
  const isOfPeople = route.kind === "person" || route.kind === "invite" || route.kind === "pair-hub";
  return route.kind === kind || (kind === "people" && isOfPeople) || (kind === "settings" && route.kind === "kit") || (kind === "rooms" && route.kind === "set-up-camera") || (kind === "home" && route.kind === "camera");
}

export function Shell({ route, children }: { readonly route: Route; readonly children: ReactNode }): ReactNode {
  // On a phone the camera page has the timeline where the bar would be; its back button leads home.
  const hasBar = route.kind !== "camera";
  return (
    <>
      <a href="#main" className="sr-only z-50 rounded-control bg-accent p-3 text-on-accent focus:not-sr-only focus:absolute focus:top-2 focus:left-2">
        {text.common.skipToContent}
      </a>
      <header className={`no-print sticky top-0 z-30 hidden h-16 items-center gap-6 border-b border-line bg-paper px-5 ${hasBar ? "sm:flex" : "lg:flex"}`}>
        <Mark />
        <nav aria-label={text.nav.label} className="ml-auto flex gap-1">
          {PLACES.map(({ to, label, Icon }) => (
            <Link
              key={to.kind}
              to={to}
              aria-current={isPlace(route, to.kind) ? "page" : undefined}
              className="inline-flex min-h-11 items-center gap-2 rounded-control px-4 font-semibold hover:bg-sunken aria-[current]:bg-accent-wash"
            >
              <Icon aria-hidden className="size-5" />
              {label}
            </Link>
          ))}
        </nav>
      </header>
      <ConnectionBanner />
      <ShortcutKey />
      <main id="main" tabIndex={-1} className={`flex flex-1 flex-col focus-visible:outline-none ${hasBar ? "pb-[calc(4rem+env(safe-area-inset-bottom))] sm:pb-0 print:pb-0" : ""}`}>
        {children}
      </main>
      {hasBar && (
        <nav aria-label={text.nav.label} className="no-print fixed inset-x-0 bottom-0 z-30 grid grid-cols-4 border-t border-line bg-paper pb-[env(safe-area-inset-bottom)] sm:hidden">
          {PLACES.map(({ to, label, Icon }) => (
            <Link
              key={to.kind}
              to={to}
              aria-current={isPlace(route, to.kind) ? "page" : undefined}
              className="flex min-h-16 flex-col items-center justify-center gap-0.5 text-sm font-semibold text-soft focus-visible:-outline-offset-4 aria-[current]:text-accent"
            >
              <Icon aria-hidden className="size-6" />
              {label}
            </Link>
          ))}
        </nav>
      )}
    </>
  );
}

/** Before one is in: the name of the house, and nothing to press but what is asked. */
export function Porch({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <>
      <header className="no-print flex items-center px-5 pt-5">
        <Mark />
      </header>
      <ConnectionBanner />
      <main className="flex flex-1 flex-col">{children}</main>
    </>
  );
}
