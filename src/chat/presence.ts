/** Who is connected, in memory only. */
import type { Session } from "../broker/session.ts";
import type { ConnectedCustomer } from "./operations/post.ts";
import type { PublicPrincipal } from "./wire.ts";
import type { Principal } from "../broker/principal.ts";

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
  readonly sessions: Set<Session>;
};

export class Presence {
  readonly #online = new Map<string, Online>();
  #customers = 0;

  /** Counts a session in; returns the sessions the user has now. */
  add(session: Session): number {
    const { principal } = session;
    let online = this.#online.get(principal.id);
    if (online === undefined) {
      online = { principal, generation: undefined, sessions: new Set() };
      this.#online.set(principal.id, online);
      if (isCustomerKind(principal)) this.#customers += 1;
    }
    online.generation = session.authentication?.generation ?? online.generation;
    online.sessions.add(session);
    return online.sessions.size;
  }

  /** Counts a session out; returns the sessions the user still has. */
  remove(session: Session): number {
    const { principal } = session;
    const online = this.#online.get(principal.id);
    if (online === undefined) return 0;
    online.sessions.delete(session);
    if (online.sessions.size > 0) return online.sessions.size;
    this.#online.delete(principal.id);
    if (isCustomerKind(principal)) this.#customers -= 1;
    return 0;
  }

  isOnline(id: string): boolean {
    return this.#online.has(id);
  }

  /** A connected guest or customer. */
  customer(id: string): ConnectedCustomer | undefined {
    const online = this.#online.get(id);
    if (online === undefined || !isCustomerKind(online.principal)) return undefined;
    const { principal, generation } = online;
    return generation === undefined ? { principal } : { principal, generation };
  }

  get customerCount(): number {
    return this.#customers;
  }

  /** Connected guests and customers, in order of arrival, at most `limit`. */
  customers(limit = Infinity): readonly { readonly user: PublicPrincipal; readonly sessions: number }[] {
    const found: { user: PublicPrincipal; sessions: number }[] = [];
    for (const { principal, sessions } of this.#online.values()) {
      if (found.length >= limit) break;
      if (isCustomerKind(principal)) found.push({ user: shown(principal), sessions: sessions.size });
    }
    return found;
  }
}

function isCustomerKind({ kind }: Principal): boolean {
  return kind === "guest" || kind === "customer";
}
