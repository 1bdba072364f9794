/** Blocking a guest or customer, and, of guests, whoever comes from the same address. */
import { requirePermission } from "../access-policy.ts";
import { canonical, publicPrincipal } from "../conversation.ts";
import { refuse } from "../errors.ts";
import { about, audit } from "./audit.ts";
import { appendNote } from "./notes.ts";
import { answer, rowOf } from "./outcome.ts";
import { receiverOf } from "./post.ts";
import type { ConversationRow, Tables, UserRow } from "../tables.ts";
import type { Deed } from "./audit.ts";
import type { Outcome } from "./outcome.ts";
import type { ConnectedCustomer } from "./post.ts";

export type BlockInput = Deed & {
  readonly user: string;
  /** The user, when connected now: a guest who never wrote has no row. */
  readonly connected?: ConnectedCustomer;
  /** Whose guests are blocked too; `networkOf` gives them. */
  readonly networks: readonly string[];
  /** Kept as a private note of the newest conversation, with a random id for it. */
  readonly reason?: { readonly id: string; readonly text: string };
};

/** Blocks; again changes nothing but the networks that are new. */
export function block(tables: Tables, input: BlockInput): Outcome<null> {
  const { principal, user, connected, networks, reason, now } = input;
  const known = tables.userById(user);
  const receiver = receiverOf(tables, user, undefined);
  const kind = known === undefined ? connected?.principal.kind : undefined;
  requirePermission(principal, "SEND", "/chat/block", kind === undefined ? receiver : { ...receiver, kind });
  const latest = known && tables.latestConversationOf(canonical(tables, known).key);
  if (reason !== undefined && latest === undefined) {
    throw refuse("CONFLICT", { field: "reason", hint: "there is no conversation to note it in" });
  }
  const customer = customerOf(tables, known, connected, now);
  const added = networks.filter((network) => !tables.blocks.of(customer.key).includes(network));
  if (customer.blockedAt !== undefined && added.length === 0 && reason === undefined) return answer(null);
  const by = rowOf(tables, principal, now, undefined);
  const blocked = customer.blockedAt === undefined ? { ...customer, blockedAt: now } : customer;
  if (blocked !== customer) tables.updateUser(blocked);
  for (const network of added) tables.blocks.add(network, customer.key);
  const detail = added.length === 0 ? {} : { detail: "with address" };
  audit(tables, input, { action: "block", user: customer.id, ...objectOf(tables, latest), ...detail });
  const noted =
    latest === undefined || reason === undefined
      ? []
      : [appendNote(tables, latest, by, { ...reason, now }).fact];
  const users = [customer, ...tables.aliasesOf(customer.key)].map(({ id }) => id);
  return {
    result: null,
    facts: [
      ...noted,
      {
        type: "customer.blocked",
        user: publicPrincipal(blocked),
        by: publicPrincipal(by),
        users,
        networks: added,
      },
    ],
  };
}

function customerOf(
  tables: Tables,
  known: UserRow | undefined,
  connected: ConnectedCustomer | undefined,
  now: number,
): UserRow {
  if (known !== undefined) return canonical(tables, known);
  if (connected === undefined) throw refuse("UNKNOWN_USER");
  return rowOf(tables, connected.principal, now, connected.generation);
}

function objectOf(tables: Tables, latest: ConversationRow | undefined): { readonly object?: string } {
  return latest === undefined ? {} : { object: about(tables, latest).object };
}

/** Ends it, with all that was blocked for this user; of one who is not blocked nothing changes. */
export function unblock(tables: Tables, input: Deed & { readonly user: string }): Outcome<null> {
  const { principal, user, now } = input;
  requirePermission(principal, "SEND", "/chat/unblock", receiverOf(tables, user, undefined));
  const known = tables.userById(user);
  const customer = known && canonical(tables, known);
  if (customer?.blockedAt === undefined) return answer(null);
  const { blockedAt: _since, ...row } = customer;
  tables.updateUser(row);
  for (const { key } of [customer, ...tables.aliasesOf(customer.key)]) tables.blocks.dropOf(key);
  audit(tables, input, { action: "unblock", user: customer.id });
  const by = publicPrincipal(rowOf(tables, principal, now, undefined));
  return { result: null, facts: [{ type: "customer.unblocked", user: publicPrincipal(row), by }] };
}

/** Whether this user may not come in; `network` is that of a guest. */
export function isBlocked(
  tables: Tables,
  { user, network }: { readonly user: string; readonly network?: string },
): Outcome<boolean> {
  const known = tables.userById(user);
  const isUser = known !== undefined && canonical(tables, known).blockedAt !== undefined;
  return answer(isUser || (network !== undefined && tables.blocks.has(network)));
}
