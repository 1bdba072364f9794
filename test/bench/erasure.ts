/** `npm run bench:erasure -- [messages]`: exporting and erasing a customer, in time and memory, and how long commits take meanwhile. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSqliteStore } from "../../src/adapters/stores/sqlite-store.ts";
import { eraseCustomer } from "../../src/chat/erase-customer.ts";
import { exportPart } from "../../src/customer-export.ts";
import { Writers } from "../helpers/filled-store.ts";
import { commitsUntil, told } from "./steady-commits.ts";
import type { Principal } from "../../src/broker/principal.ts";
import type { ExportPlace } from "../../src/chat/operations/export.ts";
import type { ChatStore } from "../../src/chat/store.ts";

const MESSAGES = 100_000;
/** Of the customer who is erased: far more than people write. */
const ERASED = Number(process.argv[2] ?? 10_000);
const CHATS = 1000;
const VOCABULARY = 50_000;
const BATCH = 500;
const ALONE_MS = 2000;
const LOOK_EVERY_MS = 50;

const folder = mkdtempSync(join(tmpdir(), "customer-chat-"));
const store = await createSqliteStore({
  file: join(folder, "chat.db"),
  retention: { maxMessages: MESSAGES + ERASED, maxDays: 0 },
});
try {
  await measure();
} finally {
  await store.close();
  rmSync(folder, { recursive: true });
}

async function measure(): Promise<void> {
  const writers = new Writers();
  const customer = newGuest();
  await say(store, Array.from({ length: CHATS }, newGuest), MESSAGES);
  await say(store, [customer], ERASED);
  while ((await store.execute("indexMessages", { limit: BATCH })) === BATCH) continue;
  const megabytes = (statSync(join(folder, "chat.db")).size / 1e6).toFixed(1);
  console.log(`${ERASED} of ${MESSAGES + ERASED} messages, ${megabytes} MB`);
  const emptyLog = async (): Promise<void> => {
    if (!(await store.emptyLog())) throw new Error("somebody reads the database");
  };
  const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, ALONE_MS));
  await meanwhile("nothing else", writers, pause);
  await meanwhile("export", writers, () => exportAll(customer.id));
  await meanwhile("erasure", writers, () => eraseCustomer(store, customer.id, { now: Date.now(), emptyLog }));
}

/** Does the work, and tells of it and of the commits beside it. */
async function meanwhile(what: string, writers: Writers, work: () => Promise<unknown>): Promise<void> {
  let resident = process.memoryUsage().rss;
  const looking = setInterval(
    () => (resident = Math.max(resident, process.memoryUsage().rss)),
    LOOK_EVERY_MS,
  );
  const begun = performance.now();
  // A failure is told by the work itself, once the commits have ended.
  const done = work();
  const commits = await commitsUntil(store, writers, Promise.allSettled([done]));
  clearInterval(looking);
  await done;
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  console.log(`${what}: ${seconds} s, resident ${(resident / 1e6).toFixed(0)} MB; ${told(commits)}`);
}

/** As the command line asks for it, part by part. */
async function exportAll(customer: string): Promise<void> {
  let place: ExportPlace | undefined;
  do {
    const asked = { customer, ...(place === undefined ? {} : { place }) };
    place = (await exportPart(store, asked, Date.now())).next;
  } while (place !== undefined);
}

/** So many messages of one after the other of the senders, in sentences of a language. */
async function say(to: ChatStore, senders: readonly Principal[], count: number): Promise<void> {
  for (let done = 0; done < count; done += BATCH) {
    const posts = Array.from({ length: BATCH }, (_, index) => {
      const sender = senders[(done + index) % senders.length] ?? newGuest();
      const text = Array.from({ length: 15 }, word).join(" ");
      const ids = { messageId: newGuest().id, conversationId: newGuest().id };
      return to.execute("post", { sender, to: "support", text, ...ids, now: Date.now() });
    });
    await Promise.all(posts);
  }
}

function newGuest(): Principal {
  return { id: randomBytes(16).toString("base64url"), kind: "guest" };
}

/** The n-th word is said about n times less often than the first, as in any language. */
function word(): string {
  return `w${Math.floor(VOCABULARY ** Math.random()).toString(36)}`;
}
