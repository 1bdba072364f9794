/** erase-customer as an operator uses it: nothing of the customer is left in any file, whatever happens meanwhile. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { SignJWT } from "jose";
import { afterEach, expect, it } from "vitest";
import { preload } from "../helpers/preload.ts";
import { admin, endAll, newDataDir, Program, start } from "../helpers/program.ts";
import { RawClient } from "../helpers/raw-client.ts";
import { until } from "../helpers/running-server.ts";
import { GUEST, inDatabase, installation } from "../helpers/stopped-installation.ts";
import { Desk } from "../contract/desk.ts";
import type { Principal } from "../../src/broker/principal.ts";

const PASSCODE = "correct horse battery";
const SECRET = "s".repeat(32);
const URL_OF_SITE = "https://chat.example.com";

/** Words that nothing else has, by where they stand; in lower case, as the index of words has them. */
const WORDS = {
  subject: "qsubjectword",
  name: "qnameword",
  page: "qpageword",
  title: "qtitleword",
  browser: "qbrowserword",
  message: "qmessageword",
  long: "qlongword",
  answer: "qanswerword",
  note: "qnoteword",
  guest: "qguestword",
} as const;
type Where = keyof typeof WORDS;
const EVERYWHERE = Object.keys(WORDS) as Where[];

afterEach(endAll);

/** Which of the words the octets have; an index leaves out how a word begins where the one before it begins so too. */
function wordsIn(octets: Uint8Array | string): Where[] {
  const buffer = Buffer.from(octets);
  return EVERYWHERE.filter((where) => buffer.includes(WORDS[where].slice(1)));
}

function found(...files: string[]): Where[] {
  return wordsIn(Buffer.concat(files.filter((file) => existsSync(file)).map((file) => readFileSync(file))));
}

function filesOf(dataDir: string): string[] {
  return ["chat.db", "chat.db-wal", "chat.db-shm"].map((name) => join(dataDir, name));
}

const environmentOf = (dataDir: string): Record<string, string> => ({
  DATA_DIR: dataDir,
  ADMIN_PASSCODE: PASSCODE,
  RATE_LIMITS: "off",
  PUBLIC_URL: URL_OF_SITE,
  SITE_JWT_SECRET: SECRET,
  LOG_LEVEL: "debug",
});

async function postJson(url: string, body: unknown): Promise<Record<string, unknown>> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  return (await response.json()) as Record<string, unknown>;
}

type Chat = {
  readonly server: Program;
  readonly customer: RawClient;
  readonly agent: RawClient;
  readonly conversation: string;
  readonly bearer: string;
};

/** A guest who became a customer of the host site, with every word in its place. */
async function chatOf(dataDir: string): Promise<Chat> {
  const server = await start(environmentOf(dataDir));
  const options = { headers: { "user-agent": `Browser ${WORDS.browser}` } };
  const guest = await (await RawClient.connect(server.webSocketUrl, {}, options)).subscribeAll();
  await guest.post("/chat/page", {
    url: `https://shop.example.com/${WORDS.page}`,
    title: `About ${WORDS.title}`,
  });
  await guest.say("support", `I am ${WORDS.guest}`);
  const jwt = await new SignJWT({ name: `Ms ${WORDS.name}` })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(WORDS.subject)
    .setAudience(URL_OF_SITE)
    .setIssuedAt()
    .setExpirationTime("5m")
    .sign(Buffer.from(SECRET));
  const guestToken = guest.connected.get("token");
  const { token } = await postJson(`${server.url}/api/identify`, { jwt, guestToken });
  const customer = await RawClient.connect(
    server.webSocketUrl,
    { Authorization: `Bearer ${String(token)}` },
    options,
  );
  await customer.subscribeAll();
  const agent = await RawClient.connect(server.webSocketUrl, { login: "admin", passcode: PASSCODE });
  await agent.subscribeAll();
  await agent.subscribe("desk", "/chat/topic/support");
  const said = await customer.say("support", `my ${WORDS.message}`, { clientId: "first" });
  // Too long for one page of the database.
  await customer.say("support", `${"ü".repeat(3900)} ${WORDS.long}`);
  await agent.say(customer.id, `your ${WORDS.answer}`);
  const conversation = said?.headers.get("conversation") ?? "";
  await agent.post("/chat/note", { conversation, note: `about ${WORDS.note}` });
  const session = await postJson(`${server.url}/api/sessions`, { login: "admin", passcode: PASSCODE });
  return { server, customer, agent, conversation, bearer: String(session["token"]) };
}

async function search({ server, bearer }: Chat, text: string): Promise<unknown[]> {
  const headers = { authorization: `Bearer ${bearer}` };
  const answer = await fetch(`${server.url}/api/search?text=${text}`, { headers });
  const { items, customers } = (await answer.json()) as { items: unknown[]; customers: unknown[] };
  return [...items, ...customers];
}

it("leaves no octet of the customer in the database, its log, a new backup or the server's log", async () => {
  const dataDir = newDataDir();
  const chat = await chatOf(dataDir);
  const { server, customer, agent, conversation } = chat;
  const other = await RawClient.connect(server.webSocketUrl);
  await other.say("support", "somebody else with qotherword");
  expect(await search(chat, WORDS.message)).toHaveLength(1);
  expect(await search(chat, WORDS.name)).toHaveLength(1);
  expect(found(...filesOf(dataDir))).toEqual(EVERYWHERE);
  const indexed = inDatabase(join(dataDir, "chat.db"), (database) =>
    Buffer.concat(
      database
        .prepare("SELECT block FROM message_words_data UNION ALL SELECT block FROM customer_words_data")
        .all()
        .map(({ block }) => block as Uint8Array),
    ),
  );
  expect(wordsIn(indexed)).toEqual(["name", "message", "long", "answer", "guest"]);

  const erased = await admin(dataDir, ["erase-customer", WORDS.subject]);
  expect([erased.stderr, erased.exit?.code]).toEqual(["", 0]);
  expect(erased.stdout).toContain(
    `erased customer ${customer.id}: 4 messages and 1 note in 1 conversation\n`,
  );
  expect(found(...filesOf(dataDir))).toEqual([]);
  const backup = join(dirname(dataDir), "after.backup");
  expect((await admin(dataDir, ["backup", backup])).exit?.code).toBe(0);
  expect(found(backup)).toEqual([]);
  expect(wordsIn(server.stdout + server.stderr)).toEqual([]);

  await until("the customer's session ended", () => customer.closed !== undefined);
  expect(customer.of("ERROR").map(({ headers }) => headers.get("code"))).toEqual(["REVOKED"]);
  expect(agent.bodies("desk").map(({ type, data }) => [type, data])).toContainEqual([
    "customer.erased",
    { user: { id: customer.id, kind: "customer", verified: true, erased: true } },
  ]);
  expect(await search(chat, WORDS.message)).toEqual([]);
  expect(await search(chat, "qotherword")).toHaveLength(1);
  const headers = { authorization: `Bearer ${chat.bearer}` };
  const path = `${server.url}/api/conversations/${conversation}/messages`;
  const { items } = (await (await fetch(path, { headers })).json()) as { items: Record<string, unknown>[] };
  expect(items.map(({ seq, message, erased: isErased }) => [seq, message, isErased])).toEqual(
    [1, 2, 3, 4].map((seq) => [seq, "", true]),
  );

  const again = await admin(dataDir, ["erase-customer", customer.id]);
  expect([again.stderr, again.exit?.code]).toEqual(["", 0]);
  expect(again.stdout).toContain("it was erased before; nothing was left");
  server.kill("SIGTERM");
  expect(await server.ended()).toBe(0);
  expect(found(...filesOf(dataDir))).toEqual([]);
});

it("waits for who reads the database, and empties the log then", async () => {
  const dataDir = newDataDir();
  await chatOf(dataDir);
  const file = join(dataDir, "chat.db");
  const reader = new DatabaseSync(file);
  reader.exec("BEGIN");
  reader.prepare("SELECT count(*) FROM messages").get();
  const environment = { DATA_DIR: dataDir };
  const erasing = new Program("admin", ["erase-customer", WORDS.subject], { environment });
  const longest = "SELECT max(length(text)) AS longest FROM messages";
  await until("no row has any of it", () =>
    inDatabase(file, (database) => database.prepare(longest).get()?.["longest"] === 0),
  );
  expect(found(...filesOf(dataDir))).toEqual(EVERYWHERE);
  reader.close();
  expect(await erasing.ended()).toBe(0);
  expect(found(...filesOf(dataDir))).toEqual([]);
});

/** A stopped installation in which a guest wrote so many messages with the same word, and another guest did too. */
async function chats(
  dataDir: string,
  { mine, others }: { readonly mine: number; readonly others: number },
): Promise<void> {
  const opened = await installation(dataDir);
  const desk = new Desk(opened.store);
  const named: Principal = { ...GUEST, name: WORDS.name };
  const other = desk.guest();
  const words = (index: number): string =>
    createHash("sha512").update(String(index)).digest("hex").match(/.{6}/g)?.join(" ") ?? "";
  await Promise.all([
    ...Array.from({ length: mine }, () => desk.post(named, "support", `said ${WORDS.message}`)),
    ...Array.from({ length: others }, (_, index) => desk.post(other, "support", words(index))),
  ]);
  let taken = 500;
  while (taken === 500) taken = await opened.store.execute("indexMessages", { limit: 500 });
  await opened.close();
}

it("takes few words out of an index of many pages, whose other words are found afterwards", async () => {
  const dataDir = newDataDir();
  await chats(dataDir, { mine: 1, others: 3000 });
  const inIndex = (): unknown =>
    inDatabase(join(dataDir, "chat.db"), (database) =>
      database
        .prepare(
          `SELECT sum(instr(block, cast('${WORDS.message.slice(1)}' AS BLOB)) > 0) AS blocks,
                  (SELECT count(*) FROM message_words WHERE message_words MATCH 'a*') AS others
                  FROM message_words_data`,
        )
        .get(),
    );
  const before = inIndex() as { blocks: number; others: number };
  expect(before.blocks).toBeGreaterThan(0);
  expect((await admin(dataDir, ["erase-customer", GUEST.id])).exit?.code).toBe(0);
  expect(inIndex()).toEqual({ blocks: 0, others: before.others });
  expect(found(...filesOf(dataDir))).toEqual([]);
});

it("killed in the middle is not done, which doctor tells, and a repetition ends it", async () => {
  const MESSAGES = 300;
  const dataDir = newDataDir();
  await chats(dataDir, { mine: MESSAGES, others: 0 });
  expect(found(...filesOf(dataDir))).toEqual(["name", "message"]);
  const NODE_OPTIONS = preload("killed-at-commit").join(" ");
  const environment = { DATA_DIR: dataDir, NODE_OPTIONS, KILLED_AT_COMMIT: "5" };
  const killed = new Program("admin", ["erase-customer", GUEST.id], { environment });
  expect(await killed.ended()).toBe(null);
  const left = (): number =>
    inDatabase(join(dataDir, "chat.db"), (database) =>
      Number(database.prepare("SELECT count(*) AS left FROM messages WHERE text <> ''").get()?.["left"]),
    );
  expect(left()).toBeGreaterThan(0);
  expect(left()).toBeLessThan(MESSAGES);
  expect(found(...filesOf(dataDir))).toContain("message");

  const doctor = await admin(dataDir, ["doctor"]);
  expect(doctor.stderr).toContain(`the erasure of ${GUEST.id} is not done; npm run admin -- erase-customer`);
  const again = await admin(dataDir, ["erase-customer", GUEST.id]);
  expect(again.stdout).toContain(`erased customer ${GUEST.id}: ${MESSAGES} messages`);
  expect(again.stdout).toContain("an earlier erasure of it was interrupted; now it is done");
  expect(found(...filesOf(dataDir))).toEqual([]);
  expect((await admin(dataDir, ["doctor"])).stderr).toBe("");
});

it("of nobody is an error, of an agent too", async () => {
  const dataDir = newDataDir();
  const opened = await installation(dataDir);
  const { id } = await new Desk(opened.store).agent();
  await opened.close();
  for (const who of [id, "nobody"]) {
    const refused = await admin(dataDir, ["erase-customer", who]);
    expect([refused.exit?.code, refused.stderr]).toEqual([1, `${who}: there is no such guest or customer\n`]);
  }
  expect((await admin(dataDir, ["erase-customer"])).exit?.code).toBe(64);
});
