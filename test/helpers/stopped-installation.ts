/** An installation without a server: what a guest wrote into it, and what can be read from it. */
import { DatabaseSync } from "node:sqlite";
import { pino } from "pino";
import { openInstallation } from "../../src/installation.ts";
import { Desk } from "../contract/desk.ts";
import type { Principal } from "../../src/broker/principal.ts";
import type { Installation } from "../../src/installation.ts";

const RETENTION = { maxMessages: 100_000, maxDays: 365 };
export const GUEST: Principal = { id: "g".repeat(22), kind: "guest" };

export function installation(dataDir: string): Promise<Installation> {
  return openInstallation({ dataDir, retention: RETENTION }, pino({ level: "silent" }));
}

/** A stopped installation in which a guest wrote these texts. */
export async function written(dataDir: string, ...texts: string[]): Promise<void> {
  const opened = await installation(dataDir);
  for (const text of texts) await new Desk(opened.store).post(GUEST, "support", text);
  await opened.close();
}

export type Content = { readonly texts: string[]; readonly key: string; readonly epoch: string };

export async function contentOf(dataDir: string): Promise<Content> {
  const opened = await installation(dataDir);
  const { store, tokenKey } = opened;
  const texts = await new Desk(store).texts(GUEST);
  await opened.close();
  return { texts, key: Buffer.from(tokenKey).toString("base64"), epoch: store.epoch };
}

export function inDatabase<Result>(file: string, work: (database: DatabaseSync) => Result): Result {
  const database = new DatabaseSync(file);
  try {
    return work(database);
  } finally {
    database.close();
  }
}
