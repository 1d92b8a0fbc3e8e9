/** @file The app: which door one stands before, and behind the last one, which screen is asked for. */
import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from "react";
import type { Access, DeviceId, HomeModel } from "./domain/home.ts";
import type { Route } from "./domain/route.ts";
import { Home } from "./features/home/Home.tsx";
import { CrashScreen } from "./features/shell/CrashScreen.tsx";
import { Porch, Shell } from "./features/shell/Shell.tsx";
import { HomeProvider, useHome, useHousehold, useSnapshot } from "./model/HomeContext.tsx";
import { Link } from "./navigation/Link.tsx";
import { navigate, useRoute } from "./navigation/location.ts";
import { text } from "./text/index.ts";
import { Button, buttonClass } from "./ui/Button.tsx";
import { Column, Step } from "./ui/Page.tsx";
import { Skeleton } from "./ui/Progress.tsx";
import { ToastProvider, useToast } from "./ui/Toast.tsx";

// What is not on the first screen comes when it is asked for; the camera page already while Home is looked at.
const CameraPage = lazy(async () => ({ default: (await import("./features/camera/CameraPage.tsx")).CameraPage }));
const Claim = lazy(async () => ({ default: (await import("./features/first-run/Claim.tsx")).Claim }));
const RecoveryKit = lazy(async () => ({ default: (await import("./features/first-run/RecoveryKit.tsx")).RecoveryKit }));
const SignIn = lazy(async () => ({ default: (await import("./features/sign-in/SignIn.tsx")).SignIn }));
const NewPassword = lazy(async () => ({ default: (await import("./features/sign-in/NewPassword.tsx")).NewPassword }));
const SecondStep = lazy(async () => ({ default: (await import("./features/sign-in/SecondStep.tsx")).SecondStep }));
const Unlock = lazy(async () => ({ default: (await import("./features/sign-in/Unlock.tsx")).Unlock }));
const RecoveryWaits = lazy(async () => ({ default: (await import("./features/sign-in/Unlock.tsx")).RecoveryWaits }));
const FreshProof = lazy(async () => ({ default: (await import("./features/sign-in/FreshProof.tsx")).FreshProof }));
const PasskeyOffer = lazy(async () => ({ default: (await import("./features/first-run/PasskeyOffer.tsx")).PasskeyOffer }));
const Approval = lazy(async () => ({ default: (await import("./features/security/Approval.tsx")).Approval }));
const Security = lazy(async () => ({ default: (await import("./features/security/Security.tsx")).Security }));
const Devices = lazy(async () => ({ default: (await import("./features/devices/Devices.tsx")).Devices }));
const Activity = lazy(async () => ({ default: (await import("./features/activity/Activity.tsx")).Activity }));
const AddCamera = lazy(async () => ({ default: (await import("./features/add-camera/AddCamera.tsx")).AddCamera }));
const People = lazy(async () => ({ default: (await import("./features/people/People.tsx")).People }));
const Person = lazy(async () => ({ default: (await import("./features/people/Person.tsx")).Person }));
const Invite = lazy(async () => ({ default: (await import("./features/people/Invite.tsx")).Invite }));
const PairHub = lazy(async () => ({ default: (await import("./features/people/PairHub.tsx")).PairHub }));
const Join = lazy(async () => ({ default: (await import("./features/join/Join.tsx")).Join }));
const WaitingToBeLetIn = lazy(async () => ({ default: (await import("./features/join/Waiting.tsx")).Waiting }));
const Rooms = lazy(async () => ({ default: (await import("./features/rooms/Rooms.tsx")).Rooms }));
const Room = lazy(async () => ({ default: (await import("./features/rooms/Room.tsx")).Room }));
const Settings = lazy(async () => ({ default: (await import("./features/settings/Settings.tsx")).Settings }));

const CAMERA_AHEAD_MS = 1500;

export interface AppProps {
  readonly model: HomeModel;
  /** From the address that the console printed. */
  readonly claimCode: string | null;
  /** From the link of an invitation. */
  readonly invitation?: string | null;
}

export function App({ model, claimCode, invitation = null }: AppProps): ReactNode {
  return (
    <CrashScreen>
      <HomeProvider model={model}>
        <ToastProvider labels={{ region: text.common.notifications, dismiss: text.common.dismiss }}>
          <Doors claimCode={claimCode} invitation={invitation} />
          <Questions />
        </ToastProvider>
      </HomeProvider>
    </CrashScreen>
  );
}

/** What is asked over whatever screen there is. */
function Questions(): ReactNode {
  const { access, stepUp } = useSnapshot();
  return (
    <Suspense fallback={null}>
      {access.kind === "in" && <Approval />}
      {stepUp !== null && <FreshProof />}
    </Suspense>
  );
}

interface DoorsProps {
  readonly claimCode: string | null;
  readonly invitation: string | null;
}

function Doors({ claimCode, invitation }: DoorsProps): ReactNode {
  const { access } = useSnapshot();
  const say = useToast();
  const route = useRoute();
  const [linkText, setLinkText] = useState(invitation);
  const secondHub = useSecondHub(access, claimCode);
  switch (access.kind) {
    case "starting":
      return (
        <Porch>
          <Waiting label={text.starting.title} />
        </Porch>
      );
    case "unreachable":
      return <Unreachable />;
    case "unclaimed":
      return (
        <Door>
          <Claim initialCode={claimCode} />
        </Door>
      );
    case "signed-out":
      return (
        <Door>{linkText !== null && access.reason !== "put-out" && access.reason !== "not-let-in" ? <Join linkText={linkText} onLeave={() => setLinkText(null)} /> : <SignIn reason={access.reason} cause={access.problem ?? null} />}</Door>
      );
    case "waiting":
      return (
        <Door>
          <WaitingToBeLetIn memberName={access.memberName} />
        </Door>
      );
    case "second-step":
      return (
        <Door>
          <SecondStep step={access} />
        </Door>
      );
    case "recovery-waits":
      return (
        <Door>
          <RecoveryWaits untilUs={access.untilUs} />
        </Door>
      );
    case "needs-unlock":
      return (
        <Door>
          <Unlock />
        </Door>
      );
    case "passkey-offered":
      return (
        <Door>
          <PasskeyOffer />
        </Door>
      );
    case "needs-password":
      return (
        <Door>
          <NewPassword memberName={access.memberName} />
        </Door>
      );
    case "needs-kit":
      return (
        <Door>
          <RecoveryKit memberName={access.memberName} isFirst onDone={() => say({ message: text.firstRun.welcome })} />
        </Door>
      );
    case "in":
      return (
        <Shell route={route}>
          <Suspense fallback={<Waiting label={text.common.loading} />}>
            <Screen route={route} secondHub={secondHub} />
          </Suspense>
        </Shell>
      );
  }
}

function Door({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <Porch>
      <Suspense fallback={<Waiting label={text.common.loading} />}>{children}</Suspense>
    </Porch>
  );
}

/** The code of a hub that was opened by somebody whose home stands already: it is another hub of theirs. */
function useSecondHub(access: Access, claimCode: string | null): string | null {
  const wasUnclaimed = useRef(false);
  const isShown = useRef(false);
  const isOwner = access.kind === "in" && access.household.role === "owner";
  useEffect(() => {
    if (access.kind === "unclaimed") wasUnclaimed.current = true;
    if (claimCode === null || wasUnclaimed.current || isShown.current || !isOwner) return;
    isShown.current = true;
    navigate({ kind: "pair-hub" });
  }, [access.kind, claimCode, isOwner]);
  return claimCode;
}

interface ScreenProps {
  readonly route: Route;
  readonly secondHub: string | null;
}

function Screen({ route, secondHub }: ScreenProps): ReactNode {
  useCameraAhead();
  useTitle(route);
  switch (route.kind) {
    case "home":
      return <Home />;
    case "camera":
      return <CameraScreen route={route} />;
    case "add-camera":
      return <AddCamera />;
    case "set-up-camera":
      return <SetUpScreen deviceId={route.deviceId} />;
    case "rooms":
      return <Rooms />;
    case "room":
      return <Room key={route.roomId} id={route.roomId} fallback={<NotFound />} />;
    case "people":
      return <People />;
    case "person":
      return <Person key={route.memberId} id={route.memberId} fallback={<NotFound />} />;
    case "invite":
      return <Invite />;
    case "pair-hub":
      return <PairHub initialCode={secondHub} />;
    case "activity":
      return <Activity />;
    case "settings":
      return <Settings />;
    case "security":
      return <Security />;
    case "devices":
      return <Devices />;
    case "kit":
      return <NewKit />;
    case "unknown":
      return <NotFound />;
  }
}

function useTitle(route: Route): void {
  const { cameras, rooms } = useHousehold();
  const title = {
    home: text.nav.home,
    camera: route.kind === "camera" ? (cameras.find(({ id }) => id === route.deviceId)?.name ?? text.nav.home) : text.nav.home,
    "add-camera": text.home.add,
    "set-up-camera": text.nav.rooms,
    rooms: text.nav.rooms,
    room: route.kind === "room" ? (rooms.find(({ id }) => id === route.roomId)?.name ?? text.nav.rooms) : text.nav.rooms,
    people: text.nav.people,
    person: text.nav.people,
    invite: text.people.inviteTitle,
    "pair-hub": text.people.pairTitle,
    settings: text.nav.settings,
    activity: text.nav.activity,
    security: text.security.title,
    devices: text.devices.title,
    kit: text.security.kit,
    unknown: text.notFound.title,
  }[route.kind];
  useEffect(() => {
    document.title = `${title} · ${text.app.name}`;
    return () => {
      // A camera's name does not stay in the tab of somebody who is signed out.
      document.title = text.app.name;
    };
  }, [title]);
}

/** The next thing that most people press. */
function useCameraAhead(): void {
  useEffect(() => {
    const timer = setTimeout(() => void import("./features/camera/CameraPage.tsx").catch(() => undefined), CAMERA_AHEAD_MS);
    return () => clearTimeout(timer);
  }, []);
}

function CameraScreen({ route }: { readonly route: Extract<Route, { readonly kind: "camera" }> }): ReactNode {
  const household = useHousehold();
  const camera = household.cameras.find(({ id }) => id === route.deviceId);
  if (camera !== undefined) return <CameraPage key={camera.id} camera={camera} startAtUs={route.atUs} />;
  return household.isLoading ? <Waiting label={text.common.loading} /> : <NotFound />;
}

function SetUpScreen({ deviceId }: { readonly deviceId: DeviceId }): ReactNode {
  const household = useHousehold();
  const camera = household.cameras.find(({ id }) => id === deviceId);
  if (camera !== undefined) return <AddCamera key={camera.id} camera={camera} />;
  return household.isLoading ? <Waiting label={text.common.loading} /> : <NotFound />;
}

function NewKit(): ReactNode {
  const household = useHousehold();
  const say = useToast();
  const back = () => navigate({ kind: "security" });
  return (
    <RecoveryKit
      memberName={household.memberName}
      isFirst={false}
      onBack={back}
      onDone={() => {
        say({ message: text.kit.kept });
        back();
      }}
    />
  );
}

function NotFound(): ReactNode {
  return (
    <Step title={text.notFound.title} lead={text.notFound.lead}>
      <Link to={{ kind: "home" }} className={buttonClass("primary")}>
        {text.notFound.home}
      </Link>
    </Step>
  );
}

/** Instead of everything else, in a browser that cannot do it. */
export function Unsupported(): ReactNode {
  const { what, next } = text.problems["unsupported-browser"];
  return (
    <main className="flex flex-1 flex-col">
      <Step title={what} lead={next}>
        {null}
      </Step>
    </main>
  );
}

function Unreachable(): ReactNode {
  const model = useHome();
  return (
    <Porch>
      <Step title={text.starting.unreachableTitle} lead={text.starting.unreachableLead}>
        <Button tone="primary" onClick={() => model.reconnect()}>
          {text.common.tryAgain}
        </Button>
      </Step>
    </Porch>
  );
}

function Waiting({ label }: { readonly label: string }): ReactNode {
  return (
    <div role="status" aria-label={label}>
      <Column>
        <Skeleton className="h-9 w-2/3" />
        <Skeleton className="h-28" />
        <Skeleton className="h-28" />
      </Column>
    </div>
  );
}
