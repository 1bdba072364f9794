/** Tells the desk which page a visitor looks at: at once, and of further pages the newest once a second. */
import { shown } from "./presence.ts";
import type { Session } from "../broker/session.ts";
import type { Presence } from "./presence.ts";
import type { SupportTopic } from "./support-topic.ts";
import type { VisitedPage } from "./wire.ts";

const INTERVAL_MS = 1000;

export class PageNews {
  readonly #presence: Presence;
  readonly #support: SupportTopic;
  /** Visitors told of within the interval, each with what has come since. */
  readonly #recent = new Map<string, VisitedPage | undefined>();

  constructor(presence: Presence, support: SupportTopic) {
    this.#presence = presence;
    this.#support = support;
  }

  visit(session: Session, page: VisitedPage): void {
    const { id } = session.principal;
    if (!this.#presence.visit(session, page)) return;
    if (this.#recent.has(id)) this.#recent.set(id, page);
    else this.#tell(id, page);
  }

  #tell(id: string, page: VisitedPage): void {
    const visitor = this.#presence.customer(id);
    if (visitor === undefined) return;
    this.#support.publish("customer.page", { user: shown(visitor.principal), page });
    this.#recent.set(id, undefined);
    setTimeout(() => {
      const newer = this.#recent.get(id);
      this.#recent.delete(id);
      if (newer !== undefined) this.#tell(id, newer);
    }, INTERVAL_MS).unref();
  }
}
