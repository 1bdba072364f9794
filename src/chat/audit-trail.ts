/** Writes down what changes nothing in the store, and what was refused: seldom enough that nobody can flood the log. */
import { hasRole, isCustomer } from "./access-policy.ts";
import { RULES } from "./access-rules.ts";
import { DONE } from "./audit.ts";
import { networkOf } from "../broker/network.ts";
import type { Principal } from "../broker/principal.ts";
import type { AuditLine } from "./audit.ts";
import type { ChatStore } from "./store.ts";

export type AuditEntry = Omit<AuditLine, "at" | "times">;

/** Within it the same again is counted, not written. */
export const WINDOW_MS = 10 * 60_000;
/** Different lines in a window; what is beyond shares one line for each action and outcome. */
const MAX_LINES = { done: 1000, refused: 100 };

/** A destination that no rule names is not written down: whoever asked for it has made it up. */
type Refused = {
  readonly principal: Principal;
  readonly address: string;
  readonly verb: string;
  readonly destination: string;
};

type Counted = { readonly entry: AuditEntry; at: number; times: number };

/**
 * The first of its kind is written at once; those that follow within the window become one line at its end that says
 * how many they were. A failure of the store is the store's to report: nobody waits for these lines.
 */
export class AuditTrail {
  readonly #store: ChatStore;
  readonly #now: () => number;
  readonly #counted = new Map<string, Counted>();
  readonly #lines = { done: 0, refused: 0 };
  #timer: NodeJS.Timeout | undefined;

  constructor(store: ChatStore, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** An admin reads what others have written; who serves customers does so all day, and leaves no line. */
  read(principal: Principal, address: string, read: Pick<AuditEntry, "action" | "object">): void {
    if (hasRole(principal, "admin")) this.record({ ...read, actor: principal.id, address, outcome: DONE });
  }

  /** A principal was refused something; only what the rules forbid is written down. */
  refused(code: string, { principal, address, verb, destination }: Refused): void {
    if (!code.startsWith("FORBIDDEN") || code === "FORBIDDEN_KEY") return;
    const isKnown = RULES.some((rule) => rule.destination === destination);
    this.record({
      actor: principal.id,
      action: "forbidden",
      detail: isKnown ? `${verb} ${destination}` : verb,
      address: isCustomer(principal) ? networkOf(address, { four: 24, six: 48 }) : address,
      outcome: code,
    });
  }

  record(entry: AuditEntry): void {
    this.#timer ??= setTimeout(() => {
      this.#endWindow();
    }, WINDOW_MS).unref();
    const own = keyOf(entry);
    const kind = entry.outcome === DONE ? "done" : "refused";
    const isBeyond = !this.#counted.has(own) && this.#lines[kind] >= MAX_LINES[kind];
    const kept = isBeyond ? sharedBy(entry) : entry;
    const key = isBeyond ? keyOf(kept) : own;
    const counted = this.#counted.get(key);
    if (counted !== undefined) {
      counted.at = this.#now();
      counted.times += 1;
      return;
    }
    if (!isBeyond) this.#lines[kind] += 1;
    const at = this.#now();
    this.#counted.set(key, { entry: kept, at, times: 0 });
    this.#write([{ at, ...kept }]);
  }

  /** Writes what was counted, before the store closes. */
  close(): void {
    clearTimeout(this.#timer);
    this.#endWindow();
  }

  #endWindow(): void {
    this.#timer = undefined;
    const repeated = [...this.#counted.values()].filter(({ times }) => times > 0);
    this.#counted.clear();
    this.#lines.done = this.#lines.refused = 0;
    if (repeated.length > 0) this.#write(repeated.map(({ entry, at, times }) => ({ at, ...entry, times })));
  }

  #write(lines: readonly AuditLine[]): void {
    this.#store.execute("recordAudit", { lines }).catch(() => undefined);
  }
}

function keyOf({ actor, action, user, object, detail, address, outcome }: AuditEntry): string {
  return JSON.stringify([actor, action, user, object, detail, address, outcome]);
}

/** Of many, of whom no single one can be named. */
function sharedBy({ action, outcome }: AuditEntry): AuditEntry {
  return { actor: "unknown", action, detail: "by many", outcome };
}
