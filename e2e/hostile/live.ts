/** @file Lies about what happens now: live keys and frames of another camera, of another maker, of before. */

import { eventually, expect } from "../harness/expect.ts";
import { en, pictureMoves } from "../harness/person.ts";
import { forge, ownIdentity, read, sealedTo } from "./forge.ts";
import type { Json, Lie, Message } from "./relay.ts";
import { CRIB, DOOR, type Stage } from "./stage.ts";
import { attack, provedBy } from "./table.ts";

const reason = en.problems["live-not-believed"];

/** Some seconds of pictures and sound. */
const KEPT_MIN = 200;
/** So old that its age is said, and far from too old to be shown. */
const OLD_MS = 10_000;

interface Kept {
  readonly data: Buffer;
  readonly isBinary: boolean;
}

export function live(on: () => Stage): void {
  const kept = new Map<string, Kept[]>();
  let keptUntilMs = 0;
  const path = (name: string): string => `/api/v1/live/${on().device(name)}`;
  const isFor = (message: Message, name: string): boolean => message.to === "app" && message.path === path(name);
  const isKey = (data: Buffer): boolean => (JSON.parse(data.toString()) as Json)["type"] === "live-key";

  /** Every message of one camera is replaced by the next of those that were kept: they come as fast as true ones. */
  const late = (name: string): Lie => {
    const told = new Map<number, number>();
    return {
      message: (message) => {
        if (!isFor(message, name)) return [message];
        const at = told.get(message.socket) ?? 0;
        told.set(message.socket, at + 1);
        const next = kept.get(path(name))?.[at];
        return next === undefined ? [] : [next];
      },
    };
  };

  /** In place of one camera's stream, from the first message on, another one. */
  const instead = (name: string, stream: () => Kept[]): Lie => {
    const told = new Set<number>();
    return {
      message: (message) => {
        if (!isFor(message, name)) return [message];
        if (told.has(message.socket)) return [];
        told.add(message.socket);
        return stream();
      },
    };
  };

  attack.it(
    "live pictures of an honest vault move (and the vault keeps what it carries)",
    { row: "0", at: "app", refusedBy: "nothing: this is how it looks without a lie", told: "" },
    async () => {
      const stage = on();
      const keep: Lie = {
        message: (message) => {
          if (message.to === "app") kept.set(message.path, [...(kept.get(message.path) ?? []), message]);
          keptUntilMs = Date.now();
          return [message];
        },
      };
      await stage.during(keep, async () => {
        await stage.tab.page.goto(stage.relay.origin);
        await pictureMoves(stage.tab.page);
        await eventually("a few seconds of both cameras", 20_000, () => ([CRIB, DOOR].every((name) => (kept.get(path(name))?.length ?? 0) > KEPT_MIN) ? true : null));
      });
    },
  );

  attack.it(
    "live pictures of another camera are not shown under this one's name",
    { row: "8.5", at: "app", refusedBy: "the signed live key names camera and room", told: `“${reason.what}”` },
    async () => {
      const stage = on();
      await stage.during(instead(CRIB, () => kept.get(path(DOOR)) ?? []), async () => {
        await stage.tab.page.goto(`${stage.relay.origin}/camera/${stage.device(CRIB)}`);
        await stage.tab.page.getByText(reason.what).waitFor();
        await stage.tab.page.getByText(reason.next).waitFor();
      });
    },
  );

  attack.it(
    "a live key of the vault's own is not used",
    { row: "8.6", at: "app", refusedBy: "the hub's signature on the live key", told: `“${reason.what}”` },
    async () => {
      const stage = on();
      const room = stage.roster().rooms[0]?.recipient ?? ownIdentity.recipient;
      const sealedKey = await sealedTo(room, "a key of the vault's own");
      const lie: Lie = {
        message: (message) => {
          if (!isFor(message, CRIB) || message.isBinary || !isKey(message.data)) return [message];
          const said = JSON.parse(message.data.toString()) as Json;
          return [{ data: Buffer.from(JSON.stringify({ ...said, key: forge("live-key", { ...read(said["key"]), sealedKey }) })), isBinary: false }];
        },
      };
      await stage.during(lie, async () => {
        await stage.tab.page.goto(`${stage.relay.origin}/camera/${stage.device(CRIB)}`);
        await stage.tab.page.getByText(reason.what).waitFor();
      });
    },
  );

  attack.it(
    "live frames that come late are shown with their age",
    { row: "9.10", at: "app", refusedBy: "the time inside the sealed frame. Under a key older than two minutes nothing is shown (9.11)", told: `“${en.state.age("15 seconds")}”` },
    async () => {
      const stage = on();
      const { page } = stage.tab;
      await eventually("what was kept to be old", 20_000, () => (Date.now() - keptUntilMs > OLD_MS ? true : null));
      await stage.during(late(CRIB), async () => {
        await page.goto(`${stage.relay.origin}/camera/${stage.device(CRIB)}`);
        // It plays for as long as it lasts, and says how old it is all the while.
        await page.getByText(/^Picture is .+ old$/).first().waitFor();
      });
      expect((kept.get(path(CRIB)) ?? []).length > 0, "there was something to replay");
      await page.goto(stage.relay.origin);
      await pictureMoves(page);
    },
  );

  provedBy(
    "frames that are repeated, reordered, changed, of another camera or under an old key do not open",
    { row: "9.11", at: "format", told: "the picture waits for the next that is right, and says since when" },
    "frames open once, in order, and lost ones are no harm",
    "another camera, an unknown key, unknown flags, an old key, a changed header are refused",
  );
}
