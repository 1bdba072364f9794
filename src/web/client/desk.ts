/** The support topic as a picture that is kept up to date. */
import type {
  AgentStatus,
  ConversationSummary,
  EventEnvelope,
  OnlineAgent,
  OnlineCustomer,
  PublicPrincipal,
  VisitedPage,
} from "../../chat/wire.ts";
import type { DeskState, WaitingConversation } from "./types.ts";

type Counts = DeskState["counts"];
type Snapshot = {
  readonly counts: Counts;
  readonly online: readonly OnlineCustomer[];
  readonly agents: readonly OnlineAgent[];
  readonly waiting: readonly {
    readonly conversation: ConversationSummary;
    readonly preview: string;
    readonly waitingSince: string;
  }[];
  readonly more: boolean;
};
type CustomerData = {
  readonly user: PublicPrincipal;
  readonly sessions: number;
  /** Of the session that connected. */
  readonly userAgent?: string;
};
type AgentData = { readonly user: PublicPrincipal; readonly sessions: number; readonly status?: AgentStatus };
type PageData = { readonly user: PublicPrincipal; readonly page: VisitedPage };
type StatusData = { readonly user: PublicPrincipal; readonly status: AgentStatus };
type ConversationData = {
  readonly conversation: ConversationSummary;
  readonly preview?: string;
  /** Of one that waits. */
  readonly waitingSince?: string;
  readonly reason?: string;
};
type UserData = { readonly user: PublicPrincipal };
type IdentifiedData = { readonly from: PublicPrincipal; readonly user: PublicPrincipal };

export class Desk implements DeskState {
  counts: Counts = { online: 0, waiting: 0, active: 0 };
  readonly online = new Map<string, OnlineCustomer>();
  readonly waiting = new Map<string, WaitingConversation>();
  readonly agents = new Map<string, OnlineAgent>();
  readonly blocks = new Map<string, boolean>();
  more = false;
  /** Rows of the snapshot. */
  #shown = { online: 0, waiting: 0 };
  /** States of conversations as events told them, for the counts. */
  readonly #states = new Map<string, ConversationSummary["state"]>();
  #rev = "";

  /** Takes an event; false when one is missing before it, so that a new snapshot is needed. */
  take({ type, at, data, rev }: EventEnvelope & { readonly rev?: string }): boolean {
    if (type === "snapshot") this.#replace(data as Snapshot);
    else if (!follows(this.#rev, rev ?? "")) return false;
    else this.#apply(type, data, Date.parse(at));
    this.#rev = rev ?? "";
    return true;
  }

  /** There are more rows than the snapshot had, and most of those it had are gone: a new one shows the next. */
  get isThin(): boolean {
    return (["online", "waiting"] as const).some(
      (list) => this[list].size < this.counts[list] && this[list].size < this.#shown[list] / 2,
    );
  }

  clear(): void {
    const counts = { online: 0, waiting: 0, active: 0 };
    this.#replace({ counts, online: [], agents: [], waiting: [], more: false });
    this.#rev = "";
  }

  #replace({ counts, online, agents, waiting, more }: Snapshot): void {
    this.counts = counts;
    this.more = more;
    this.online.clear();
    this.agents.clear();
    this.waiting.clear();
    this.blocks.clear();
    this.#states.clear();
    for (const row of online) this.online.set(row.user.id, row);
    for (const row of agents) this.agents.set(row.user.id, row);
    for (const { conversation, preview, waitingSince } of waiting) {
      this.waiting.set(conversation.id, { conversation, preview, since: Date.parse(waitingSince) });
      this.#states.set(conversation.id, "waiting");
    }
    this.#shown = { online: online.length, waiting: waiting.length };
  }

  #apply(type: string, data: unknown, at: number): void {
    switch (type) {
      case "customer.connected":
      case "customer.disconnected":
        this.#customer(type, data as CustomerData);
        break;
      case "customer.page":
        this.#visited(data as PageData);
        break;
      case "customer.identified":
        this.online.delete((data as IdentifiedData).from.id);
        break;
      case "customer.blocked":
      case "customer.unblocked":
        this.blocks.set((data as UserData).user.id, type === "customer.blocked");
        break;
      case "customer.erased":
        this.online.delete((data as UserData).user.id);
        break;
      case "agent.connected":
      case "agent.disconnected":
        this.#agent(data as AgentData);
        break;
      case "agent.status":
        this.#status(data as StatusData);
        break;
      default:
        if (type.startsWith("conversation.")) this.#conversation(type, data as ConversationData, at);
    }
  }

  #customer(type: string, data: CustomerData): void {
    const { user, sessions, userAgent } = data;
    if (sessions === 0) this.online.delete(user.id);
    else {
      const known = this.online.get(user.id);
      this.online.set(user.id, {
        ...known,
        user,
        sessions,
        ...(userAgent === undefined ? {} : { userAgent }),
      });
    }
    this.counts = { ...this.counts, online: Math.max(this.online.size, this.#onlineCount(type, data)) };
  }

  /** Beyond the rows of the snapshot the count is all that is known. */
  #onlineCount(type: string, { sessions }: CustomerData): number {
    if (!this.more) return this.online.size;
    const { online } = this.counts;
    if (type === "customer.connected") return sessions === 1 ? online + 1 : online;
    return sessions === 0 ? online - 1 : online;
  }

  /** Of somebody beyond the rows of the snapshot a page alone makes no row. */
  #visited({ user, page }: PageData): void {
    const row = this.online.get(user.id);
    if (row !== undefined) this.online.set(user.id, { ...row, page });
  }

  #agent({ user, sessions, status }: AgentData): void {
    if (sessions === 0) this.agents.delete(user.id);
    else {
      const known = this.agents.get(user.id)?.status ?? "online";
      this.agents.set(user.id, { user, sessions, status: status ?? known });
    }
  }

  #status({ user, status }: StatusData): void {
    const row = this.agents.get(user.id);
    if (row !== undefined) this.agents.set(user.id, { ...row, status });
  }

  #conversation(type: string, data: ConversationData, at: number): void {
    const { conversation, preview, waitingSince } = data;
    const { id, state } = conversation;
    const before = this.#states.get(id) ?? stateBefore(type, data);
    this.#states.set(id, state);
    const known = this.waiting.get(id);
    if (state === "waiting") {
      const since = waitingSince === undefined ? (known?.since ?? at) : Date.parse(waitingSince);
      this.waiting.set(id, { conversation, preview: preview ?? known?.preview ?? "", since });
    } else this.waiting.delete(id);
    if (before === state) return;
    const change = (which: "waiting" | "active"): number =>
      Math.max(0, this.counts[which] + (state === which ? 1 : 0) - (before === which ? 1 : 0));
    this.counts = { ...this.counts, waiting: change("waiting"), active: change("active") };
  }
}

/** The state before an event of a conversation that no snapshot and no event has told of: snapshots tell of some that wait. */
function stateBefore(type: string, { conversation, reason }: ConversationData): ConversationSummary["state"] {
  switch (type) {
    case "conversation.opened":
    case "conversation.reopened":
      return "closed";
    case "conversation.updated":
      return "waiting";
    case "conversation.assigned":
      return reason === undefined ? "waiting" : "active";
    case "conversation.closed":
      // The last assignee stays with it.
      return conversation.assignee === null ? "waiting" : "active";
    default:
      return reason === "merged" ? "waiting" : "active";
  }
}

/** `<start>-<n>`: the same start, and the next n. */
function follows(before: string, rev: string): boolean {
  const [start, count] = before.split("-");
  return rev === `${start}-${Number(count) + 1}`;
}
