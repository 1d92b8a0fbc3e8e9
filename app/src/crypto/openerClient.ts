/** @file The opener as seen from the main thread: the same interface, answered by a worker. */
import type { Opener } from "./opener";
import { caller, type Port } from "./remote";

/** Everything handed to `openChunks`, `openWhole` and `liveFrame` is moved into the worker. */
export function openerIn(worker: Port): Opener {
  const call = caller(worker);
  return {
    setHousehold: (...args) => call("setHousehold", args) as ReturnType<Opener["setHousehold"]>,
    readChain: (...args) => call("readChain", args) as ReturnType<Opener["readChain"]>,
    openPart: (...args) => call("openPart", args) as ReturnType<Opener["openPart"]>,
    openChunks: (...args) => call("openChunks", args, [args[2]]) as ReturnType<Opener["openChunks"]>,
    closePart: (...args) => call("closePart", args) as ReturnType<Opener["closePart"]>,
    openWhole: (...args) => call("openWhole", args, [args[3]]) as ReturnType<Opener["openWhole"]>,
    openNames: (...args) => call("openNames", args) as ReturnType<Opener["openNames"]>,
    liveStart: (...args) => call("liveStart", args) as ReturnType<Opener["liveStart"]>,
    liveKey: (...args) => call("liveKey", args) as ReturnType<Opener["liveKey"]>,
    liveFrame: (...args) => call("liveFrame", args, [args[1]]) as ReturnType<Opener["liveFrame"]>,
    liveEnd: (...args) => call("liveEnd", args) as ReturnType<Opener["liveEnd"]>,
  };
}
