/** Preloaded into a server: what it sends to a customer and should not is told on standard error. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { isMainThread } from "node:worker_threads";

const EVERY_MS = 100;

if (isMainThread) {
  const { tapped } = await import("../tap/this-process.ts");
  tapped.became = becameIn;
  setInterval(() => {
    for (const finding of tapped.takeFindings()) process.stderr.write(`${finding}\n`);
  }, EVERY_MS).unref();
}

/** What the server's database says, while the server has it open. */
function becameIn(): readonly (readonly [string, string])[] {
  const database = new DatabaseSync(join(process.env["DATA_DIR"] ?? "data", "chat.db"), { readOnly: true });
  const rows = database
    .prepare("SELECT g.id AS guest, c.id AS customer FROM users g JOIN users c ON c.key = g.alias_of")
    .all();
  database.close();
  return rows.map(({ guest, customer }) => [String(guest), String(customer)]);
}
