/** @file The opener through a channel, as the app uses it: same answers, in order, and bugs told apart from refusals. */
import { expect, test } from "vitest";
import { random } from "./bytes";
import { LocalOpener } from "./opener";
import { openerIn } from "./openerClient";
import { caller, serve, type Port } from "./remote";

function channel(target: object): Port {
  const { port1, port2 } = new MessageChannel();
  serve(port1, target);
  port1.start();
  port2.start();
  return port2;
}

test("an answer comes back to the call that asked for it", async () => {
  const target = { slow: (n: number) => new Promise((resolve) => setTimeout(() => resolve(n), 20 - n)) };
  const call = caller(channel(target));
  expect(await Promise.all([1, 2, 3].map((n) => call("slow", [n])))).toEqual([1, 2, 3]);
});

test("a bug on the other side rejects, and only methods can be called", async () => {
  const target = { fails: () => Promise.reject(new Error("broken")), value: 1 };
  const call = caller(channel(target));
  await expect(call("fails", [])).rejects.toThrow("broken");
  await expect(call("value", [])).rejects.toThrow("no method");
});

test("bytes that are moved in are gone here, bytes that come out are whole", async () => {
  const call = caller(channel({ echo: (given: Uint8Array) => ({ ok: true, value: given }) }));
  const given = random(1000);
  const kept = given.slice();
  expect(await call("echo", [given], [given])).toEqual({ ok: true, value: kept });
  expect(given.length).toBe(0);
});

test("an opener that holds nothing opens nothing", async () => {
  const opener = openerIn(channel(new LocalOpener()));
  expect(await opener.openNames([random(40)])).toEqual([null]);
  expect(await opener.openChunks(7, 0, random(100))).toEqual({ ok: false, refusal: "no-key" });
  expect(await opener.liveFrame(1, random(100), 0)).toEqual({ ok: false, refusal: "unknown-key" });
  expect(await opener.liveKey(1, {}, 0)).toEqual({ ok: false, refusal: "unknown-key" });
  await opener.liveStart(1, "a".repeat(32));
  expect(await opener.liveKey(1, {}, 0)).toEqual({ ok: false, refusal: "malformed" });
  expect(await opener.liveKey(1, { payloadType: "x", payload: "", signatures: [] }, 0)).toEqual({ ok: false, refusal: "no-key" });
});

test("entries that are no entries become alarms, one by one", async () => {
  const opener = openerIn(channel(new LocalOpener()));
  const read = await opener.readChain("a".repeat(32), [null, 3, { state: "kept" }, { state: "sold", link: {} }], 0);
  expect(read.links).toEqual([]);
  expect(read.alarms.map(({ refusal }) => refusal)).toEqual(["malformed", "malformed", "malformed", "malformed"]);
});
