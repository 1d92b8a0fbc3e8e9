/**
 * @file Stands in for `react-remove-scroll` below Radix dialogs and menus (see vite.config.ts).
 *
 * The original adds <style> elements, which our content security policy forbids. Here an open dialog only marks the
 * document, and the style sheet stops it from scrolling.
 */
import { useLayoutEffect, type ReactNode } from "react";

let lockCount = 0;

function useScrollLock(isEnabled: boolean): void {
  useLayoutEffect(() => {
    if (!isEnabled) return undefined;
    const { documentElement } = document;
    // The place of the scroll bar stays free, so that nothing jumps.
    if (lockCount === 0) documentElement.style.setProperty("--scrollbar", `${window.innerWidth - documentElement.clientWidth}px`);
    lockCount += 1;
    documentElement.setAttribute("data-scroll-locked", "");
    return () => {
      lockCount -= 1;
      if (lockCount === 0) documentElement.removeAttribute("data-scroll-locked");
    };
  }, [isEnabled]);
}

interface RemoveScrollProps {
  readonly enabled?: boolean;
  readonly children?: ReactNode;
}

/** Takes everything that the original takes and needs none of it: Radix passes an element that does the rest. */
export function RemoveScroll({ enabled = true, children }: RemoveScrollProps): ReactNode {
  useScrollLock(enabled);
  return children;
}
