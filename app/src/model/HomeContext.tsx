/** @file Hands the `HomeModel` to the screens, and the few hooks through which they use it. */
import { createContext, use, useCallback, useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from "react";
import type { HomeModel, HomeSnapshot, HouseholdView, Outcome, Problem, TimeUs } from "../domain/home.ts";

const HomeContext = createContext<HomeModel | null>(null);

export function HomeProvider({ model, children }: { readonly model: HomeModel; readonly children: ReactNode }): ReactNode {
  return <HomeContext value={model}>{children}</HomeContext>;
}

export function useHome(): HomeModel {
  const model = use(HomeContext);
  if (model === null) throw new Error("a screen stands outside HomeProvider");
  return model;
}

export function useSnapshot(): HomeSnapshot {
  const model = useHome();
  return useSyncExternalStore(
    useCallback((listener) => model.subscribe(listener), [model]),
    useCallback(() => model.snapshot(), [model]),
  );
}

/** The household, for screens that are shown only to somebody who is in. */
export function useHousehold(): HouseholdView {
  const { access } = useSnapshot();
  if (access.kind !== "in") throw new Error("this screen is for members who are signed in");
  return access.household;
}

/** The time, again every so many milliseconds. */
export function useNow(everyMs: number): TimeUs {
  const model = useHome();
  const [nowUs, setNow] = useState(() => model.nowUs());
  useEffect(() => {
    const timer = setInterval(() => setNow(model.nowUs()), everyMs);
    return () => clearInterval(timer);
  }, [model, everyMs]);
  return nowUs;
}

export interface Action<Args extends unknown[], T> {
  readonly isBusy: boolean;
  readonly problem: Problem | null;
  /** Resolves to the value, or to undefined when there was a problem (which is then shown). */
  readonly start: (...args: Args) => Promise<{ readonly value: T } | undefined>;
  readonly clear: () => void;
}

/** One thing a person can set off: knows whether it is under way and what went wrong. A second start waits for nobody. */
export function useAction<Args extends unknown[], T>(run: (...args: Args) => Promise<Outcome<T>>): Action<Args, T> {
  const [state, setState] = useState<{ readonly isBusy: boolean; readonly problem: Problem | null }>({ isBusy: false, problem: null });
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  const running = useRef(false);
  const start = useCallback(async (...args: Args) => {
    if (running.current) return undefined;
    running.current = true;
    setState({ isBusy: true, problem: null });
    const outcome = await settle(latest.current(...args));
    running.current = false;
    setState({ isBusy: false, problem: outcome.ok || outcome.problem.code === "cancelled" ? null : outcome.problem });
    return outcome.ok ? { value: outcome.value } : undefined;
  }, []);
  const clear = useCallback(() => setState((before) => ({ ...before, problem: null })), []);
  return { ...state, start, clear };
}

/** A rejected promise is a bug, and a bug is a problem too: the person sees something rather than nothing. */
export async function settle<T>(promise: Promise<Outcome<T>>): Promise<Outcome<T>> {
  try {
    return await promise;
  } catch (error) {
    return { ok: false, problem: { code: "unexpected", detail: error instanceof Error ? error.name : "unknown" } };
  }
}

export type Loaded<T> = { readonly kind: "loading" } | { readonly kind: "ready"; readonly value: T } | { readonly kind: "failed"; readonly problem: Problem };

/** Loads something for a screen, again when `key` changes or `reload` is called. */
export function useLoaded<T>(load: () => Promise<Outcome<T>>, key: string): readonly [Loaded<T>, () => void] {
  const [state, setState] = useState<{ readonly key: string; readonly loaded: Loaded<T> }>({ key, loaded: { kind: "loading" } });
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  useEffect(() => {
    latest.current = load;
  });
  useEffect(() => {
    let isCurrent = true;
    void settle(latest.current()).then((outcome) => {
      if (!isCurrent) return;
      setState({ key, loaded: outcome.ok ? { kind: "ready", value: outcome.value } : { kind: "failed", problem: outcome.problem } });
    });
    return () => {
      isCurrent = false;
    };
  }, [key, round]);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  return [state.key === key ? state.loaded : { kind: "loading" }, reload];
}
