/**
 * @file Stands in for `react-remove-scroll` below Radix dialogs and menus (see vite.config.ts).
 *
 * The original adds <style> elements, which our content security policy forbids. Here an open dialog only marks the
 * document, and the style sheet stops it from scrolling.
 */
import { Slot } from "radix-ui";
import { useLayoutEffect, type ComponentProps, type ElementType, type ReactNode } from "react";

let lockCount = 0;

function useScrollLock(isEnabled: boolean): void {
  useLayoutEffect(() => {
    if (!isEnabled) return undefined;
    lockCount += 1;
    document.documentElement.setAttribute("data-scroll-locked", "");
    return () => {
      lockCount -= 1;
      if (lockCount === 0) document.documentElement.removeAttribute("data-scroll-locked");
    };
  }, [isEnabled]);
}

interface RemoveScrollProps {
  readonly as?: ElementType;
  readonly enabled?: boolean;
  readonly children?: ReactNode;
  // What the original takes and this one has no use for.
  readonly allowPinchZoom?: boolean;
  readonly shards?: readonly unknown[];
  readonly removeScrollBar?: boolean;
  readonly noIsolation?: boolean;
  readonly inert?: boolean;
}

export function RemoveScroll(props: RemoveScrollProps & ComponentProps<"div">): ReactNode {
  const { as: _as, enabled = true, allowPinchZoom: _pinch, shards: _shards, removeScrollBar: _bar, noIsolation: _isolation, inert: _inert, ...rest } = props;
  useScrollLock(enabled);
  return <Slot.Root {...rest} />;
}
