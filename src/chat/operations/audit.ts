/** The audit log: each operation writes its own line in its own transaction; here are its pen, its reader and its retention. */
import { isCustomer } from "../access-policy.ts";
import { canonical, userOf } from "../conversation.ts";
import { answer } from "./outcome.ts";
import type { Principal } from "../../broker/principal.ts";
import type { AuditLine, AuditPlace } from "../audit.ts";
import type { ConversationRow, Tables } from "../tables.ts";
import type { Outcome } from "./outcome.ts";

/** Who does something now, and from where; the inputs of commands have it. */
export type Deed = {
  readonly principal: Principal;
  /** The peer's address, as TRUST_PROXY tells it. */
  readonly address?: string;
  readonly now: number;
};

/** Writes down what an agent or service does; what customers do is in their conversations. */
export function audit(
  tables: Tables,
  { principal, address, now }: Deed,
  line: Pick<AuditLine, "action" | "user" | "object" | "detail">,
): void {
  if (isCustomer(principal)) return;
  const from = address === undefined ? {} : { address };
  tables.audit.append({ at: now, actor: principal.id, outcome: "done", ...from, ...line });
}

/** The conversation and its customer, as a line names them. */
export function about(
  tables: Tables,
  { id, customer }: ConversationRow,
): Required<Pick<AuditLine, "user" | "object">> {
  return { user: canonical(tables, userOf(tables, customer)).id, object: id };
}

/** Writes down what changes nothing in the store. */
export function recordAudit(
  tables: Tables,
  { lines }: { readonly lines: readonly AuditLine[] },
): Outcome<null> {
  for (const line of lines) tables.audit.append(line);
  return answer(null);
}

export type AuditPageInput = {
  /** Only lines behind it. */
  readonly after: AuditPlace;
  /** Only what this user did, or what was done on them; an id, or one of ACTORS. */
  readonly user?: string;
  /** Of the lines that are looked at: there may be fewer in the page. */
  readonly limit: number;
};

export type AuditPage = {
  /** `actor` and `user` by their logins, where they have one. */
  readonly lines: readonly AuditLine[];
  /** `after` of the next page; absent on the last. */
  readonly next?: AuditPlace;
};

export function auditPage(tables: Tables, { after, user, limit }: AuditPageInput): Outcome<AuditPage> {
  const rows = tables.audit.after(after, limit);
  const last = rows.length === limit ? rows.at(-1) : undefined;
  return answer({
    lines: rows
      .filter((row) => user === undefined || row.actor === user || row.user === user)
      .map(({ key: _place, ...row }) => ({
        ...row,
        actor: nameOf(tables, row.actor),
        ...(row.user === undefined ? {} : { user: nameOf(tables, row.user) }),
      })),
    ...(last === undefined ? {} : { next: { at: last.at, key: last.key } }),
  });
}

function nameOf(tables: Tables, id: string): string {
  return tables.userById(id)?.login ?? id;
}

/** Drops at most `limit` lines of before a time; the result is how many went: call again while it equals the limit. */
export function pruneAudit(
  tables: Tables,
  { before, limit }: { readonly before: number; readonly limit: number },
): Outcome<number> {
  return answer(tables.audit.dropBefore(before, limit));
}
