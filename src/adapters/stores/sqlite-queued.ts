/** Messages of durable queues in SQLite; nothing is cached, as the broker reads them at its start only. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { StoredMessage } from "../../broker/general/queue-store.ts";
import type { QueuedTables } from "../../chat/tables.ts";

export class SqliteQueued implements QueuedTables {
  readonly #sql: Readonly<Record<"insert" | "setAttempts" | "remove" | "after", StatementSync>>;

  constructor(database: DatabaseSync) {
    this.#sql = {
      insert: database.prepare(
        `INSERT INTO queued (place, destination, id, headers, body, expires_at, attempts) VALUES (?, ?, ?, ?, ?, ?, ?)`,
      ),
      setAttempts: database.prepare("UPDATE queued SET attempts = ? WHERE place = ?"),
      remove: database.prepare("DELETE FROM queued WHERE place = ?"),
      after: database.prepare("SELECT * FROM queued WHERE place > ? ORDER BY place LIMIT ?"),
    };
  }

  insert(message: StoredMessage): void {
    const { place, destination, id, headers, body, expiresAt, attempts } = message;
    this.#sql.insert.run(place, destination, id, JSON.stringify(headers), body, expiresAt, attempts);
  }

  setAttempts(place: number, attempts: number): void {
    this.#sql.setAttempts.run(attempts, place);
  }

  remove(place: number): void {
    this.#sql.remove.run(place);
  }

  after(place: number, limit: number): readonly StoredMessage[] {
    return this.#sql.after.all(place, limit).map((row) => ({
      place: row["place"] as number,
      destination: row["destination"] as string,
      id: row["id"] as string,
      headers: JSON.parse(row["headers"] as string) as StoredMessage["headers"],
      body: row["body"] as Uint8Array,
      expiresAt: row["expires_at"] as number,
      attempts: row["attempts"] as number,
    }));
  }
}
