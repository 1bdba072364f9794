/** The calls of an embedding program: `send` for whom to whom, `release` of what, `publish` to where. */
import { addAgent, addService } from "../../src/adapters/auth/accounts.ts";
import { Passcodes } from "../../src/adapters/auth/passcodes.ts";
import { randomId } from "../../src/adapters/auth/tokens.ts";
import { createMemoryStore } from "../../src/adapters/stores/memory-store.ts";
import { Refusal } from "../../src/index.ts";
import { embedAndListen } from "../helpers/embedded.ts";
import { bodyOf } from "../helpers/memory-connection.ts";
import { RawClient } from "../helpers/raw-client.ts";
import { AGENT_PASSCODE, until } from "../helpers/running-server.ts";
import { SPELLED } from "./cells.ts";
import { Conversations } from "./conversations.ts";
import { UNKNOWN_ID } from "./deeds.ts";
import { PUBLISHES, RELEASES, SENDS } from "./expected-entries.ts";
import { judge, readEntries, readRows } from "./tables.ts";
import type { Principal, Role, Scope } from "../../src/broker/principal.ts";
import type { ChatStore } from "../../src/chat/store.ts";
import type { ChatServer } from "../../src/index.ts";
import type { Answer, Verdict } from "./tables.ts";

export const SPEAKING = readRows(SENDS);
export const RELEASING = readEntries(RELEASES);
export const PUBLISHING = [...readEntries(PUBLISHES), ...SPELLED];

const AGENTS: Readonly<Record<string, Role>> = {
  agent: "agent",
  mate: "agent",
  assignee: "agent",
  joined: "supervisor",
  second: "supervisor",
  supervisor: "supervisor",
  admin: "admin",
};
const SCOPES: readonly Scope[] = ["chat", "topics", "queues", "api"];

export class EmbeddingMatrix {
  readonly #chat: ChatServer;
  readonly #store: ChatStore;
  readonly #people: ReadonlyMap<string, Principal>;
  readonly #conversations: Conversations;
  readonly #webSocketUrl: string;

  private constructor(
    { chat, webSocketUrl }: { readonly chat: ChatServer; readonly webSocketUrl: string },
    store: ChatStore,
    people: ReadonlyMap<string, Principal>,
  ) {
    this.#chat = chat;
    this.#webSocketUrl = webSocketUrl;
    this.#store = store;
    this.#people = people;
    this.#conversations = new Conversations(store, (name) => this.#principalOf(name));
  }

  /** A server of its own, closed after the test. */
  static async open(): Promise<EmbeddingMatrix> {
    const store = createMemoryStore();
    const people = new Map<string, Principal>();
    const passcodes = new Passcodes();
    for (const [login, role] of Object.entries(AGENTS)) {
      const { user } = await addAgent(store, passcodes, { login, role, passcode: AGENT_PASSCODE });
      people.set(login, { id: user.id, kind: "agent", role });
    }
    for (const scope of SCOPES) {
      const { user } = await addService(store, { name: scope, scopes: [scope] });
      people.set(scope, { id: user.id, kind: "service", scopes: [scope] });
    }
    const matrix = new EmbeddingMatrix(await embedAndListen({ store }), store, people);
    for (const name of ["owner", "guest"]) {
      const principal: Principal = { id: randomId(), kind: "guest" };
      people.set(name, principal);
      await matrix.#conversations.taken(principal);
    }
    return matrix;
  }

  async runSends(): Promise<Verdict> {
    const answers: Answer[] = [];
    for (const { name: speaker, expected } of SPEAKING.rows) {
      for (const [receiver, letter] of expected) answers.push(await this.#send(speaker, receiver, letter));
    }
    return judge(answers);
  }

  async runReleases(): Promise<Verdict> {
    return judge(await Promise.all(RELEASING.map(({ name, letter }) => this.#release(name, letter))));
  }

  async runPublishes(): Promise<Verdict> {
    const admin = await RawClient.connect(this.#webSocketUrl, { login: "admin", passcode: AGENT_PASSCODE });
    for (const name of ["/topic/**", "/queue/matrix"]) await admin.subscribe(name, name);
    const told: string[] = [];
    for (const [index, { name }] of PUBLISHING.entries()) {
      told.push(await toldOf(this.#chat.publish(fill(name), `cell-${index}.`)));
    }
    // In order behind everything that may have come.
    await this.#chat.publish("/topic/last", "last");
    await until("the last one came", () => admin.of("MESSAGE").some((frame) => bodyOf(frame) === "last"));
    const heard = admin.of("MESSAGE").map(bodyOf);
    return judge(
      PUBLISHING.map(({ name, letter }, index) => ({
        ...{ name: `publish ${name}`, letter },
        ...{ told: told[index] ?? "", happened: heard.includes(`cell-${index}.`) },
      })),
    );
  }

  #principalOf(name: string): Principal {
    const principal = this.#people.get(name);
    if (principal === undefined) throw new Error(`nobody is called ${name}`);
    return principal;
  }

  async #send(speaker: string, receiver: string, letter: string): Promise<Answer> {
    const userFrom = this.#speaker(speaker);
    const text = randomId();
    const userTo = await this.#receiver(receiver, speaker);
    const sending = this.#chat.send({
      ...{ userTo, message: text },
      ...(userFrom === undefined ? {} : { userFrom }),
    });
    const told = await toldOf(sending);
    return { name: `send as ${speaker} to ${receiver}`, letter, told, happened: await this.#isStored(text) };
  }

  /** Undefined is the program's own account. */
  #speaker(name: string): string | undefined {
    if (name === "itself") return undefined;
    if (name === "nobody") return UNKNOWN_ID;
    return name === "support" ? "support" : this.#principalOf(name).id;
  }

  async #receiver(name: string, speaker: string): Promise<string> {
    if (name === "support") return "support";
    if (name === "unknown") return UNKNOWN_ID;
    if (name === "an-agent") return this.#principalOf("mate").id;
    if (name === "a-service") return this.#principalOf("api").id;
    if (name === "the-customer") return (await this.#conversations.taken()).customer;
    if (name === "one-who-waits") return (await this.#conversations.waiting()).customer;
    const own = await this.#store.execute("userByLogin", { login: "application" });
    return this.#speaker(speaker) ?? own?.id ?? "";
  }

  async #release(what: string, letter: string): Promise<Answer> {
    const conversation = await this.#conversationOf(what);
    const told = await toldOf(this.#chat.release(conversation));
    const lines = what === "unknown" ? [] : await this.#linesOf(conversation);
    return { name: `release ${what}`, letter, told, happened: lines.includes("conversation.requeued") };
  }

  async #conversationOf(what: string): Promise<string> {
    if (what === "unknown") return UNKNOWN_ID;
    if (what === "a colleague's") return (await this.#conversations.taken()).conversation;
    const { conversation, customer } = await this.#conversations.waiting();
    if (what === "its own") await this.#chat.send({ userTo: customer, message: "mine" });
    return conversation;
  }

  async #linesOf(conversation: string): Promise<readonly string[]> {
    const asked = { principal: this.#principalOf("admin"), conversation, limit: 200 };
    return (await this.#store.execute("history", asked)).events.map(({ type }) => type);
  }

  async #isStored(text: string): Promise<boolean> {
    await this.#store.execute("indexMessages", { limit: 1000 });
    const asked = { principal: this.#principalOf("admin"), text, limit: 10 };
    return (await this.#store.execute("search", asked)).items.some(({ message }) => message.message === text);
  }
}

/** A program writes a destination as it is; nothing is escaped for it. */
function fill(destination: string): string {
  return destination
    .replaceAll("{victim}", UNKNOWN_ID)
    .replaceAll("{session}", "a-session")
    .replaceAll("{space}", " ")
    .replaceAll("{long}", "a".repeat(250))
    .replaceAll("\\n", "\n")
    .replaceAll("\\r", "\r")
    .replaceAll("\\c", ":")
    .replaceAll("\\\\", "\\");
}

async function toldOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "allowed";
  } catch (error) {
    return error instanceof Refusal ? error.code : String(error);
  }
}
