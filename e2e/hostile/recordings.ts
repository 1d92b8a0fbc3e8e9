/** @file Lies about recordings: changed, swapped, slipped in, taken away, moved in time, shown as erased. */

import { eventually, expect } from "../harness/expect.ts";
import { en } from "../harness/person.ts";
import { altered, forge, randomId, read } from "./forge.ts";
import { asJson, bodyOf, changing, type Answer, type Json, type Lie } from "./relay.ts";
import { aboutLinks, CRIB, DOOR, indexOf, type LinkClaims, type Stage } from "./stage.ts";
import { attack } from "./table.ts";

const HEADER = "the signed link: digest of the header";
const CHUNK = 65_552;
const says = (reason: { readonly what: string }): string => `“${reason.what}”`;

/** Another answer to a question about a recording's parts or headers. */
function instead(route: RegExp, answer: (honest: Answer) => Answer): Lie {
  return {
    answer: async (asked, honest) => (route.test(asked.path) ? answer(await honest()) : undefined),
  };
}

export function recordings(on: () => Stage): void {
  const second = (name = CRIB): LinkClaims => on().recordings(name)[1]?.claims as LinkClaims;
  const third = (name = CRIB): LinkClaims => on().recordings(name)[2]?.claims as LinkClaims;

  /** The second recording is asked to play while the vault lies; nothing of it may be seen, and the reason must be said. */
  const refusesToPlay = async (lie: Lie, reason: { readonly what: string; readonly next: string }): Promise<void> => {
    const stage = on();
    await stage.during(lie, async () => {
      await stage.look(CRIB);
      await stage.rows().nth(1).click();
      await stage.told(reason);
      expect(!(await stage.isShown(CRIB)), "no picture of it is shown");
    });
  };

  /** The camera's page is opened while the vault lies about its links. */
  const alarms = async (lie: Lie, reason: { readonly what: string; readonly next: string }, kept: number | null, name = CRIB): Promise<void> => {
    const stage = on();
    await stage.during(lie, async () => {
      await stage.look(name);
      await stage.told(reason);
      if (kept !== null) await eventually(`${String(kept)} recordings in the list`, 10_000, async () => ((await stage.rows().count()) === kept ? true : null));
    });
  };

  attack.it(
    "a recording of an honest vault plays, and no alarm is said",
    { row: "0", at: "app", refusedBy: "nothing: this is how it looks without a lie", told: "" },
    async () => {
      const stage = on();
      await stage.look(CRIB);
      await stage.rows().nth(1).click();
      await eventually("a picture of the recording", 20_000, async () => ((await stage.isShown(CRIB)) ? true : null));
      expect((await stage.tab.page.getByRole("alert").count()) === 0, "nothing to alarm anybody");
    },
  );

  attack.it(
    "the body of another recording is not played",
    { row: "8.1", at: "app", refusedBy: "age: a chunk that does not open under the key of the vouched header", told: says(en.problems["recording-changed"]) },
    () => {
      const stage = on();
      const other = third();
      const route = new RegExp(`/recordings/${second().recording}/parts/media`);
      return refusesToPlay(
        {
          answer: async (asked, honest) => {
            if (!route.test(asked.path)) return undefined;
            const answer = await honest();
            // The other recording's bytes, cut or repeated to the length that was asked for.
            const source = mediaOf(stage, other.recording);
            return { ...answer, body: Buffer.concat([source, source, source]).subarray(0, answer.body.length) };
          },
        },
        en.problems["recording-changed"],
      );
    },
  );

  attack.it(
    "header and body of another recording of the same camera are not played",
    { row: "8.2", at: "app", refusedBy: HEADER, told: says(en.problems["recording-changed"]) },
    () => refusesToPlay(swapped(on(), second(), third()), en.problems["recording-changed"]),
  );

  attack.it(
    "header and body of a recording of another room are not played",
    { row: "13.1", at: "app", refusedBy: `${HEADER}; a key per room`, told: says(en.problems["recording-changed"]) },
    () => refusesToPlay(swapped(on(), second(), second(DOOR)), en.problems["recording-changed"]),
  );

  attack.it(
    "a body with two chunks swapped is not played",
    { row: "6.1", at: "app", refusedBy: "age: the number of a chunk is in its nonce", told: says(en.problems["recording-changed"]) },
    () => refusesToPlay(instead(mediaRoute(second()), (honest) => ({ ...honest, body: chunksSwapped(honest.body) })), en.problems["recording-changed"]),
  );

  attack.it(
    "a body that is said to be shorter than the hub signed is not played",
    { row: "6.2", at: "app", refusedBy: "the signed link: length of the body", told: says(en.problems["recording-incomplete"]) },
    () =>
      refusesToPlay(
        instead(mediaRoute(second()), (honest) => {
          const total = second().parts[0]?.bodyBytes ?? 0;
          const cut = total - CHUNK;
          const body = honest.body.subarray(0, Math.min(honest.body.length, cut));
          return { ...honest, headers: { ...honest.headers, "content-range": `bytes 0-${String(body.length - 1)}/${String(cut)}` }, body };
        }),
        en.problems["recording-incomplete"],
      ),
  );

  attack.it(
    "a body that breaks off is not played",
    { row: "6.3", at: "app", refusedBy: "the signed link: length of the body", told: says(en.problems["recording-incomplete"]) },
    () => refusesToPlay(instead(mediaRoute(second()), (honest) => ({ ...honest, body: honest.body.subarray(0, honest.body.length - 1) })), en.problems["recording-incomplete"]),
  );

  attack.it(
    "a still picture of another recording is not shown",
    { row: "8.3", at: "app", refusedBy: "the signed link: digests of header and body", told: "the recording stands in the list without a picture" },
    async () => {
      const stage = on();
      const [poster, other] = [second(), third()].map(({ recording }) => recording);
      const lie: Lie = {
        answer: (asked, honest) => {
          if (asked.path === `/api/v1/recordings/${String(poster)}/headers`) return asJson(headersOf(stage, String(other)));
          if (asked.path !== `/api/v1/recordings/${String(poster)}/parts/poster`) return undefined;
          return honest().then((answer) => ({ ...answer, body: partOf(stage, String(other), "poster") }));
        },
      };
      await stage.during(lie, async () => {
        await stage.look(CRIB);
        await stage.rows().nth(2).locator("img").waitFor();
        expect((await stage.rows().nth(1).locator("img").count()) === 0, "the lied-about one has none");
      });
    },
  );

  attack.it(
    "a recording that is taken out of the middle is missed",
    { row: "9.1", at: "app", refusedBy: "the signed chain: each link names the one before", told: says(en.alarms.missing) },
    () => alarms(aboutLinks(second().device, (entries) => entries.filter((entry) => indexOf(entry) !== second().index)), en.alarms.missing, on().recordings(CRIB).length - 1),
  );

  attack.it(
    "recordings that are taken away at the beginning are missed",
    { row: "9.2", at: "app", refusedBy: "the signed chain: it begins with index 0", told: says(en.alarms.missing) },
    () => alarms(aboutLinks(second().device, (entries) => entries.filter((entry) => indexOf(entry) >= second().index)), en.alarms.missing, on().recordings(CRIB).length - 1),
  );

  attack.it(
    "yesterday's list is a rollback for a browser that has seen today's",
    { row: "9.3", at: "app", refusedBy: "the highest link that this browser has seen", told: says(en.alarms["rolled-back"]) },
    () => alarms(until(second()), en.alarms["rolled-back"], 2),
  );

  attack.it(
    "an end that the vault only talks about does not hide that recordings were taken away",
    { row: "9.4", at: "app", refusedBy: "the highest link that this browser has seen; an end that never shrinks", told: says(en.alarms["rolled-back"]) },
    () => {
      let count = 0;
      const last = second().index;
      const lie = aboutLinks(second().device, (entries, honest) => {
        count += 1;
        const head = { nextIndex: count < 4 ? 1_000_000 : last + 1, digest: null };
        return { ...honest, head, links: entries.filter((entry) => indexOf(entry) <= last) };
      });
      return alarms(lie, en.alarms["rolled-back"], 2);
    },
  );

  attack.it(
    "a recording with another time on it is not shown",
    { row: "7.1", at: "app", refusedBy: "the hub's signature on the link", told: says(en.alarms.changed) },
    () =>
      alarms(
        aboutLinks(second().device, (entries) => entries.map((entry) => (indexOf(entry) === second().index ? { ...entry, link: altered(entry["link"] as never, (link) => ({ ...link, endUs: Number(link["endUs"]) - 1_000_000 })) } : entry))),
        en.alarms.changed,
        on().recordings(CRIB).length - 1,
      ),
  );

  attack.it(
    "a recording of another camera and room is not shown",
    { row: "7.2", at: "app", refusedBy: "the signed link: device and room", told: says(en.alarms.misplaced) },
    () => {
      const stage = on();
      const other = stage.recordings(DOOR)[1]?.envelope;
      return alarms(
        aboutLinks(second().device, (entries) => entries.map((entry) => (indexOf(entry) === second().index ? { ...entry, link: other } : entry))),
        en.alarms.misplaced,
        stage.recordings(CRIB).length - 1,
      );
    },
  );

  attack.it(
    "a recording that a stranger sealed and signed is not shown",
    { row: "8.4", at: "app", refusedBy: "the hub's key in the signed roster", told: says(en.alarms.stranger) },
    () => {
      const stage = on();
      return alarms(
        aboutLinks(second().device, (entries) => entries.map((entry) => (indexOf(entry) === second().index ? { ...entry, link: forge("link", { ...read(entry["link"]), recording: randomId() }) } : entry))),
        en.alarms.stranger,
        stage.recordings(CRIB).length - 1,
      );
    },
  );

  attack.it(
    "a recording that nobody erased is missed when it is shown as erased",
    { row: "9.5", at: "app", refusedBy: "no signed command names it", told: says(en.alarms.missing) },
    () => {
      const stage = on();
      const { household, member } = { household: second().household, member: stage.roster().members[0]?.member };
      const command = forge("command", { household, command: "a".repeat(32), issuedUs: second().endUs, member, action: "erase", device: second().device, targets: [{ recording: second().recording, link: "b".repeat(64) }] });
      return alarms(
        aboutLinks(second().device, (entries) => entries.map((entry) => (indexOf(entry) === second().index ? { state: "erased", link: entry["link"], command } : entry))),
        en.alarms.missing,
        stage.recordings(CRIB).length - 1,
      );
    },
  );

  attack.it(
    "a recording whose time is not over is missed when it is shown as expired, whatever the vault's clock says",
    { row: "9.6", at: "app", refusedBy: "the signed lifetime, by this device's own clock", told: says(en.alarms.missing) },
    () => {
      const stage = on();
      const later = new Date(Date.now() + 40 * 86_400_000).toUTCString();
      const expired = aboutLinks(second().device, (entries) => entries.map((entry) => (indexOf(entry) === second().index ? { state: "expired", link: entry["link"] } : entry)));
      const lie: Lie = {
        answer: async (asked, honest) => {
          const told = (await expired.answer?.(asked, honest)) ?? (await honest());
          return { ...told, headers: { ...told.headers, date: later } };
        },
      };
      return alarms(lie, en.alarms.missing, stage.recordings(CRIB).length - 1);
    },
  );

  attack.it(
    "what the event stream says is gone stays on the screen, unless a member wished it",
    { row: "9.7", at: "app", refusedBy: "the timeline is read and verified anew", told: "nothing: nothing is gone" },
    async () => {
      const stage = on();
      await stage.look(CRIB);
      const all = stage.recordings(CRIB).length;
      await eventually("all recordings", 10_000, async () => ((await stage.rows().count()) === all ? true : null));
      const before = stage.asked("GET", /links/).length;
      stage.relay.tellApp({ event: "erased", device: second().device, recordings: [second().recording] });
      stage.relay.tellApp({ event: "link", device: second().device, link: forge("link", { ...read(stage.recordings(CRIB)[1]?.envelope), recording: randomId() }) });
      await eventually("the app to look again", 10_000, () => (stage.asked("GET", /links/).length > before ? true : null));
      await eventually("all recordings still", 10_000, async () => ((await stage.rows().count()) === all ? true : null));
      expect((await stage.tab.page.getByRole("alert").count()) === 0, "and the forged one changed nothing");
    },
  );

  function until(last: LinkClaims): Lie {
    return aboutLinks(last.device, (entries, honest) => ({ ...honest, head: { nextIndex: last.index + 1, digest: null }, links: entries.filter((entry) => indexOf(entry) <= last.index) }));
  }
}

function mediaRoute({ recording }: LinkClaims): RegExp {
  return new RegExp(`/recordings/${recording}/parts/media`);
}

/** What the hub handed over, which the vault has in full. */
function partOf(stage: Stage, recording: string, part: string): Buffer {
  return stage.asked("PUT", new RegExp(`/hub/v1/recordings/${recording}/parts/${part}`)).at(-1)?.body ?? Buffer.alloc(0);
}

function mediaOf(stage: Stage, recording: string): Buffer {
  return partOf(stage, recording, "media");
}

function headersOf(stage: Stage, recording: string): Json {
  const upload = stage.asked("POST", /\/hub\/v1\/links$/).map(bodyOf).find(({ link }) => read<LinkClaims>(link).recording === recording);
  return upload?.["headers"] as Json;
}

/** Everything of `shown` is answered with what belongs to `other`. */
function swapped(stage: Stage, shown: LinkClaims, other: LinkClaims): Lie {
  const headers = changing(new RegExp(`/recordings/${shown.recording}/headers$`), () => headersOf(stage, other.recording));
  return {
    answer: async (asked, honest) => {
      const told = await headers.answer?.(asked, honest);
      if (told !== undefined) return told;
      const part = new RegExp(`/recordings/${shown.recording}/parts/(\\w+)`).exec(asked.path)?.[1];
      if (part === undefined) return undefined;
      const whole = partOf(stage, other.recording, part);
      const range = /^bytes=(\d+)-(\d+)$/.exec(asked.headers.range ?? "");
      if (range === null) return { status: 200, headers: {}, body: whole };
      const [from, to] = [Number(range[1]), Math.min(Number(range[2]), whole.length - 1)];
      // It also lies about the length, so that only the cryptography stands in its way.
      const total = shown.parts.find((one) => one.part === part)?.bodyBytes ?? whole.length;
      return { status: 206, headers: { "content-range": `bytes ${String(from)}-${String(to)}/${String(total)}` }, body: whole.subarray(from, to + 1) };
    },
  };
}

/** Changes the places of the first two chunks. */
function chunksSwapped(body: Buffer): Buffer {
  const [nonce, first, next, rest] = [body.subarray(0, 16), body.subarray(16, 16 + CHUNK), body.subarray(16 + CHUNK, 16 + 2 * CHUNK), body.subarray(16 + 2 * CHUNK)];
  return Buffer.concat([nonce, next, first, rest]);
}
