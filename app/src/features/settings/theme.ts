/** @file Light, dark, or as the device: a choice of this device alone, kept in its local storage. */
import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";
const KEY = "eaves-theme";
const listeners = new Set<() => void>();
const darkDevice = window.matchMedia("(prefers-color-scheme: dark)");

export function storedTheme(): Theme {
  try {
    const stored = localStorage.getItem(KEY);
    return stored === "light" || stored === "dark" ? stored : "system";
  } catch {
    // Storage switched off: then the device decides.
    return "system";
  }
}

function apply(): void {
  const theme = storedTheme();
  document.documentElement.dataset.theme = theme === "dark" || (theme === "system" && darkDevice.matches) ? "dark" : "light";
}

export function startTheme(): void {
  apply();
  darkDevice.addEventListener("change", apply);
}

export function chooseTheme(theme: Theme): void {
  try {
    if (theme === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // Nothing to keep it in: it holds until the app is closed.
  }
  apply();
  for (const listener of listeners) listener();
}

export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, storedTheme);
}
