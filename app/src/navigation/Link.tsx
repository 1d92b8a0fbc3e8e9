/** @file A link to another screen: a real address, opened without loading the app anew. */
import type { ComponentProps, ReactNode } from "react";
import { routePath, type Route } from "../domain/route.ts";
import { navigate } from "./location.ts";

export interface LinkProps extends Omit<ComponentProps<"a">, "href"> {
  readonly to: Route;
}

export function Link({ to, onClick, ...rest }: LinkProps): ReactNode {
  return (
    <a
      {...rest}
      href={routePath(to)}
      onClick={(event) => {
        onClick?.(event);
        if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        navigate(to);
      }}
    />
  );
}
