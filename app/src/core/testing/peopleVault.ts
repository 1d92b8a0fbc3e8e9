/** @file Tests only: a second person in front of a test vault: invitations, an account that waits, their own wraps. */
import { server } from "@serenity-kit/opaque";
import { Vault } from "../../api/vault";
import type { TransportOptions } from "../../api/transport";
import { fromBase64Url } from "../../crypto/bytes";
import { digestHex } from "../../crypto/hash";
import type { TestVault } from "./testVault";

type Json = Record<string, unknown>;

interface Invite {
  readonly make: Json;
  answer: Json | null;
}

export class PeopleVault {
  readonly inner: TestVault;
  invites: Invite[] = [];
  /** The account of who joined. */
  guest: { member: string; anchor: unknown } | null = null;
  /** Changes what is told to anybody by a route. */
  lie: (route: string, answer: Json) => Json = (_route, honest) => honest;
  readonly requests: string[] = [];

  constructor(inner: TestVault) {
    this.inner = inner;
  }

  owner = (options: TransportOptions): Vault => new Vault({ ...options, fetch: (path, init) => this.#ask("owner", path, init ?? {}) });
  newcomer = (options: TransportOptions): Vault => new Vault({ ...options, fetch: (path, init) => this.#ask("guest", path, init ?? {}) });

  async #ask(who: "owner" | "guest", path: string, init: RequestInit): Promise<Response> {
    const route = `${init.method ?? "GET"} ${path.replace("/api/v1", "").replace(/\?.*/, "")}`;
    const text = typeof init.body === "string" ? init.body : "";
    this.requests.push(`${route} ${text}`);
    const body = text === "" ? {} : (JSON.parse(text) as Json);
    const own = await this.#route(who, route, body, path, init);
    if (own instanceof Response) return own;
    return own === null ? new Response(null, { status: 204 }) : Response.json(this.lie(route, own));
  }

  async #route(who: "owner" | "guest", route: string, body: Json, path: string, init: RequestInit): Promise<Json | null | Response> {
    const household = this.inner.account?.household ?? "";
    switch (route) {
      case "POST /invites":
        this.invites.push({ make: body, answer: null });
        return null;
      case "GET /invites":
        return {
          invites: this.invites.map(({ make, answer }) => ({
            invite: make.invite,
            inviter: this.inner.account?.member,
            madeUs: 0,
            expiresUs: make.expiresUs,
            kept: make.kept,
            asked: answer === null ? null : { answer, askedUs: 1 },
          })),
        };
      case "POST /join/invite": {
        const found = this.#byToken(body.token);
        return found === null ? problem(401, "invite-refused") : { household, invite: found.make.invite, welcome: found.make.welcome };
      }
      case "POST /join/register":
        return server.createRegistrationResponse({
          serverSetup: this.inner.setup,
          userIdentifier: String(body.handle),
          registrationRequest: String(body.registrationRequest),
        }) as unknown as Json;
      case "POST /join/finish": {
        const found = this.#byToken(body.token);
        if (found === null) return problem(401, "invite-refused");
        found.answer = body.answer as Json;
        this.guest = { member: String((body.answer as Json).member), anchor: body.anchor };
        return { household, member: this.guest.member };
      }
    }
    if (route.startsWith("DELETE /invites/")) {
      this.invites = this.invites.filter(({ make }) => !route.endsWith(String(make.invite)));
      return null;
    }
    if (who === "guest") {
      if (route === "GET /state") return { claimed: true, claimable: false, version: "test", signedIn: this.#signedIn() };
      if (this.guest === null) return problem(401, "signed-out");
      if (route === "GET /join") return { isIn: this.#isNamed() };
      if (!this.#isNamed()) return problem(401, "signed-out");
    }
    const answer = await this.inner.fetch(path, init);
    if (route !== "GET /roster" || !answer.ok) return answer;
    const chain = (await answer.json()) as { rosters: unknown[]; keyWraps: Json[] };
    const member = who === "owner" ? this.inner.account?.member : this.guest?.member;
    return { ...chain, keyWraps: chain.keyWraps.filter((wrap) => wrap.member === member), ...(who === "guest" ? { anchor: this.guest?.anchor } : {}) };
  }

  #byToken(token: unknown): Invite | null {
    const hash = digestHex(fromBase64Url(String(token)) ?? new Uint8Array(0));
    return this.invites.find(({ make, answer }) => make.tokenHash === hash && answer === null) ?? null;
  }

  #signedIn(): Json | null {
    return this.guest === null ? null : { household: this.inner.account?.household, member: this.guest.member, pending: !this.#isNamed() };
  }

  #isNamed(): boolean {
    const payload = new TextDecoder().decode(fromBase64Url((this.inner.rosters.at(-1) as unknown as { payload: string }).payload)!);
    return payload.includes(this.guest?.member ?? "nobody");
  }
}

function problem(status: number, code: string): Response {
  return Response.json({ type: "about:blank", code, title: "", status }, { status });
}
