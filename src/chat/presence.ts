/** Who is connected, in memory only. */
import type { Session } from "../broker/session.ts";
import type { ConnectedCustomer } from "./operations/post.ts";
import type { Principal } from "../broker/principal.ts";
import type {
  AgentStatus,
  ConversationContext,
  OnlineAgent,
  OnlineCustomer,
  PublicPrincipal,
  VisitedPage,
} from "./wire.ts";

/** A principal as others see it: scopes are nobody's business. */
export function shown({ id, kind, role, name, verified }: Principal): PublicPrincipal {
  return {
    id,
    kind,
    ...(role === undefined ? {} : { role }),
    ...(name === undefined ? {} : { name }),
    ...(verified === undefined ? {} : { verified }),
  };
}

type Online = {
  readonly principal: Principal;
  generation: number | undefined;
  /** In order of arrival, each with the page it told of last. */
  readonly sessions: Map<Session, VisitedPage | undefined>;
  page: VisitedPage | undefined;
};

export class Presence {
  readonly #online = new Map<string, Online>();
  readonly #agents = new Map<string, Online>();
  /** Of the agents who are not simply `online`, connected or not. */
  readonly #statuses = new Map<string, AgentStatus>();
  #customers = 0;

  /** Counts a session in; returns the sessions the user has now. */
  add(session: Session): number {
    const { principal } = session;
    let online = this.#online.get(principal.id);
    if (online === undefined) {
      online = { principal, generation: undefined, sessions: new Map(), page: undefined };
      this.#online.set(principal.id, online);
      if (isCustomerKind(principal)) this.#customers += 1;
      if (principal.kind === "agent") this.#agents.set(principal.id, online);
    }
    online.generation = session.authentication?.generation ?? online.generation;
    online.sessions.set(session, undefined);
    return online.sessions.size;
  }

  /** Counts a session out; returns the sessions the user still has. */
  remove(session: Session): number {
    const { principal } = session;
    const online = this.#online.get(principal.id);
    if (online === undefined) return 0;
    const page = online.sessions.get(session);
    online.sessions.delete(session);
    // The page of a tab that was closed is nobody's page any more.
    if (page !== undefined && page === online.page) {
      online.page = [...online.sessions.values()].findLast((other) => other !== undefined);
    }
    if (online.sessions.size > 0) return online.sessions.size;
    this.#online.delete(principal.id);
    this.#agents.delete(principal.id);
    if (isCustomerKind(principal)) this.#customers -= 1;
    return 0;
  }

  /** Remembers the page a visitor's session shows; false when that is no news. */
  visit(session: Session, page: VisitedPage): boolean {
    const online = this.#online.get(session.principal.id);
    if (online?.sessions.has(session) !== true) return false;
    online.sessions.set(session, page);
    const isNews = JSON.stringify(online.page) !== JSON.stringify(page);
    online.page = page;
    return isNews;
  }

  /** Where a customer is: as this session told, or the user's newest; undefined when nothing is known. */
  contextOf(who: Session | string): ConversationContext | undefined {
    const online = this.#online.get(typeof who === "string" ? who : who.principal.id);
    if (online === undefined || !isCustomerKind(online.principal)) return undefined;
    const page = (typeof who === "string" ? undefined : online.sessions.get(who)) ?? online.page;
    const userAgent = typeof who === "string" ? userAgentOf(online) : who.connection.userAgent;
    if (page === undefined && userAgent === undefined) return undefined;
    return { ...(page === undefined ? {} : { page }), ...(userAgent === undefined ? {} : { userAgent }) };
  }

  setStatus(agent: string, status: AgentStatus): void {
    if (status === "online") this.#statuses.delete(agent);
    else this.#statuses.set(agent, status);
  }

  statusOf(agent: string): AgentStatus {
    return this.#statuses.get(agent) ?? "online";
  }

  /** Connected, and not `invisible`: a chat can be handed over. */
  isReachable(agent: string): boolean {
    return this.#online.has(agent) && this.statusOf(agent) !== "invisible";
  }

  /** An agent is connected and `online`. */
  get isSomebodyThere(): boolean {
    return [...this.#agents.keys()].some((id) => this.statusOf(id) === "online");
  }

  /** A connected guest or customer. */
  customer(id: string): ConnectedCustomer | undefined {
    const online = this.#online.get(id);
    if (online === undefined || !isCustomerKind(online.principal)) return undefined;
    const { principal, generation } = online;
    return generation === undefined ? { principal } : { principal, generation };
  }

  /** The addresses from which a user is connected. */
  addressesOf(id: string): readonly string[] {
    return [...(this.#online.get(id)?.sessions.keys() ?? [])].map(
      ({ connection }) => connection.remoteAddress,
    );
  }

  get customerCount(): number {
    return this.#customers;
  }

  /** Connected guests and customers, in order of arrival, at most `limit`. */
  customers(limit = Infinity): readonly OnlineCustomer[] {
    const found: OnlineCustomer[] = [];
    for (const online of this.#online.values()) {
      if (found.length >= limit) break;
      const { principal, sessions, page } = online;
      if (!isCustomerKind(principal)) continue;
      const userAgent = userAgentOf(online);
      found.push({
        user: shown(principal),
        sessions: sessions.size,
        ...(page === undefined ? {} : { page }),
        ...(userAgent === undefined ? {} : { userAgent }),
      });
    }
    return found;
  }

  get agentCount(): number {
    return this.#agents.size;
  }

  /** Connected agents, in order of arrival, at most `limit`. */
  agents(limit: number): readonly OnlineAgent[] {
    return [...this.#agents.values()].slice(0, limit).map(({ principal, sessions }) => ({
      user: shown(principal),
      sessions: sessions.size,
      status: this.statusOf(principal.id),
    }));
  }
}

/** As the newest session that says so calls itself. */
function userAgentOf({ sessions }: Online): string | undefined {
  return [...sessions.keys()].findLast(({ connection }) => connection.userAgent !== undefined)?.connection
    .userAgent;
}

function isCustomerKind({ kind }: Principal): boolean {
  return kind === "guest" || kind === "customer";
}
