/** Erasing a customer: gone for everybody with the first step, taken out of the storage in bites by the ones behind it. */
import { publicPrincipal } from "../conversation.ts";
import { refuse } from "../errors.ts";
import { ERASED } from "../wire.ts";
import { usersOf } from "./export.ts";
import { answer } from "./outcome.ts";
import { close } from "./transitions.ts";
import type { Fact } from "../facts.ts";
import type { Key, Tables, UserRow } from "../tables.ts";
import type { Outcome } from "./outcome.ts";

export type BegunErasure = {
  /** Ids of the customer and of the guests who became it: the other steps are taken for each. */
  readonly users: readonly string[];
  /** What an earlier run left: nothing, some of the steps, or all done. */
  readonly earlier: "none" | "unfinished" | "done";
};

/**
 * Erases a guest or customer, named by id or by the host site's `sub`, for everybody: from here on no query and no
 * mailbox shows anything, the open conversation is closed, sessions end, tokens are dead and what this identity sends
 * is refused. UNKNOWN_USER when there is none. Doing it again changes nothing.
 */
export function beginErasure(
  tables: Tables,
  { customer, now }: { readonly customer: string; readonly now: number },
): Outcome<BegunErasure> {
  const users = usersOf(tables, customer);
  const [owner] = users;
  const ids = users.map(({ id }) => id);
  if (owner.erasedAt !== undefined) {
    return answer({ users: ids, earlier: owner.erasing === true ? "unfinished" : "done" });
  }
  const line = { at: now, actor: "operator", outcome: "done" } as const;
  tables.audit.append({ ...line, action: "erase-customer", user: owner.id });
  for (const { key } of users) tables.blocks.dropOf(key);
  for (const user of users) tables.updateUser(erasedRow(user, now, user === owner));
  const facts: Fact[] = users
    .flatMap(({ key }) => tables.openConversationsOf(key).filter((row) => row.customer === key))
    .flatMap((row) => close(tables, row, { now, reason: ERASED }).facts);
  // Sessions that end are told of with the names they came with: that is over when the erasure is told.
  for (const user of ids) facts.push({ type: "credentials.revoked", user });
  for (const id of ids)
    facts.push({ type: "customer.erased", user: publicPrincipal(erasedUser(tables, id)) });
  return { result: { users: ids, earlier: "none" }, facts };
}

function erasedRow(
  { key, id, kind, verified, aliasOf, createdAt }: UserRow,
  now: number,
  isOwner: boolean,
): UserRow {
  return {
    key,
    id,
    kind,
    ...(verified === undefined ? {} : { verified }),
    ...(aliasOf === undefined ? {} : { aliasOf }),
    createdAt,
    disabled: true,
    erasedAt: now,
    ...(isOwner ? { erasing: true } : {}),
  };
}

export type EraseMessagesInput = {
  /** One of `users`. */
  readonly user: string;
  /** 0, then `next` of the step before. */
  readonly after: number;
  readonly limit: number;
};

/** Empties the texts of up to `limit` messages; undefined when there are no more. */
export function eraseMessages(
  tables: Tables,
  { user, after, limit }: EraseMessagesInput,
): Outcome<{ readonly next: number; readonly count: number } | undefined> {
  return answer(tables.erasure.messages(erasedUser(tables, user).key, after, limit));
}

export type EraseConversationsInput = {
  readonly user: string;
  /** `next` of the step before. */
  readonly before?: Key;
  readonly limit: number;
};

/** Empties the notes of up to `limit` conversations and takes contexts and reasons away. */
export function eraseConversations(
  tables: Tables,
  { user, before, limit }: EraseConversationsInput,
): Outcome<{ readonly next?: Key; readonly conversations: number; readonly notes: number }> {
  const { key } = erasedUser(tables, user);
  const rows = tables.conversations({
    customers: [key],
    limit,
    ...(before === undefined ? {} : { beforeKey: before }),
  });
  let notes = 0;
  for (const { context: _where, closeReason, ...row } of rows) {
    notes += tables.erasure.conversation(row.key, ERASED);
    tables.updateConversation(closeReason === ERASED ? { ...row, closeReason } : row);
  }
  const next = rows.length === limit ? rows.at(-1)?.key : undefined;
  return answer({ conversations: rows.length, notes, ...(next === undefined ? {} : { next }) });
}

/** Rewrites a part of the index of words without what was erased; false when all of it is. */
export function mergeWords(
  tables: Tables,
  { begin, limit }: { readonly begin: boolean; readonly limit: number },
): Outcome<boolean> {
  return answer(tables.erasure.words(begin, limit));
}

/** Notes that nothing is left in the storage. */
export function endErasure(tables: Tables, { user }: { readonly user: string }): Outcome<null> {
  const { erasing: _done, ...row } = erasedUser(tables, user);
  tables.updateUser(row);
  return answer(null);
}

/** Ids of customers whose erasure was begun and is not done. */
export function unfinishedErasures(tables: Tables): Outcome<readonly string[]> {
  return answer(tables.erasure.unfinished().map(({ id }) => id));
}

function erasedUser(tables: Tables, id: string): UserRow {
  const user = tables.userById(id);
  if (user?.erasedAt === undefined) throw refuse("UNKNOWN_USER");
  return user;
}
