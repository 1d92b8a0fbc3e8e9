/** @file OPAQUE as seen from the main thread. */
import type * as opaque from "./opaque";
import { caller, type Port } from "./remote";

export type Opaque = Pick<typeof opaque, "startRegistration" | "finishRegistration" | "startLogin" | "finishLogin">;

export function opaqueIn(worker: Port): Opaque {
  const call = caller(worker);
  return {
    startRegistration: (...args) => call("startRegistration", args) as ReturnType<Opaque["startRegistration"]>,
    finishRegistration: (...args) => call("finishRegistration", args) as ReturnType<Opaque["finishRegistration"]>,
    startLogin: (...args) => call("startLogin", args) as ReturnType<Opaque["startLogin"]>,
    finishLogin: (...args) => call("finishLogin", args) as ReturnType<Opaque["finishLogin"]>,
  };
}
