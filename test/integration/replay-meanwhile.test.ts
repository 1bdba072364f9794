/** A mailbox is replayed to a reader that takes its time; between two pages it grows by a transfer, and customers are erased. */
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { askAdmin } from "../../src/adapters/http/admin-socket.ts";
import { ADMIN_PASSCODE, ServerProcess } from "../helpers/server-process.ts";
import { RawClient } from "../helpers/raw-client.ts";
import { until } from "../helpers/running-server.ts";

let server: ServerProcess;
beforeEach(() => {
  server = new ServerProcess();
});
afterEach(() => server.remove());

/** What a reader that acknowledges nothing is sent: two pages and a half. */
const UNACKNOWLEDGED = 256;
const MESSAGES = 190;
/** As many come with a conversation at most. */
const COPIED = 200;

type Chat = { readonly customer: string; readonly conversation: string };

/** A customer's chat of so many messages, in the hands of an agent. */
async function chat(agent: RawClient, name: string, messages: number): Promise<Chat> {
  const guest = await (await RawClient.connect(server.webSocketUrl)).subscribeAll();
  const texts = Array.from({ length: messages }, (_, index) => `${name} ${index + 1}`);
  const [first] = await Promise.all(texts.map((text) => guest.say("support", text)));
  const conversation = first?.headers.get("conversation") ?? "";
  await agent.post("/chat/claim", { conversation });
  await guest.close();
  return { customer: guest.id, conversation };
}

it.each(["client", "client-individual"])(
  "in mode %s it has no gap, nothing twice, and no word of who was erased",
  async (mode) => {
    await server.start();
    const connect = (login: string): Promise<RawClient> =>
      RawClient.connect(server.webSocketUrl, { login, passcode: ADMIN_PASSCODE });
    await Promise.all(["anna", "bert"].map((login) => server.addAgent(login)));
    const [anna, bert, reader] = await Promise.all([connect("anna"), connect("bert"), connect("bert")]);
    const kept = await chat(bert, "kept", MESSAGES);
    const erased = await chat(bert, "erased", MESSAGES);
    const last = await chat(bert, "last", MESSAGES);
    const given = await chat(anna, "given", COPIED + 30);
    const erasedThen = await chat(anna, "erased", COPIED + 30);

    const start = await bert.subscribe("probe", "/user/queue/messages");
    const since = start?.headers.get("position")?.replace(/\d+$/, "0") ?? "";
    await reader.subscribe("messages", "/user/queue/messages", `ack:${mode}\nsince:${since}\n`);
    await until("it is sent what it may be", () => reader.on("messages").length === UNACKNOWLEDGED);
    for (const { conversation } of [given, erasedThen])
      expect((await anna.post("/chat/transfer", { conversation, to: bert.id }))?.command).toBe("RECEIPT");
    for (const { customer } of [erased, erasedThen]) {
      const answer = await askAdmin(join(server.dataDir, "admin.sock"), "erase-customer", { customer });
      expect(answer?.ok).toBe(true);
    }
    expect(reader.on("messages")).toHaveLength(UNACKNOWLEDGED);

    const total = 3 * MESSAGES + 2 * COPIED;
    let acknowledged = 0;
    await until("the rest", () => {
      const received = reader.on("messages");
      const fresh = received.slice(acknowledged);
      for (const { headers } of mode === "client" ? fresh.slice(-1) : fresh)
        reader.send(`ACK\nid:${headers.get("ack") ?? ""}\n\n^@`);
      acknowledged = received.length;
      return received.length >= total;
    });
    const offsets = reader.on("messages").map(({ headers }) => headers.get("position")?.split("-")[1]);
    expect(offsets).toEqual(Array.from({ length: total }, (_, index) => String(index + 1)));
    expect(reader.texts().slice(UNACKNOWLEDGED)).not.toContainEqual(expect.stringMatching(/^erased/));
    const seqs = ({ conversation }: Chat): readonly unknown[] =>
      reader
        .bodies("messages")
        .filter((body) => body["conversation"] === conversation)
        .map(({ seq }) => seq);
    const counted = (from: number, count: number): readonly number[] =>
      Array.from({ length: count }, (_, index) => from + index);
    for (const one of [kept, erased, last]) expect(seqs(one)).toEqual(counted(1, MESSAGES));
    for (const one of [given, erasedThen]) expect(seqs(one)).toEqual(counted(31, COPIED));
  },
);
