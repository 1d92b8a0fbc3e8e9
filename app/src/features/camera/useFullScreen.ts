/** @file Full screen of one element, where the browser has it. */
import { useCallback, useEffect, useState, type RefObject } from "react";

export function useFullScreen(element: RefObject<HTMLElement | null>): readonly [boolean, () => void] {
  const [isFull, setFull] = useState(false);
  useEffect(() => {
    const changed = () => setFull(document.fullscreenElement !== null && document.fullscreenElement === element.current);
    document.addEventListener("fullscreenchange", changed);
    return () => document.removeEventListener("fullscreenchange", changed);
  }, [element]);
  const toggle = useCallback(() => {
    // A refusal (no permission, no support) leaves everything as it was.
    const refused = () => undefined;
    if (document.fullscreenElement === null) element.current?.requestFullscreen().catch(refused);
    else document.exitFullscreen().catch(refused);
  }, [element]);
  return [isFull, toggle];
}
