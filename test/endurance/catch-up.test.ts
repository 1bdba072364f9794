/** Whoever was away while 10,000 messages came has all of them soon, or is told that the mailbox cannot give them. */
import { afterEach, expect, it } from "vitest";
import { LoadClient } from "../helpers/load-client.ts";
import { connectClient } from "../helpers/people.ts";
import { RawClient } from "../helpers/raw-client.ts";
import { until } from "../helpers/running-server.ts";
import { ADMIN_PASSCODE, ServerProcess } from "../helpers/server-process.ts";
import type { ChatClient } from "../../src/web/client/index.ts";

const MISSED = 10_000;
const WITHIN_MS = 5000;
/** A machine with other work may take four times as long. */
const PATIENCE_MS = 4 * WITHIN_MS;
const MAX_GROWTH_MIB = 150;

let server: ServerProcess;
const clients: ChatClient[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.stop()));
  await server.remove();
});

type Scene = {
  /** Of who is away. */
  readonly passcode: string;
  readonly conversation: string;
  /** Behind the first message, which who is away wrote. */
  readonly position: string;
  /** A page of who is away: it shows the conversation and is stopped. */
  readonly page: ChatClient;
  /** The whole conversation. */
  readonly all: readonly string[];
};

/** One of the two writes, and goes away with a plain client and a page; then the other one writes. */
async function leave(
  who: "agent" | "customer",
  missed: number,
  environment: Record<string, string> = {},
): Promise<Scene> {
  server = new ServerProcess(environment);
  await server.start();
  await server.addAgent("anna");
  const anna = { passcode: await server.openSession("anna") };
  const [mine, theirs] = who === "agent" ? [anna, {}] : [{}, anna];
  const plain = await RawClient.connect(server.webSocketUrl, mine);
  let passcode = who === "agent" ? anna.passcode : (plain.connected.get("token") ?? "");
  const writer = await LoadClient.connect(server.webSocketUrl, theirs);
  const tokens = {
    load: () => passcode,
    save: (token: string | undefined) => {
      passcode = token ?? passcode;
    },
  };
  const page = await connectClient(
    server.url,
    who === "agent" ? { credentials: { login: "anna", passcode: ADMIN_PASSCODE } } : { tokens },
  );
  clients.push(page);
  const receipt = await plain.say(who === "agent" ? writer.id : "support", "0");
  const conversation = receipt?.headers.get("conversation") ?? "";
  await until("the page shows it", () => page.transcript(conversation)?.messages.length === 1);
  await page.stop();
  await plain.close();
  const texts = Array.from({ length: missed }, (_, index) => String(index + 1));
  const to = who === "agent" ? "support" : plain.id;
  await Promise.all(texts.map((text) => writer.say(to, text)));
  writer.close();
  const position = receipt?.headers.get("position") ?? "";
  return { passcode, conversation, position, page, all: ["0", ...texts] };
}

/** Milliseconds until `done`, and the most that the server's memory grew meanwhile. */
async function measure(done: () => boolean): Promise<{ ms: number; growth: number }> {
  const [began, before] = [performance.now(), server.residentMiB()];
  let most = before;
  await until(
    "everything was caught up with",
    () => {
      most = Math.max(most, server.residentMiB());
      return done();
    },
    PATIENCE_MS,
  );
  return { ms: Math.round(performance.now() - began), growth: Math.round(most - before) };
}

const textsOn = ({ page, conversation }: Scene): readonly string[] =>
  (page.transcript(conversation)?.messages ?? []).map(({ message }) => message);

it(`brings ${MISSED} messages to a plain client and to a page`, async () => {
  const scene = await leave("agent", MISSED);
  const got: string[] = [];
  const connected = LoadClient.connect(
    server.webSocketUrl,
    { passcode: scene.passcode },
    { since: scene.position, onMessage: ({ text }) => got.push(text) },
  );
  const plain = await measure(() => got.length >= MISSED);
  expect(got).toEqual(scene.all.slice(1));
  (await connected).close();

  scene.page.start();
  const page = await measure(() => textsOn(scene).length >= MISSED + 1);
  expect(textsOn(scene)).toEqual(scene.all);
  console.log(
    `${MISSED} messages missed: plain client ${plain.ms} ms, page ${page.ms} ms; ` +
      `the server grew by ${plain.growth} and ${page.growth} MiB`,
  );
  expect(Math.max(plain.growth, page.growth)).toBeLessThan(MAX_GROWTH_MIB);
});

it("tells a position outside the retention, and the history leads to the whole conversation", async () => {
  const scene = await leave("customer", 1000, { MAILBOX_MAX_MESSAGES: "100" });
  const plain = await RawClient.connect(server.webSocketUrl, { passcode: scene.passcode });
  await plain.subscribe("events", "/user/queue/events");
  const receipt = await plain.subscribe("messages", "/user/queue/messages", `since:${scene.position}\n`);
  expect(receipt?.headers.get("recovered")).toBe("false");
  const found = ["0"];
  for (let more = true; more;) {
    await plain.post("/chat/history", { conversation: scene.conversation, after: found.length, limit: 200 });
    const { data } = plain.bodies("events").at(-1) as { data: { items: readonly { message: string }[] } };
    found.push(...data.items.map(({ message }) => message));
    more = data.items.length > 0;
  }
  expect(found).toEqual(scene.all);
  expect(plain.texts()).toEqual([]);

  // A page begins anew with the newest messages, without a hole at any moment, and has the older ones page by page.
  let isWhole = true;
  scene.page.on("transcript", () => {
    const numbers = textsOn(scene).map(Number);
    isWhole &&= numbers.every((number, index) => number === (numbers[0] ?? 0) + index);
  });
  scene.page.start();
  await until("the page has the newest", () => textsOn(scene).at(-1) === scene.all.at(-1), PATIENCE_MS);
  for (let count = 0; textsOn(scene).length > count;) {
    count = textsOn(scene).length;
    await scene.page.loadHistory(scene.conversation);
  }
  expect(textsOn(scene)).toEqual(scene.all);
  expect(isWhole).toBe(true);
});
