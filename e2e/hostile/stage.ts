/**
 * @file The stage of the hostile vault: a real vault behind the relay, a real hub that knows only the relay, a real
 * camera with two lenses, a claimed home, and a person who comes back and looks.
 */

import type { Browser, Locator, Page } from "playwright-core";
import { launch, visit, type Visit } from "../harness/browser.ts";
import { startCamera, type Camera } from "../harness/camera.ts";
import { eventually, expect } from "../harness/expect.ts";
import { appFolder, eavesProgram, freshFolder } from "../harness/paths.ts";
import { addCamera, claim, en, later, parent, signIn } from "../harness/person.ts";
import { start, type Running } from "../harness/process.ts";
import { wiretap, type Wiretap } from "../harness/wiretap.ts";
import { join } from "node:path";
import { read, type Envelope } from "./forge.ts";
import { bodyOf, startRelay, type Asked, type Json, type Lie, type Relay } from "./relay.ts";

export const CRIB = "Crib corner";
export const DOOR = "Garden door";

/** What a link says, as far as the lies need it. */
export interface LinkClaims {
  readonly household: string;
  readonly hub: string;
  readonly device: string;
  readonly room: string;
  readonly epoch: number;
  readonly roster: number;
  readonly index: number;
  readonly kind: "recording" | "gap";
  readonly recording: string;
  readonly startUs: number;
  readonly endUs: number;
  readonly parts: readonly { readonly part: string; readonly bodyBytes: number }[];
}

export interface Roster {
  readonly household: string;
  readonly version: number;
  readonly members: readonly { readonly member: string; readonly recipient: string; readonly signingKey: string }[];
  readonly hubs: readonly { readonly hub: string; readonly recipient: string; readonly signingKey: string }[];
  readonly rooms: readonly { readonly room: string; readonly epoch: number; readonly recipient: string }[];
  readonly devices: readonly { readonly device: string; readonly room: string }[];
}

/** What both ends print is written by the program; this is a part of it that a person would see on the console. */
const PORT = /Vault at http:\/\/localhost:(\d+)/;

export class Stage {
  readonly browser: Browser;
  readonly relay: Relay;
  readonly tab: Visit;
  readonly #vault: Running;
  readonly #secretFile: string;
  readonly #hubFolder: string;
  /** The camera as the hub reaches it: over a cable that can be pulled. */
  readonly camera: Camera;
  readonly #cable: Wiretap;
  hub: Running;
  code = "";
  kit: readonly string[] = [];

  private constructor(made: { browser: Browser; relay: Relay; tab: Visit; vault: Running; secretFile: string; hubFolder: string; camera: Camera; cable: Wiretap; hub: Running }) {
    this.browser = made.browser;
    this.relay = made.relay;
    this.tab = made.tab;
    this.#vault = made.vault;
    this.#secretFile = made.secretFile;
    this.#hubFolder = made.hubFolder;
    this.camera = made.camera;
    this.#cable = made.cable;
    this.hub = made.hub;
  }

  /** Everything runs; nobody owns the hub yet. */
  static async set(): Promise<Stage> {
    const folder = freshFolder("hostile");
    const secretFile = join(folder, "pairing-secret");
    const [browser, lens, vault] = await Promise.all([launch(), startCamera({ paths: "/crib,/door" }), startVault(folder, secretFile)]);
    const [, port] = await vault.waitFor(PORT, 60_000);
    const relay = await startRelay(Number(port));
    const cable = await wiretap(lens.port, false);
    const camera = { ...lens, port: cable.port, url: (path = "/crib") => `rtsp://${lens.host}:${String(cable.port)}${path}` };
    const hubFolder = join(folder, "home");
    const hub = startHub(hubFolder, secretFile, relay.origin);
    const tab = await visit(browser, relay.origin, { expected: /Failed to load resource/ });
    const stage = new Stage({ browser, relay, tab, vault, secretFile, hubFolder, camera, cable, hub });
    const [code] = await hub.waitFor(/\b(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}\b/);
    stage.code = code;
    return stage;
  }

  /** An owner, a kit, two cameras in two rooms, and a few recordings of each. */
  async live(): Promise<void> {
    const { page } = this.tab;
    ({ kit: this.kit } = await claim(page, this.relay.origin, this.code));
    await later(page);
    await addCamera(page, this.camera, CRIB, "Nursery", "/crib");
    await addCamera(page, this.camera, DOOR, "Garden", "/door");
    for (let count = 1; count <= 4; count += 1) await this.newRecording();
  }

  /** Both cameras film for a while, and their cable is pulled and put back: what was being recorded ends, and is handed over. */
  async newRecording(isHandedOver = true): Promise<void> {
    const both = [CRIB, DOOR];
    await eventually("both cameras to film", 60_000, () => (both.every((name) => this.relay.states.get(this.device(name)) === "recording") ? true : null));
    await this.tab.page.waitForTimeout(4_500); // a camera films in its own time: two groups of pictures
    const before = both.map((name) => this.recordings(name).length);
    this.#cable.cut();
    if (isHandedOver) await eventually("a new recording of both", 60_000, () => (both.every((name, i) => this.recordings(name).length > (before[i] ?? 0)) ? true : null));
    this.#cable.mend();
  }

  // what the vault knows

  /** Every link that the hub handed over, by camera, oldest first. */
  links(name: string): { readonly envelope: Envelope; readonly claims: LinkClaims }[] {
    const device = this.device(name);
    const found = new Map<number, { envelope: Envelope; claims: LinkClaims }>();
    for (const asked of this.relay.asked) {
      if (asked.path !== "/hub/v1/links") continue;
      const envelope = bodyOf(asked)["link"] as Envelope;
      const claims = read<LinkClaims>(envelope);
      if (claims.device === device) found.set(claims.index, { envelope, claims });
    }
    return [...found.values()].sort((a, b) => a.claims.index - b.claims.index);
  }

  recordings(name: string): { readonly envelope: Envelope; readonly claims: LinkClaims }[] {
    return this.links(name).filter(({ claims }) => claims.kind === "recording");
  }

  rosters(): Envelope[] {
    const first = this.relay.asked.filter(({ path }) => path === "/api/v1/claim/finish").map((asked) => bodyOf(asked)["roster"] as Envelope);
    const later = this.relay.asked.filter(({ method, path }) => method === "PUT" && path === "/api/v1/roster").map((asked) => bodyOf(asked)["roster"] as Envelope);
    return [...first, ...later];
  }

  roster(): Roster {
    return read<Roster>(this.rosters().at(-1));
  }

  /** Cameras in the order in which they were added. */
  device(name: string): string {
    return this.roster().devices[name === CRIB ? 0 : 1]?.device ?? "";
  }

  asked(method: string, path: RegExp): Asked[] {
    return this.relay.asked.filter((one) => one.method === method && path.test(one.path));
  }

  // what the person does and sees

  /** The app is opened anew, at a camera's page, and its list of recordings unfolded. */
  async look(name: string, page: Page = this.tab.page): Promise<void> {
    await page.goto(`${this.relay.origin}/camera/${this.device(name)}`);
    await page.getByRole("slider", { name: en.timeline.label(name) }).waitFor();
    await page.getByRole("button", { name: en.timeline.recordings, exact: true }).first().click();
    const hours = page.getByRole("region", { name: en.timeline.recordings }).locator("details");
    await hours.first().waitFor();
    for (const hour of await hours.all()) if ((await hour.getAttribute("open")) === null) await hour.locator("summary").click();
  }

  /** The rows of recordings in the list, oldest first. */
  rows(page: Page = this.tab.page): Locator {
    return page.getByRole("button", { name: /^Play from / });
  }

  /** Sentence and advice, both on the screen, in something that a screen reader reads out. */
  async told(reason: { readonly what: string; readonly next: string }, page: Page = this.tab.page, refusal = ""): Promise<void> {
    const alert = page.getByRole("alert").filter({ hasText: reason.what }).filter({ hasText: reason.next });
    await alert.filter({ hasText: refusal === "" ? reason.what : `refused: ${refusal}` }).first().waitFor();
  }

  /** Whether any picture of a recording is on the screen. */
  async isShown(name: string, page: Page = this.tab.page): Promise<boolean> {
    return page.getByLabel(en.camera.recordingOf(name)).evaluate((video) => video instanceof HTMLVideoElement && video.videoWidth > 0);
  }

  /** The app comes back with the lie told, for as long as `act` takes. */
  async during(lie: Lie, act: () => Promise<void>): Promise<void> {
    this.relay.lie(lie);
    try {
      await act();
    } finally {
      this.relay.honest();
    }
  }

  /** Somebody signs in in a browser that knows nothing yet. */
  async stranger<T>(act: (page: Page) => Promise<T>): Promise<T> {
    const other = await visit(this.browser, this.relay.origin);
    try {
      await other.page.goto(this.relay.origin);
      return await act(other.page);
    } finally {
      await other.close();
    }
  }

  /** Types name and password, and the kit where it is asked for; what comes then is up to the test. */
  async typePassword(page: Page, password = parent.password): Promise<void> {
    const name = page.getByLabel(en.signIn.nameLabel, { exact: true });
    // From wherever an earlier try has ended.
    if (!(await name.isVisible())) await page.goto(this.relay.origin);
    await name.fill(parent.name);
    await page.getByLabel(en.signIn.passwordLabel, { exact: true }).fill(password);
    await page.getByRole("button", { name: en.signIn.submit, exact: true }).click();
    const kit = page.getByLabel(en.signIn.kitLabel, { exact: true });
    const choice = page.getByRole("button", { name: en.signIn.second.choices.kit.label, exact: true });
    const home = page.getByRole("heading", { name: en.home.title });
    await kit.or(choice).or(home).or(page.getByRole("alert")).first().waitFor();
    if (await choice.isVisible()) await choice.click();
    else if (!(await kit.isVisible())) return;
    await kit.fill(this.kit.join(""));
    await page.getByRole("button", { name: en.signIn.second.check, exact: true }).click();
  }

  /** Back in, with an honest vault. */
  async signInAgain(page: Page = this.tab.page, password = parent.password): Promise<void> {
    await page.goto(this.relay.origin);
    await page.getByRole("heading", { name: en.home.title }).or(page.getByRole("heading", { name: en.signIn.title })).first().waitFor();
    if (await page.getByRole("heading", { name: en.signIn.title }).isVisible()) await signIn(page, { ...parent, password });
  }

  // the hub

  /** SIGKILL and start again, as after a power cut. */
  async restartHub(): Promise<void> {
    await this.hub.kill();
    this.hub = startHub(this.#hubFolder, this.#secretFile, this.relay.origin);
    await this.hub.waitFor(/The hub is running/);
  }

  /** A recording that was made from now on is there, and the person can open it: it is sealed to the room, to nobody else. */
  async recordsOn(name: string): Promise<void> {
    const before = this.recordings(name).length;
    await this.newRecording();
    expect(this.recordings(name).length > before, "it records on");
  }

  async strike(): Promise<void> {
    await this.browser.close();
    await Promise.all([this.hub.stop(), this.camera.process.stop(), this.#cable.close()]);
    await this.relay.close();
    await this.#vault.stop();
  }
}

function startVault(folder: string, secretFile: string): Promise<Running> {
  const args = ["vault", "--data-dir", join(folder, "vault"), "--app-dir", appFolder, "--listen", "127.0.0.1:0", "--pairing-secret-file", secretFile];
  return Promise.resolve(start(eavesProgram, args, { env: { EAVES_LOG: "info" } }));
}

function startHub(folder: string, secretFile: string, vaultUrl: string): Running {
  const args = ["hub", "--data-dir", folder, "--vault-url", vaultUrl, "--pairing-secret-file", secretFile];
  return start(eavesProgram, args, { env: { EAVES_LOG: "info" } });
}

/** A lie about the links of one camera: `change` sees the honest entries of an answer. */
export function aboutLinks(device: string, change: (entries: Json[], honest: Json) => Json[] | Json): Lie {
  const route = `/api/v1/devices/${device}/links`;
  return {
    answer: async (asked, honest) => {
      if (asked.path.split("?")[0] !== route) return undefined;
      const answer = await honest();
      if (answer.status !== 200) return answer;
      const told = bodyOf(answer);
      const changed = change(told["links"] as Json[], told);
      return { ...answer, body: Buffer.from(JSON.stringify(Array.isArray(changed) ? { ...told, links: changed } : changed)) };
    },
  };
}

/** The index that an entry of an answer claims. */
export function indexOf(entry: Json): number {
  return read<LinkClaims>(entry["link"]).index;
}
