/** kill -9 under load: nothing acknowledged is lost, doubled, disordered or leaked. */
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Checker, CLEAN } from "../helpers/checker.ts";
import { LoadClient } from "../helpers/load-client.ts";
import { ADMIN_PASSCODE, ServerProcess } from "../helpers/server-process.ts";
import { until } from "../helpers/running-server.ts";

const CYCLES = Number(process.env["KILL_CYCLES"] ?? 8);
const SENDERS = 20;
const AGENTS = 4;
const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);

/** A small generator, so that the printed seed replays the moments. */
function random(state: number): () => number {
  let next = state;
  return () => {
    next = (Math.imul(next, 1_664_525) + 1_013_904_223) >>> 0;
    return next / 2 ** 32;
  };
}

type Sender = {
  token: string;
  id: string;
  client: LoadClient | undefined;
  next: number;
  readonly agent: number;
};
type Receiver = { readonly login: string; position: string | undefined; client: LoadClient | undefined };

const server = new ServerProcess();
const checker = new Checker();
const senders: Sender[] = Array.from({ length: SENDERS }, (_, index) => ({
  token: "",
  id: "",
  client: undefined,
  next: 0,
  agent: index % AGENTS,
}));
const receivers: Receiver[] = Array.from({ length: AGENTS }, (_, index) => ({
  login: `agent-${index}`,
  position: undefined,
  client: undefined,
}));

beforeAll(async () => {
  await server.start();
  for (const { login } of receivers) await server.addAgent(login);
});
afterAll(async () => {
  await server.remove();
});

/** Connects everybody; receivers resume where they were. */
async function connectAll(): Promise<void> {
  await Promise.all(
    receivers.map(async (receiver, index) => {
      const { login } = receiver;
      receiver.client = await LoadClient.connect(
        server.webSocketUrl,
        { login, passcode: ADMIN_PASSCODE },
        {
          since: receiver.position,
          onMessage: (shown) => {
            const sender = Number(shown.text.split(" ")[0]);
            checker.received(login, shown, Number.isNaN(sender) || senders[sender]?.agent === index);
            receiver.position = receiver.client?.position ?? receiver.position;
          },
        },
      );
    }),
  );
  await Promise.all(
    senders.map(async (sender) => {
      const headers: Record<string, string> = sender.token === "" ? {} : { passcode: sender.token };
      const client = await LoadClient.connect(server.webSocketUrl, headers);
      sender.client = client;
      sender.id = client.id;
      sender.token = client.token;
    }),
  );
}

/** The agent opens the chat; its own message is not sent back to its session, so the RECEIPT shows it. */
async function welcome(agent: number, guest: string): Promise<void> {
  const receiver = receivers[agent];
  const headers = (await receiver?.client?.say(guest, "how may I help?"))?.headers;
  const [id = "", conversation = "", seq] = ["message-id", "conversation", "seq"].map((name) =>
    headers?.get(name),
  );
  checker.received(receiver?.login ?? "", { id, conversation, seq: Number(seq), text: "" }, true);
}

/** Sends until the connection is gone; what was not acknowledged is sent again under the same clientId. */
async function send(index: number): Promise<void> {
  const sender = senders[index];
  if (sender === undefined) return;
  while (sender.client?.isClosed === false) {
    const clientId = `${index}-${sender.next}`;
    const receipt = await Promise.race([
      sender.client.say("support", `${index} ${sender.next}`, clientId),
      new Promise<undefined>((resolve) => {
        if (sender.client !== undefined)
          sender.client.onClose = () => {
            resolve(undefined);
          };
      }),
    ]);
    if (receipt === undefined) return;
    checker.acked(clientId, receipt.headers.get("message-id") ?? "");
    sender.next += 1;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

it(`${CYCLES} kills under load leave every promise kept (SEED=${seed})`, async () => {
  const chance = random(seed);
  await connectAll();
  await Promise.all(senders.map(({ id, agent }) => welcome(agent, id)));
  for (let cycle = 0; cycle < CYCLES; cycle += 1) {
    const working = senders.map((_, index) => send(index));
    await new Promise((resolve) => setTimeout(resolve, 200 + chance() * 1300));
    await server.end("SIGKILL");
    await Promise.all(working);
    const database = new DatabaseSync(join(server.dataDir, "chat.db"));
    expect(database.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
    database.close();
    await server.start();
    expect(server.startedIn).toBeLessThan(8000);
    await connectAll();
  }
  await until("everything acknowledged is shown", () => checker.findings().lostAcked === 0, 10_000).catch(
    () => undefined,
  );
  console.log(`${checker.ackedCount} messages acknowledged over ${CYCLES} kills, seed ${seed}`);
  expect(checker.findings()).toEqual(CLEAN);
  expect(checker.ackedCount).toBeGreaterThan(CYCLES * SENDERS);
});

it("SIGTERM under load answers what was received and exits 0", async () => {
  const working = senders.map((_, index) => send(index));
  await new Promise((resolve) => setTimeout(resolve, 500));
  const began = performance.now();
  expect(await server.end("SIGTERM")).toBe(0);
  expect(performance.now() - began).toBeLessThan(15_000);
  await Promise.all(working);
  await server.start();
  await connectAll();
  await until("everything acknowledged is shown", () => checker.findings().lostAcked === 0, 10_000).catch(
    () => undefined,
  );
  expect(checker.findings()).toEqual(CLEAN);
});
