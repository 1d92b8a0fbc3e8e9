/** @file Adding a camera, or setting one up again, as a conversation: where is it, how does one get in, is this the one, what is it called. */
import { Check, LoaderCircle } from "lucide-react";
import { useEffect, useRef, useState, type ReactNode } from "react";
import type { CameraView, Problem, ProblemCode, ProbeResult, ProbeStep } from "../../domain/home.ts";
import { settle, useHome } from "../../model/HomeContext.tsx";
import { navigate } from "../../navigation/location.ts";
import { text } from "../../text/index.ts";
import { Button } from "../../ui/Button.tsx";
import { PasswordField, TextField } from "../../ui/Field.tsx";
import { Step } from "../../ui/Page.tsx";
import { ProblemNotice } from "../../model/ProblemNotice.tsx";
import { Found } from "./Found.tsx";
import { DemoPlace, NameAndRoom } from "./NameAndRoom.tsx";
import { SoundAgain } from "./Sound.tsx";

type At =
  | { readonly kind: "address" }
  | { readonly kind: "password" }
  | { readonly kind: "probing" }
  | { readonly kind: "failed"; readonly problem: Problem }
  | { readonly kind: "found"; readonly found: ProbeResult }
  | { readonly kind: "name"; readonly found: ProbeResult }
  | { readonly kind: "demo" };

/** Problems that another password may solve. */
const PASSWORD_PROBLEMS: readonly ProblemCode[] = ["camera-wrong-password", "camera-password-needed"];
/** Problems that another address may solve. */
const ADDRESS_PROBLEMS: readonly ProblemCode[] = ["camera-address-invalid", "camera-address-forbidden", "camera-name-not-found", "camera-not-rtsp", "camera-path-missing"];

export interface AddCameraProps {
  /** The camera that gets other settings; without one, a camera is added. */
  readonly camera?: CameraView;
}

export function AddCamera({ camera }: AddCameraProps): ReactNode {
  const model = useHome();
  const words = text.addCamera;
  const [at, setAt] = useState<At>({ kind: "address" });
  const [address, setAddress] = useState("");
  const [userName, setUserName] = useState("");
  const [password, setPassword] = useState("");
  const [error, setError] = useState<string>();
  const [step, setStep] = useState<ProbeStep>("looking-up");
  const abort = useRef<AbortController>(null);
  useEffect(() => () => abort.current?.abort(), []);

  const probe = async () => {
    const controller = new AbortController();
    abort.current = controller;
    setStep("looking-up");
    setAt({ kind: "probing" });
    const outcome = await settle(model.probeCamera({ address: address.trim(), userName, password }, setStep, controller.signal));
    if (controller.signal.aborted) return;
    setAt(outcome.ok ? { kind: "found", found: outcome.value } : { kind: "failed", problem: outcome.problem });
  };

  switch (at.kind) {
    case "address":
      return (
        <Step key="address" title={camera === undefined ? words.addressTitle : words.again(camera.name)} lead={camera === undefined ? words.addressLead : words.againLead} where={text.common.step(1, 4)} back={{ label: text.common.back, run: () => navigate({ kind: camera === undefined ? "home" : "rooms" }) }}>
          <form
            className="flex flex-col gap-5"
            noValidate
            onSubmit={(event) => {
              event.preventDefault();
              if (address.trim() === "") setError(words.addressEmpty);
              else setAt({ kind: "password" });
            }}
          >
            <TextField
              label={words.addressLabel}
              value={address}
              onValue={(typed) => { setError(undefined); setAddress(typed); }}
              help={words.addressHelp}
              error={error}
              inputMode="url"
              autoCapitalize="none"
              autoCorrect="off"
              autoComplete="off"
              spellCheck={false}
              autoFocus
            />
            <Button tone="primary" type="submit">
              {text.common.next}
            </Button>
            <Button tone="quiet" onClick={() => setAt({ kind: "demo" })}>
              {camera === undefined ? words.demo : words.isDemo}
            </Button>
          </form>
        </Step>
      );
    case "password":
      return (
        <Step key="password" title={words.passwordTitle} lead={words.passwordLead} where={text.common.step(2, 4)} back={{ label: text.common.back, run: () => setAt({ kind: "address" }) }}>
          <form
            className="flex flex-col gap-5"
            onSubmit={(event) => {
              event.preventDefault();
              void probe();
            }}
          >
            <TextField label={words.userLabel} value={userName} onValue={setUserName} autoCapitalize="none" autoCorrect="off" autoComplete="off" spellCheck={false} autoFocus />
            <PasswordField
              label={words.passwordLabel}
              value={password}
              onValue={setPassword}
              help={words.passwordHelp}
              autoComplete="off"
              showLabel={text.common.showPassword}
              hideLabel={text.common.hidePassword}
            />
            <Button tone="primary" type="submit">
              {words.find}
            </Button>
          </form>
        </Step>
      );
    case "probing":
      return (
        <Step key="probing" title={words.probingTitle}>
          <ProbeSteps at={step} />
          <Button
            onClick={() => {
              abort.current?.abort();
              setAt({ kind: "password" });
            }}
          >
            {text.common.cancel}
          </Button>
        </Step>
      );
    case "failed": {
      const ways = ["again", "password", "address"] as const;
      const helps = PASSWORD_PROBLEMS.includes(at.problem.code) ? "password" : ADDRESS_PROBLEMS.includes(at.problem.code) ? "address" : "again";
      return (
        <Step key="failed" title={words.failedTitle}>
          <ProblemNotice problem={at.problem} />
          {/* What helps most stands first. */}
          <div className="flex flex-col gap-3">
            {[helps, ...ways.filter((way) => way !== helps)].map((way) => (
              <Button key={way} tone={way === helps ? "primary" : "plain"} onClick={() => (way === "again" ? void probe() : setAt(way === "password" ? { kind: "password" } : { kind: "address" }))}>
                {{ password: words.changePassword, address: words.changeAddress, again: text.common.tryAgain }[way]}
              </Button>
            ))}
          </div>
        </Step>
      );
    }
    case "found":
      return <Found found={at.found} onYes={() => setAt({ kind: "name", found: at.found })} onNo={() => setAt({ kind: "address" })} />;
    case "name":
      return camera === undefined ? (
        <NameAndRoom found={at.found} onBack={() => setAt({ kind: "found", found: at.found })} />
      ) : (
        <SoundAgain camera={camera} found={at.found} onBack={() => setAt({ kind: "found", found: at.found })} />
      );
    case "demo":
      return camera !== undefined ? (
        <SoundAgain camera={camera} found={null} onBack={() => setAt({ kind: "address" })} />
      ) : (
        <DemoPlace onBack={() => setAt({ kind: "address" })} />
      );
  }
}

const STEPS: readonly ProbeStep[] = ["looking-up", "connecting", "signing-in", "describing", "waiting-for-picture"];

function ProbeSteps({ at }: { readonly at: ProbeStep }): ReactNode {
  const now = STEPS.indexOf(at);
  return (
    <>
      <p role="status" className="sr-only">
        {text.addCamera.steps[at]}
      </p>
      <ol className="flex flex-col gap-1">
        {STEPS.map((step, index) => (
          <li key={step} aria-current={index === now ? "step" : undefined} className={`flex min-h-11 items-center gap-3 ${index > now ? "text-soft opacity-70" : "font-medium"}`}>
            <span className="grid size-6 shrink-0 place-items-center">
              {index < now && <Check aria-hidden className="size-5 text-accent" />}
              {index === now && <LoaderCircle aria-hidden className="size-5 animate-spin" />}
              {index > now && <span aria-hidden className="size-2 rounded-full bg-edge" />}
            </span>
            {text.addCamera.steps[step]}
          </li>
        ))}
      </ol>
    </>
  );
}
