/**
 * @file What every device of a member says about the account: notices that were not read here yet, and approvals that wait.
 *
 * What was read is this device's own business and is remembered here only: a device that somebody else brought in cannot
 * make it look read on the others.
 */
import type { MemberId, Outcome } from "../domain/home";
import type { ApprovalView, ClientView, NoticeView } from "../domain/security";
import { succeed } from "../api/problem";
import type { Vault } from "../api/vault";
import type { LocalStore } from "../crypto/localStore";
import type { MemberPlace } from "../crypto/member";
import { answer, type VaultEvent } from "./answers";
import type { SnapshotStore } from "./snapshot";
import { approvalsShape, noticesShape, type ApprovalAnswer, type NoticeAnswer } from "./wayAnswers";

export type AccountEvent = Extract<VaultEvent, { readonly event: "notice" | "approval-asked" | "approval-over" }>;

/** Ninety days of a busy home are far below. */
const PAGES_MAX = 50;
/** The vault forgets an approval after two minutes. */
const APPROVAL_US = 120_000_000;

export interface NewsTools {
  readonly vault: Vault;
  readonly store: LocalStore;
  readonly snapshot: SnapshotStore;
  readonly nowUs: () => number;
  readonly nameOf: (member: string) => string | null;
}

export class AccountNews {
  readonly #tools: NewsTools;
  readonly #place: MemberPlace;
  /** Oldest first. */
  #notices: readonly NoticeAnswer[] = [];
  #approvals: readonly ApprovalAnswer[] = [];
  #seen = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(place: MemberPlace, tools: NewsTools) {
    this.#place = place;
    this.#tools = tools;
  }

  /** What happened while nobody listened. One after the other, so that nothing is counted twice. */
  refresh(): Promise<Outcome<void>> {
    const read = this.#turn.then(() => this.#refresh());
    this.#turn = read.catch(() => undefined);
    return read;
  }

  async #refresh(): Promise<Outcome<void>> {
    const { vault } = this.#tools;
    this.#seen = await this.#readSeen();
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const got = await answer(noticesShape, vault.notices(this.#notices.at(-1)?.notice ?? 0));
      if (!got.ok) return got;
      for (const one of got.value.notices) this.#add(one);
      if (!got.value.more || got.value.notices.length === 0) break;
    }
    const approvals = await answer(approvalsShape, vault.approvals());
    if (approvals.ok) this.#approvals = approvals.value.approvals;
    this.#show();
    return succeed(undefined);
  }

  happened(event: AccountEvent): void {
    if (event.event === "notice") {
      const isNext = event.notice.notice > (this.#notices.at(-1)?.notice ?? 0);
      if (isNext) this.#add(event.notice);
    } else if (event.event === "approval-asked") {
      this.#approvals = [event.ask, ...this.#approvals.filter(({ approval }) => approval !== event.ask.approval)];
    } else this.#approvals = this.#approvals.filter(({ approval }) => approval !== event.approval);
    this.#show();
  }

  /** An approval that was answered here. */
  answered(approval: string): void {
    this.happened({ event: "approval-over", approval });
  }

  /** Newest first. */
  async notices(): Promise<Outcome<readonly NoticeView[]>> {
    const read = await this.refresh();
    if (!read.ok) return read;
    return succeed(this.#notices.map((one) => this.#noticeView(one)).reverse());
  }

  async seen(): Promise<void> {
    this.#seen = Math.max(this.#seen, this.#notices.at(-1)?.notice ?? 0);
    await this.#tools.store.put("marks", this.#seenKey(), this.#seen);
    this.#show();
  }

  #add(notice: NoticeAnswer): void {
    if (notice.notice > (this.#notices.at(-1)?.notice ?? 0)) this.#notices = [...this.#notices, notice];
  }

  #noticeView(one: NoticeAnswer): NoticeView {
    return {
      id: one.notice,
      kind: one.kind,
      atUs: one.atUs,
      isMine: one.member === this.#place.member,
      memberId: one.member as MemberId | null,
      memberName: one.member === null ? null : this.#tools.nameOf(one.member),
      client: one.client === null ? null : clientView(one.client),
      network: one.network,
      untilUs: one.untilUs,
      isNew: one.notice > this.#seen,
    };
  }

  #show(): void {
    const fromUs = this.#tools.nowUs() - APPROVAL_US;
    const approvals = this.#approvals.filter(({ atUs }) => atUs > fromUs).map(
      ({ approval, client, network, atUs, numbers }): ApprovalView => ({ id: approval, client: clientView(client), network, atUs, numbers }),
    );
    const unseenNotices = this.#notices.filter(({ notice }) => notice > this.#seen).length;
    this.#tools.snapshot.setAccount({ unseenNotices, approvals });
  }

  async #readSeen(): Promise<number> {
    const kept = await this.#tools.store.get("marks", this.#seenKey());
    return typeof kept === "number" ? Math.max(kept, this.#seen) : this.#seen;
  }

  #seenKey(): string {
    return `notices-seen|${this.#place.household}|${this.#place.member}`;
  }
}

/** The vault's coarse `Firefox on Android`, apart. */
export function clientView(client: string): ClientView {
  const [browser = "", system = ""] = client.split(" on ");
  const known = (word: string) => (word === "" || /unknown/i.test(word) ? null : word);
  return { browser: known(browser), system: known(system) };
}
