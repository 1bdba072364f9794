/** Mailboxes of agents and services over the memory store's rows. */
import type { Key, MessageRow } from "../../chat/tables.ts";
import type { Rows } from "./memory-rows.ts";

export class MemoryMailboxes {
  readonly #rows: () => Rows;

  constructor(rows: () => Rows) {
    this.#rows = rows;
  }

  head(user: Key): number {
    return this.#rows().mailboxes.get(user)?.head ?? 0;
  }

  floor(user: Key): number {
    return this.#rows().mailboxes.get(user)?.floor ?? 0;
  }

  append(user: Key, message: Key): number {
    const { mailboxes } = this.#rows();
    const mailbox = mailboxes.get(user) ?? { head: 0, floor: 0, entries: new Map<number, Key>() };
    mailboxes.set(user, mailbox);
    mailbox.head += 1;
    mailbox.entries.set(mailbox.head, message);
    return mailbox.head;
  }

  offsetOf(user: Key, message: Key): number {
    for (const [offset, key] of this.#rows().mailboxes.get(user)?.entries ?? [])
      if (key === message) return offset;
    return 0;
  }

  after(user: Key, after: number, limit: number): readonly { offset: number; message: MessageRow }[] {
    const { mailboxes, messages } = this.#rows();
    const found: { offset: number; message: MessageRow }[] = [];
    for (const [offset, key] of mailboxes.get(user)?.entries ?? []) {
      const message = messages[key - 1];
      if (found.length < limit && offset > after && message !== undefined) found.push({ offset, message });
    }
    return found;
  }

  /** Drops what is beyond the retention, at most `limit` rows; returns how many. */
  prune(maxMessages: number, sentBefore: number, limit: number): number {
    const { mailboxes, messages } = this.#rows();
    let dropped = 0;
    for (const mailbox of mailboxes.values()) {
      for (const [offset, key] of mailbox.entries) {
        const isOld = (messages[key - 1]?.sentAt ?? 0) < sentBefore;
        if (dropped === limit || (offset > mailbox.head - maxMessages && !isOld)) break;
        mailbox.entries.delete(offset);
        mailbox.floor = offset;
        dropped += 1;
      }
    }
    return dropped;
  }
}
