/** The support topic as a picture that is kept up to date. */
import type { ConversationSummary, EventEnvelope, PublicPrincipal } from "../../chat/wire.ts";
import type { DeskState, Online, WaitingConversation } from "./types.ts";

type Counts = DeskState["counts"];
type Snapshot = {
  readonly counts: Counts;
  readonly online: readonly Online[];
  readonly waiting: readonly { readonly conversation: ConversationSummary; readonly preview: string }[];
  readonly more: boolean;
};
type PresenceData = { readonly user: PublicPrincipal; readonly sessions: number };
type ConversationData = { readonly conversation: ConversationSummary; readonly preview?: string };
type IdentifiedData = { readonly from: PublicPrincipal; readonly user: PublicPrincipal };

export class Desk implements DeskState {
  counts: Counts = { online: 0, waiting: 0, active: 0 };
  readonly online = new Map<string, Online>();
  readonly waiting = new Map<string, WaitingConversation>();
  readonly agents = new Map<string, Online>();
  more = false;
  /** States of conversations as events told them, for the counts. */
  readonly #states = new Map<string, ConversationSummary["state"]>();
  #rev = "";

  /** Takes an event; false when one is missing before it, so that a new snapshot is needed. */
  take({ type, at, data, rev }: EventEnvelope & { readonly rev?: string }): boolean {
    if (type === "snapshot") this.#replace(data as Snapshot, Date.parse(at));
    else if (!follows(this.#rev, rev ?? "")) return false;
    else this.#apply(type, data, Date.parse(at));
    this.#rev = rev ?? "";
    return true;
  }

  clear(): void {
    this.#replace({ counts: { online: 0, waiting: 0, active: 0 }, online: [], waiting: [], more: false }, 0);
    this.agents.clear();
    this.#rev = "";
  }

  #replace({ counts, online, waiting, more }: Snapshot, at: number): void {
    const since = new Map([...this.waiting].map(([id, row]) => [id, row.since]));
    this.counts = counts;
    this.more = more;
    this.online.clear();
    this.waiting.clear();
    this.#states.clear();
    for (const row of online) this.online.set(row.user.id, row);
    for (const { conversation, preview } of waiting) {
      const { id } = conversation;
      this.waiting.set(id, { conversation, preview, since: since.get(id) ?? at });
      this.#states.set(id, "waiting");
    }
  }

  #apply(type: string, data: unknown, at: number): void {
    if (type === "customer.connected" || type === "customer.disconnected") {
      this.#present(this.online, data as PresenceData);
      this.counts = {
        ...this.counts,
        online: Math.max(this.online.size, this.#onlineCount(type, data as PresenceData)),
      };
    } else if (type === "agent.connected" || type === "agent.disconnected") {
      this.#present(this.agents, data as PresenceData);
    } else if (type === "customer.identified") {
      this.online.delete((data as IdentifiedData).from.id);
    } else if (type.startsWith("conversation.")) {
      this.#conversation(type, data as ConversationData, at);
    }
  }

  /** Beyond the rows of the snapshot the count is all that is known. */
  #onlineCount(type: string, { sessions }: PresenceData): number {
    if (!this.more) return this.online.size;
    const { online } = this.counts;
    if (type === "customer.connected") return sessions === 1 ? online + 1 : online;
    return sessions === 0 ? online - 1 : online;
  }

  #present(rows: Map<string, Online>, { user, sessions }: PresenceData): void {
    if (sessions === 0) rows.delete(user.id);
    else rows.set(user.id, { user, sessions });
  }

  #conversation(type: string, { conversation, preview }: ConversationData, at: number): void {
    const { id, state } = conversation;
    const before = this.#states.get(id) ?? stateBefore(type);
    this.#states.set(id, state);
    const known = this.waiting.get(id);
    if (state === "waiting") {
      const row = { conversation, preview: preview ?? known?.preview ?? "", since: known?.since ?? at };
      this.waiting.set(id, row);
    } else this.waiting.delete(id);
    if (before === state) return;
    const change = (which: "waiting" | "active"): number =>
      Math.max(0, this.counts[which] + (state === which ? 1 : 0) - (before === which ? 1 : 0));
    this.counts = { ...this.counts, waiting: change("waiting"), active: change("active") };
  }
}

/** The state before an event of a conversation that no snapshot and no event has told of: then it was active. */
function stateBefore(type: string): ConversationSummary["state"] {
  return type === "conversation.opened" || type === "conversation.reopened" ? "closed" : "active";
}

/** `<start>-<n>`: the same start, and the next n. */
function follows(before: string, rev: string): boolean {
  const [start, count] = before.split("-");
  return rev === `${start}-${Number(count) + 1}`;
}
