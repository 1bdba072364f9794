/** `npm run bench:store`: what one stored message costs: CPU, rows, and octets written to disk, checkpoints included. */
import { randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSqliteStore } from "../../src/adapters/stores/sqlite-store.ts";
import type { Principal } from "../../src/broker/principal.ts";
import type { ChatStore } from "../../src/chat/store.ts";

const AGENTS = 20;
const MESSAGES = 60_000;
const TEXT = "x".repeat(120);
const SHAPES = [
  { name: "100 chats", chats: 100 },
  { name: "20,000 chats", chats: 20_000 },
];
/** Messages that wait for one commit. */
const BATCHES = [200, 1000];

const newId = (): string => randomBytes(16).toString("base64url");

for (const { name, chats } of SHAPES) {
  for (const batch of BATCHES) {
    const folder = mkdtempSync(join(tmpdir(), "customer-chat-"));
    await measure(`${name}, ${batch} messages a commit`, join(folder, "chat.db"), chats, batch);
    rmSync(folder, { recursive: true });
  }
}

/** Every chat is an agent's: a message goes to the customer's log and to one agent's mailbox. */
async function measure(name: string, file: string, chats: number, batch: number): Promise<void> {
  const store = await createSqliteStore({ file });
  const guests = await openChats(store, chats);
  const before = { cpu: process.cpuUsage(), octets: writtenOctets(), rows: rowsIn(file) };
  for (let done = 0; done < MESSAGES; done += batch) {
    const senders = Array.from({ length: batch }, (_, index) => guests[(done + index * 7919) % chats]);
    await Promise.all(senders.map((sender) => post(store, sender)));
  }
  const cpu = process.cpuUsage(before.cpu);
  const rows = rowsIn(file) - before.rows;
  await store.close();
  const octets = writtenOctets() - before.octets;
  console.log(
    `${name}: ${((cpu.user + cpu.system) / MESSAGES).toFixed(1)} us CPU, ${(rows / MESSAGES).toFixed(2)} rows, ` +
      `${Math.round(octets / MESSAGES)} octets written, ` +
      `${Math.round(statSync(file).size / (MESSAGES + chats))} octets kept for each`,
  );
}

async function openChats(store: ChatStore, chats: number): Promise<readonly Principal[]> {
  const now = Date.now();
  const agents: Principal[] = Array.from({ length: AGENTS }, () => ({
    id: newId(),
    kind: "agent",
    role: "agent",
  }));
  for (const { id } of agents) {
    await store.execute("addAgent", { id, login: id, role: "agent", passcodeHash: "-", now });
  }
  const guests: Principal[] = Array.from({ length: chats }, () => ({ id: newId(), kind: "guest" }));
  await Promise.all(
    guests.map(async (guest, index) => {
      const { conversation } = await post(store, guest);
      const principal = agents[index % AGENTS];
      if (principal !== undefined) await store.execute("claim", { principal, conversation, now });
    }),
  );
  return guests;
}

function post(store: ChatStore, sender: Principal | undefined) {
  if (sender === undefined) throw new Error("there is no such chat");
  const ids = { messageId: newId(), conversationId: newId(), clientId: timeOrderedId() };
  return store.execute("post", { sender, to: "support", text: TEXT, ...ids, now: Date.now() });
}

/** A UUID of version 7, as our own clients make them. */
function timeOrderedId(): string {
  const time = Date.now().toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}

/** Of this process, by every write call so far (Linux: /proc). */
function writtenOctets(): number {
  return Number(/wchar: (\d+)/.exec(readFileSync("/proc/self/io", "utf8"))?.[1]);
}

function rowsIn(file: string): number {
  const database = new DatabaseSync(file, { readOnly: true });
  const row = database
    .prepare("SELECT (SELECT count(*) FROM messages) + (SELECT count(*) FROM mailbox) AS count")
    .get();
  database.close();
  return Number(row?.["count"]);
}
