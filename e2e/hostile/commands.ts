/** @file Lies about what members wish: commands that nobody gave, given twice, out of order, late, and answered by the vault. */

import type { Page } from "playwright-core";
import { eventually, expect } from "../harness/expect.ts";
import { visit } from "../harness/browser.ts";
import { answerAddCamera, en } from "../harness/person.ts";
import { forge, randomId, read, sealedTo, type Envelope } from "./forge.ts";
import { asJson, bodyOf, type Answer, type Json, type Lie } from "./relay.ts";
import { CRIB, type Stage } from "./stage.ts";
import { attack } from "./table.ts";

const STATE = /^\/api\/v1\/commands\/([0-9a-f]{32})$/;
const RESULT = /^\/hub\/v1\/commands\/([0-9a-f]{32})\/result$/;
const OFF_MS = 20 * 60_000;

export function commands(on: () => Stage): void {
  const idOf = (command: Json): string => String(read(command["command"])["command"]);
  const actionOf = (command: Json): string => String(read(command["command"])["action"]);
  const results = (command: string): number => on().asked("POST", new RegExp(`/hub/v1/commands/${command}/result$`)).length;
  const count = (pattern: RegExp): number => [...on().hub.output().matchAll(pattern)].length;
  const refusals = (): number => count(/a command was refused/g);

  /** Asks the hub for a camera; ends on the screen that shows what became of it. */
  const lookFor = async (page: Page): Promise<void> => {
    await page.goto(`${on().relay.origin}/cameras/add`);
    await answerAddCamera(page, { address: on().camera.url("/crib"), user: on().camera.user, password: on().camera.password });
  };

  /** A vault that keeps a command to itself, and answers in the hub's place with `state`. */
  const answering = (state: (command: string) => Promise<Json | null>, onCommand: (envelope: Json) => void = () => undefined): Lie => {
    const answer = async (command: string): Promise<Answer> => asJson({ command, outcome: await state(command), keysDestroyed: 0, bytesGone: 0 }, 202);
    return {
      answer: (asked) => {
        if (asked.method === "POST" && asked.path === "/api/v1/commands") {
          onCommand(bodyOf(asked));
          return answer(String(read(bodyOf(asked))["command"]));
        }
        const command = STATE.exec(asked.path)?.[1];
        return command === undefined ? undefined : answer(command);
      },
    };
  };

  attack.it(
    "commands that the vault signs in an owner's name do nothing",
    { row: "C.1", at: "hub", refusedBy: "the member's signature, by the keys of the roster", told: "the hub's log; nothing happened" },
    async () => {
      const stage = on();
      const { household, members, hubs } = stage.roster();
      const [member, hub] = [members[0], hubs[0]];
      const before = refusals();
      const base = { household, issuedUs: Date.now() * 1000, member: member?.member };
      const look = randomId();
      const request = await sealedTo(hub?.recipient ?? "", { address: stage.camera.url("/crib") });
      stage.relay.tellHub({ type: "command", command: forge("command", { ...base, command: look, action: "probe", hub: hub?.hub, request, replyTo: member?.recipient }) });
      const targets = stage.recordings(CRIB).map(({ claims }) => ({ recording: claims.recording, link: "c".repeat(64) }));
      stage.relay.tellHub({ type: "command", command: forge("command", { ...base, command: randomId(), action: "erase", device: stage.device(CRIB), targets }) });
      await eventually("both are refused", 20_000, () => (refusals() >= before + 2 ? true : null));
      await eventually("the hub says so", 20_000, () => (results(look) === 1 ? true : null));
      expect(bodyOf(stage.asked("POST", new RegExp(look)).at(-1) as never)["reason"] === "not-allowed", "and why");
      expect(count(/a member's erasure was obeyed/g) === 0, "nothing was erased");
    },
  );

  attack.it(
    "a command that the vault gives the hub again is obeyed once, also after a power cut",
    { row: "C.2", at: "hub", refusedBy: "the id of every command is kept before it is obeyed", told: "the hub's log; nothing happened" },
    async () => {
      const stage = on();
      const given = stage.relay.commands.find((command) => actionOf(command) === "probe");
      if (given === undefined) throw new Error("the cameras were added without looking for them");
      const before = results(idOf(given));
      const again = async (): Promise<void> => {
        const refused = refusals();
        stage.relay.tellHub(given);
        await eventually("it is refused", 20_000, () => (refusals() > refused ? true : null));
      };
      await again();
      const connected = stage.asked("GET", /\/hub\/v1\/roster/).length;
      await stage.restartHub();
      await eventually("the hub is back", 30_000, () => (stage.asked("GET", /\/hub\/v1\/roster/).length > connected ? true : null));
      await again();
      expect(results(idOf(given)) === before, "and not answered twice");
    },
  );

  attack.it(
    "an answer of the vault's own does not become a camera of the home",
    { row: "C.3", at: "app", refusedBy: "the hub's signature on what it found", told: `“${en.problems["vault-not-believed"].what}”` },
    async () => {
      const stage = on();
      const { household, members, hubs } = stage.roster();
      const found = (command: string): Json => ({ household, hub: hubs[0]?.hub, command, outcome: "found", mainUrl: "rtsp://camera.of.the.vault/", subUrl: null, defaultPassword: false, streams: [], poster: null });
      const before = stage.rosters().length;
      for (const forged of [(command: string) => forge("probe-answer", found(command)), found]) {
        const lie = answering(async (command) => ({ outcome: "done", reply: await sealedTo(members[0]?.recipient ?? "", forged(command)) }));
        await stage.during(lie, async () => {
          await lookFor(stage.tab.page);
          await stage.told(en.problems["vault-not-believed"]);
        });
      }
      expect(stage.rosters().length === before, "no camera was added, no password sealed for it");
    },
  );

  attack.it(
    "a command that comes too late does nothing, and the person is told",
    { row: "C.4", at: "hub", refusedBy: "the time in the signed command", told: `“${en.problems["too-late"].what}”` },
    async () => {
      const stage = on();
      // A clock that is twenty minutes behind signs what a vault that waited twenty minutes would deliver.
      const other = await visit(stage.browser, stage.relay.origin);
      await other.context.addInitScript((offMs: number) => {
        const real = Date.now.bind(Date);
        Date.now = () => real() - offMs;
      }, OFF_MS);
      try {
        await other.page.goto(stage.relay.origin);
        await stage.signInAgain(other.page);
        const said = new Map<string, Json>();
        const lie = answering(
          async (command) => {
            const asked = stage.asked("POST", RESULT).find(({ path }) => path.includes(command));
            if (asked !== undefined) said.set(command, bodyOf(asked));
            return Promise.resolve(said.get(command) ?? null);
          },
          (envelope) => stage.relay.tellHub({ type: "command", command: envelope }),
        );
        await stage.during(lie, async () => {
          await lookFor(other.page);
          await stage.told(en.problems["too-late"], other.page);
        });
        expect([...said.values()].some((outcome) => outcome["reason"] === "out-of-time"), "it was the hub that refused");
      } finally {
        await other.close();
      }
    },
  );

  attack.it(
    "a vault that says that it has erased, and has not, is not believed",
    { row: "C.5", at: "app", refusedBy: "what it still shows. What it hides instead nobody can see: that is its word", told: `“${en.problems["not-erased"].what}”` },
    async () => {
      const stage = on();
      await stage.look(CRIB);
      await eraseNth(stage, 0, answering(() => Promise.resolve({ outcome: "done", reply: null })), async (page) => {
        await stage.told(en.problems["not-erased"], page);
        await page.keyboard.press("Escape");
      });
    },
  );

  attack.it(
    "two commands in the wrong order do what both say, and nothing else",
    { row: "C.6", at: "hub", refusedBy: "nothing: each names exactly what it is about", told: `“${en.causes.erased.what}”, twice` },
    async () => {
      const stage = on();
      const held: Envelope[] = [];
      const isErase = (data: Buffer): boolean => {
        const said = JSON.parse(data.toString()) as Json;
        return said["type"] === "command" && actionOf(said) === "erase";
      };
      const hold: Lie = {
        message: (message) => {
          if (message.to !== "hub" || message.isBinary || !isErase(message.data)) return [message];
          held.push((JSON.parse(message.data.toString()) as { command: Envelope }).command);
          return [];
        },
      };
      const all = stage.recordings(CRIB).length;
      for (const which of [1, 1]) {
        await stage.look(CRIB);
        await eraseNth(stage, which, hold, async (page) => {
          await page.getByText(en.erase.doneTitle, { exact: true }).waitFor({ timeout: 60_000 });
        });
      }
      const before = count(/a member's erasure was obeyed/g);
      for (const command of held.toReversed()) stage.relay.tellHub({ type: "command", command });
      await eventually("both are obeyed", 20_000, () => (count(/a member's erasure was obeyed/g) >= before + 2 ? true : null));
      await stage.look(CRIB);
      const rows = stage.tab.page.getByRole("region", { name: en.timeline.recordings });
      await eventually("two recordings fewer", 10_000, async () => ((await stage.rows().count()) <= stage.recordings(CRIB).length - 2 ? true : null));
      await eventually("they are said to be erased", 10_000, async () => ((await rows.getByText(en.causes.erased.what).count()) >= 1 ? true : null));
      expect(stage.recordings(CRIB).length >= all, "and their links are still there");
      expect((await stage.tab.page.getByRole("alert").count()) === 0, "no alarm");
    },
  );

  /** Asks to erase the recording in row `which`, while the vault lies. */
  async function eraseNth(stage: Stage, which: number, lie: Lie, then: (page: Page) => Promise<void>): Promise<void> {
    const { page } = stage.tab;
    await stage.rows().nth(which).click();
    await page.getByRole("button", { name: en.camera.erase, exact: true }).click();
    await page.getByRole("button", { name: en.erase.thisRecording, exact: true }).click();
    await page.getByRole("button", { name: en.erase.check, exact: true }).click();
    const confirm = page.getByRole("button", { name: /^Erase \d+ recording/ });
    await confirm.waitFor();
    await stage.during(lie, async () => {
      await confirm.click();
      await then(page);
    });
  }
}
