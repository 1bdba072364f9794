/** Whatever happens in whatever order: a subscription to a mailbox is sent everything once, in order, or is told that it is not. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { settled, TestChat } from "../../helpers/test-chat.ts";
import type { Principal } from "../../../src/broker/principal.ts";
import type { Frame } from "../../../src/stomp/frame.ts";
import type { TestClient } from "../../helpers/test-chat.ts";

const MODES = ["auto", "client", "client-individual"] as const;
const SUBJECT = "carla";
/** Of a session; with more it would be refused. */
const MOST_READERS = 10;
/** Rounds in which nothing comes, until nothing more will: a page may still be on its way. */
const CALM_ROUNDS = 5;

const offsetOf = (position: string | undefined): number => Number(position?.split("-")[1]);

/** One SUBSCRIBE of a session, and what came of it. */
class Reader {
  readonly client: TestClient;
  readonly id: string;
  readonly mode: (typeof MODES)[number];
  readonly #receipt: string;
  #acked = 0;
  isEnded = false;

  constructor(client: TestClient, id: string, mode: (typeof MODES)[number], since: string) {
    this.client = client;
    this.id = id;
    this.mode = mode;
    const head = `SUBSCRIBE\nid:${id}\ndestination:/user/queue/messages\nack:${mode}\n`;
    this.#receipt = client.pipeline(since === "" ? head : `${head}since:${since}\n`, "");
  }

  get messages(): readonly Frame[] {
    return this.client.messagesOn(this.id);
  }

  get receipt(): Frame | undefined {
    return this.client.receiptOf(this.#receipt);
  }

  /** Where what was sent leaves out or repeats something, and how far it goes. */
  read(): readonly [faults: readonly string[], at: number] {
    const { receipt } = this;
    if (receipt === undefined) return [[], -1];
    const head = offsetOf(receipt.headers.get("head"));
    const sentHere = this.client.connection
      .of("RECEIPT")
      .filter(({ headers }) => headers.has("message-id"))
      .map(({ headers }) => offsetOf(headers.get("position")));
    const isLeftOut = new Set(sentHere.filter((offset) => offset > head));
    const faults: string[] = [];
    let at = offsetOf(receipt.headers.get("position"));
    const pass = (): void => {
      while (isLeftOut.has(at + 1)) at += 1;
    };
    for (const { headers } of this.messages) {
      pass();
      const offset = offsetOf(headers.get("position"));
      if (offset !== at + 1) faults.push(`${this.id} (${this.mode}) goes from ${at} to ${offset}`);
      at = offset;
    }
    pass();
    return [faults, at];
  }

  /** ACKs some of what it was sent; false when there was nothing. */
  ack(count: number): boolean {
    const { messages } = this;
    if (this.mode === "auto" || this.isEnded || this.#acked >= messages.length) return false;
    const most = this.mode === "client" ? count : 1;
    this.#acked = Math.min(messages.length, this.#acked + most);
    const ack = messages[this.#acked - 1]?.headers.get("ack") ?? "";
    this.client.connection.send(`ACK\nid:${ack}\n\n^@`);
    return true;
  }

  unsubscribe(): void {
    if (!this.isEnded) this.client.connection.send(`UNSUBSCRIBE\nid:${this.id}\n\n^@`);
    this.isEnded = true;
  }
}

class World {
  readonly chat: TestChat;
  readonly #customer: Principal;
  readonly #agents: readonly Principal[];
  readonly #guests: Principal[];
  readonly #sessions: TestClient[] = [];
  readonly #gone = new Set<TestClient>();
  readonly #readers: Reader[] = [];
  #count = 0;

  private constructor(chat: TestChat, customer: Principal, agents: readonly Principal[]) {
    this.chat = chat;
    this.#customer = customer;
    this.#agents = agents;
    this.#guests = [chat.guest(), chat.guest()];
  }

  static async create(): Promise<World> {
    const chat = new TestChat({ limits: { maxUnacked: 20 } });
    const agents = [await chat.agent(), await chat.agent("supervisor")];
    const input = { id: "c".repeat(22), subject: SUBJECT, now: chat.now };
    const customer = await chat.store.execute("identify", input);
    const world = new World(chat, chat.guest(customer?.id), agents);
    for (const person of world.#people) await world.#open(person);
    return world;
  }

  get #people(): readonly Principal[] {
    return [this.#customer, ...this.#agents, ...this.#guests];
  }

  get #live(): readonly TestClient[] {
    return this.#sessions.filter((one) => !this.#gone.has(one) && one.connection.closedWith === undefined);
  }

  async #open(person: Principal): Promise<void> {
    const client = await this.chat.connect(person, { queues: false });
    await client.subscribe("errors", "/user/queue/errors");
    this.#sessions.push(client);
  }

  /** Each takes a number to choose by. */
  readonly deeds = {
    connect: (pick: number) => this.#open(chosen(this.#people, pick)),
    vanish: (pick: number) => {
      const client = this.#any(pick);
      this.#gone.add(client);
      client.connection.vanish();
    },
    subscribe: (pick: number) => {
      const client = this.#any(pick);
      if (this.#readersOf(client).length >= MOST_READERS) return;
      this.#count += 1;
      const known = this.#readers
        .filter((one) => one.client.id === client.id)
        .flatMap(({ messages }) => messages);
      const since = [
        "",
        `${this.chat.store.epoch}-${pick % 50}`,
        known.at(-1 - (pick % 7))?.headers.get("position"),
      ];
      const reader = new Reader(
        client,
        `m${this.#count}`,
        chosen(MODES, pick),
        chosen(since, pick >> 2) ?? "",
      );
      this.#readers.push(reader);
    },
    unsubscribe: (pick: number) => {
      this.#readersOf(this.#any(pick))[0]?.unsubscribe();
    },
    say: (pick: number) => {
      const client = this.#any(pick);
      const isAgent = client.principal.kind === "agent";
      const userTo = isAgent ? chosen([this.#customer, ...this.#guests], pick >> 3).id : "support";
      const message = `${this.#count} ${pick % 5 === 0 ? "long ".repeat(700) : "short"}`;
      for (let left = pick % 12; left >= 0; left -= 1)
        client.pipeline(
          "SEND\ndestination:/chat/message\n",
          JSON.stringify({ userFrom: client.id, userTo, message }),
        );
    },
    ack: (pick: number) => {
      for (const reader of this.#readersOf(this.#any(pick))) reader.ack(1 + (pick % 9));
    },
    pong: (pick: number) => {
      this.#any(pick).connection.pong();
    },
    stall: (pick: number) => {
      const { connection } = this.#any(pick);
      connection.isStalled = !connection.isStalled;
      if (!connection.isStalled) connection.release();
    },
    prune: async (pick: number) => {
      await this.chat.store.execute("prune", {
        maxMessages: 5 + (pick % 40),
        sentBefore: 0,
        limit: 1 + (pick % 90),
      });
    },
    merge: async () => {
      const guest = this.#guests.pop();
      if (guest === undefined) return;
      const of = { id: guest.id, generation: 0 };
      await this.chat.store.execute("identify", {
        id: "x".repeat(22),
        subject: SUBJECT,
        guest: of,
        now: this.chat.now,
      });
    },
    handOver: async (pick: number) => {
      const principal = chosen(this.#agents, pick);
      const { items } = await this.chat.store.execute("conversations", { principal, limit: 20 });
      if (items.length === 0) return;
      const input = { principal, conversation: chosen(items, pick >> 1).id, now: this.chat.now };
      const deed = chosen(["claim", "release", "close"] as const, pick >> 3);
      // Whoever may not do it is refused.
      await this.chat.store.execute(deed, input).catch(() => undefined);
    },
  } satisfies Readonly<Record<string, (pick: number) => unknown>>;

  #any(pick: number): TestClient {
    return chosen(this.#live.length > 0 ? this.#live : this.#sessions, pick);
  }

  #readersOf(client: TestClient): readonly Reader[] {
    return this.#readers.filter((one) => one.client === client && !one.isEnded);
  }

  /** Everybody takes, ACKs and hears all that there is. */
  async comeToRest(): Promise<void> {
    for (let calm = 0; calm < CALM_ROUNDS; calm += 1) {
      for (const client of this.#live) {
        client.connection.isStalled = false;
        while (client.connection.bufferedBytes > 0) {
          client.connection.release();
          await settled(3);
          calm = 0;
        }
        for (const reader of this.#readersOf(client)) while (reader.ack(100)) calm = 0;
      }
      await settled();
    }
  }

  /** What subscriptions were sent and should not have been, or were not and should have been. */
  async faults(): Promise<readonly string[]> {
    const ids = new Map<string, string>();
    const faults: string[] = [];
    for (const reader of this.#readers) {
      const { id: user } = reader.client;
      const [gaps, at] = reader.read();
      faults.push(...gaps);
      for (const { headers } of reader.messages) {
        const place = `${user} ${headers.get("position") ?? ""}`;
        const id = headers.get("message-id") ?? "";
        if ((ids.get(place) ?? id) !== id) faults.push(`two messages at ${place}`);
        ids.set(place, id);
      }
      if (reader.isEnded || !this.#live.includes(reader.client)) continue;
      const { head } = await this.chat.store.execute("mailboxState", { user });
      if (at < head) faults.push(`${reader.id} (${reader.mode}) stands at ${at} of ${head}`);
    }
    return faults;
  }
}

function chosen<Item>(items: readonly Item[], pick: number): Item {
  return items[pick % items.length] as Item;
}

type Deed = keyof World["deeds"];
const OFTEN: readonly Deed[] = ["subscribe", "say", "say", "say", "ack", "ack", "pong", "stall"];
const SELDOM: readonly Deed[] = ["connect", "vanish", "unsubscribe", "prune", "merge", "handOver"];
const step = fc.record({
  deed: fc.constantFrom(...OFTEN, ...OFTEN, ...SELDOM),
  pick: fc.nat({ max: 10_000 }),
  /** The next one comes at once, or when everything is done. */
  isAlone: fc.boolean(),
});

it("over sessions, subscriptions, ACK modes, stalls, retention, merged guests and chats that change hands", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 60, maxLength: 120 }), async (steps) => {
      const world = await World.create();
      for (const { deed, pick, isAlone } of steps) {
        const done = Promise.resolve(world.deeds[deed](pick));
        if (isAlone) await done.then(() => settled());
      }
      await world.comeToRest();
      expect(await world.faults()).toEqual([]);
      expect(world.chat.errors).toEqual([]);
      world.chat.close();
    }),
    { numRuns: 40 },
  );
});
