/** @file "?" anywhere shows the list of keys. The list itself comes when it is asked for. */
import { lazy, Suspense, useEffect, useState, type ReactNode } from "react";

const ShortcutList = lazy(async () => ({ default: (await import("./Shortcuts.tsx")).ShortcutList }));

/** Whether the key was typed into something. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}

/** Opens the list when "?" is pressed anywhere that is not a field. */
export function ShortcutKey(): ReactNode {
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key !== "?" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      event.preventDefault();
      setOpen(true);
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
  if (!isOpen) return null;
  return (
    <Suspense fallback={null}>
      <ShortcutList onClose={() => setOpen(false)} />
    </Suspense>
  );
}
