/** export-customer as an operator uses it: one whole document, whatever its size, running and stopped. */
import { afterEach, expect, it } from "vitest";
import { admin, endAll, newDataDir, start } from "../helpers/program.ts";
import { GUEST, installation } from "../helpers/stopped-installation.ts";
import { Desk, newId } from "../contract/desk.ts";
import type { Program } from "../helpers/program.ts";

const DAY_MS = 24 * 60 * 60_000;
/** Several pages of the store, and several parts of the document. */
const MESSAGES = 450;
const NOTES = 210;
const FILLER = "ü".repeat(1000);

type Exported = {
  readonly customer: Record<string, unknown>;
  readonly guests: readonly unknown[];
  readonly conversations: readonly {
    readonly id: string;
    readonly state: string;
    readonly authors: readonly { readonly id: string }[];
    readonly events: readonly { readonly type: string }[];
    readonly messages: readonly {
      readonly seq: number;
      readonly message: string;
      readonly userFrom: string;
    }[];
    readonly notes: readonly { readonly number: number; readonly note: string }[];
  }[];
};

afterEach(endAll);

/** A guest with a short chat of yesterday, a long one of today, and somebody else beside. */
async function filled(dataDir: string): Promise<{ readonly agent: string }> {
  const opened = await installation(dataDir);
  const { store } = opened;
  const desk = new Desk(store);
  const agent = await desk.agent();
  await desk.post(desk.guest(), "support", "of somebody else");
  const { conversation } = await desk.post(GUEST, "support", "yesterday");
  await desk.post(agent, GUEST.id, "an answer");
  await store.execute("close", { principal: agent, conversation, now: desk.now });
  desk.now += 2 * DAY_MS;
  const today = await desk.post(GUEST, "support", "message 1");
  await desk.claim(agent, today.conversation);
  for (let seq = 2; seq <= MESSAGES; seq += 1) await desk.post(GUEST, "support", `message ${seq} ${FILLER}`);
  for (let number = 1; number <= NOTES; number += 1)
    await store.execute("writeNote", {
      principal: agent,
      conversation: today.conversation,
      noteId: newId(),
      text: `note ${number}`,
      now: desk.now,
    });
  await opened.close();
  return { agent: agent.id };
}

async function exported(dataDir: string, who: string): Promise<Exported> {
  const { stdout, stderr, exit }: Program = await admin(dataDir, ["export-customer", who]);
  expect([stderr, exit?.code]).toEqual(["", 0]);
  expect(stdout.endsWith("\n")).toBe(true);
  const { exportedAt, ...document } = JSON.parse(stdout) as Exported & { exportedAt: string };
  expect(Math.abs(Date.now() - Date.parse(exportedAt))).toBeLessThan(60_000);
  return document;
}

it("is everything of the customer and nothing of anybody else, the same from a running server and a stopped one", async () => {
  const dataDir = newDataDir();
  const { agent } = await filled(dataDir);
  const document = await exported(dataDir, GUEST.id);
  expect(document.customer).toMatchObject({ id: GUEST.id, kind: "guest" });
  expect(document.guests).toEqual([]);
  const [today, yesterday] = document.conversations;
  expect(document.conversations.map(({ messages, notes }) => [messages.length, notes.length])).toEqual([
    [MESSAGES, NOTES],
    [2, 0],
  ]);
  expect(today?.messages.map(({ seq, message }) => [seq, message.split(" ")[1]])).toEqual(
    Array.from({ length: MESSAGES }, (_, index) => [index + 1, String(index + 1)]),
  );
  expect(today?.notes.map(({ number, note }) => [number, note])).toEqual(
    Array.from({ length: NOTES }, (_, index) => [index + 1, `note ${index + 1}`]),
  );
  expect(yesterday?.messages.map(({ message, userFrom }) => [message, userFrom])).toEqual([
    ["yesterday", GUEST.id],
    ["an answer", agent],
  ]);
  expect([today?.state, yesterday?.state]).toEqual(["active", "closed"]);
  expect(yesterday?.authors.map(({ id }) => id).sort()).toEqual([GUEST.id, agent].sort());
  expect(yesterday?.events.map(({ type }) => type)).toContain("conversation.closed");
  expect(JSON.stringify(document)).not.toMatch(/somebody else|passcode|token/i);

  await start({ DATA_DIR: dataDir, ADMIN_PASSCODE: "correct horse battery" });
  expect(await exported(dataDir, GUEST.id)).toEqual(document);
  const { stdout } = await admin(dataDir, ["audit"]);
  expect(stdout.match(/\toperator\texport-customer\tg{22}\t-\tdone\t/g)).toHaveLength(2);
});

it("of who was erased has places without content", async () => {
  const dataDir = newDataDir();
  await filled(dataDir);
  await admin(dataDir, ["erase-customer", GUEST.id]);
  const document = await exported(dataDir, GUEST.id);
  expect(document.customer).toMatchObject({ id: GUEST.id, erasedAt: expect.any(String) as string });
  expect(JSON.stringify(document)).not.toMatch(/message 1|note 1|yesterday|an answer/);
  expect(document.conversations[0]?.messages).toHaveLength(MESSAGES);
});

it("of nobody is an error, of an agent too", async () => {
  const dataDir = newDataDir();
  const { agent } = await filled(dataDir);
  for (const who of [agent, "nobody"]) {
    const refused = await admin(dataDir, ["export-customer", who]);
    expect([refused.exit?.code, refused.stdout, refused.stderr]).toEqual([
      1,
      "",
      `${who}: there is no such guest or customer\n`,
    ]);
  }
  expect((await admin(dataDir, ["export-customer"])).exit?.code).toBe(64);
});
