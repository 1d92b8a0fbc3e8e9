/** @file The frame around every screen: where one can go, and whether the connection stands. */
import { Bell, DoorOpen, LayoutGrid, Settings2, Users, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import type { Route } from "../../domain/route.ts";
import { useSnapshot } from "../../model/HomeContext.tsx";
import { Link } from "../../navigation/Link.tsx";
import { text } from "../../text/index.ts";
import { ConnectionBanner } from "./ConnectionBanner.tsx";
import { Mark } from "./Mark.tsx";
import { ShortcutKey } from "./ShortcutKey.tsx";

const PLACES = [
  { to: { kind: "home" }, label: text.nav.home, Icon: LayoutGrid },
  { to: { kind: "rooms" }, label: text.nav.rooms, Icon: DoorOpen },
  { to: { kind: "people" }, label: text.nav.people, Icon: Users },
  { to: { kind: "activity" }, label: text.nav.activity, Icon: Bell },
  { to: { kind: "settings" }, label: text.nav.settings, Icon: Settings2 },
] as const satisfies readonly { readonly to: Route; readonly label: string; readonly Icon: unknown }[];

function isPlace(route: Route, kind: Route["kind"]): boolean {
  const isOfPeople = route.kind === "person" || route.kind === "invite" || route.kind === "pair-hub";
  return route.kind === kind || (kind === "people" && isOfPeople) || (kind === "settings" && (route.kind === "kit" || route.kind === "security" || route.kind === "devices")) || (kind === "rooms" && route.kind === "set-up-camera") || (kind === "home" && route.kind === "camera");
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
              <PlaceIcon Icon={Icon} kind={to.kind} className="size-5" />
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
        <nav aria-label={text.nav.label} className="no-print fixed inset-x-0 bottom-0 z-30 grid grid-cols-5 border-t border-line bg-paper pb-[env(safe-area-inset-bottom)] sm:hidden">
          {PLACES.map(({ to, label, Icon }) => (
            <Link
              key={to.kind}
              to={to}
              aria-current={isPlace(route, to.kind) ? "page" : undefined}
              className="flex min-h-16 flex-col items-center justify-center gap-0.5 text-sm font-semibold text-soft focus-visible:-outline-offset-4 aria-[current]:text-accent"
            >
              <PlaceIcon Icon={Icon} kind={to.kind} className="size-6" />
              {label}
            </Link>
          ))}
        </nav>
      )}
    </>
  );
}

/** With the number of notices that were not read on this device. */
function PlaceIcon({ Icon, kind, className }: { readonly Icon: LucideIcon; readonly kind: Route["kind"]; readonly className: string }): ReactNode {
  const { unseenNotices } = useSnapshot().account;
  const isNew = kind === "activity" && unseenNotices > 0;
  return (
    <span className="relative">
      <Icon aria-hidden className={className} />
      {isNew && (
        <span className="absolute -top-2.5 right-1/2 min-w-5 rounded-full bg-danger px-1 text-center text-xs leading-5 font-bold text-on-danger tabular-nums">
          <span className="sr-only">{text.activity.unread(unseenNotices)}</span>
          <span aria-hidden>{unseenNotices > 99 ? "99+" : unseenNotices}</span>
        </span>
      )}
    </span>
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
