/** Spring's STOMP broker relay, replayed: its own session and those of its browsers, each answer frame by frame. */
import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bodyOf } from "../helpers/memory-connection.ts";
import { RunningServer, until } from "../helpers/running-server.ts";
import { TcpClient } from "../helpers/tcp-client.ts";
import type { Frame } from "../../src/stomp/frame.ts";

const FIXTURES = new URL("../fixtures/spring-relay/", import.meta.url);

/** `-->` is sent as it stands; `<--` is one frame, or `closed`: what must come next on that connection. */
type Step = { readonly direction: "-->" | "<--"; readonly connection: string; readonly content: string };

let server: RunningServer;
let passcode: string;

beforeAll(async () => {
  server = await RunningServer.start({ STOMP_TCP_PORT: "0" });
  passcode = await server.addService("relay", ["topics", "queues"]);
});
afterAll(async () => {
  await server.remove();
});

/** Comments are for people. Headers that must come are shown decoded; `*` is any value. A step of nothing but a line feed is a heart-beat. */
function stepsOf(text: string): Step[] {
  const blocks = text.replaceAll(/^#.*\n/gm, "").split(/^(?=-->|<--)/m);
  return blocks.slice(1).map((block) => {
    const end = block.indexOf("\n");
    const [direction = "", connection = "", more = ""] = block.slice(0, end).split(" ");
    const content = more === "" ? block.slice(end + 1).replace(/\^@\n+$/, "^@") : more;
    return { direction: direction as Step["direction"], connection, content };
  });
}

class Replay {
  /** `{name}`: what is known, or what an expected frame names for later steps. */
  readonly #known: Map<string, string>;
  readonly #connections = new Map<string, TcpClient>();
  readonly #taken = new Map<TcpClient, number>();

  constructor(known: Readonly<Record<string, string>>) {
    this.#known = new Map(Object.entries(known));
  }

  async take({ direction, connection, content }: Step): Promise<void> {
    const client = this.#open(connection);
    if (direction === "-->") client.send(this.#fill(content));
    else if (content === "closed") await until(`${connection} is closed`, () => client.isClosed);
    else await this.#expectNext(client, content);
  }

  /** Nothing came that no step named. */
  finish(): void {
    for (const [name, client] of this.#connections) {
      expect([name, client.frames.slice(this.#taken.get(client))]).toEqual([name, []]);
      client.socket.destroy();
    }
  }

  #open(connection: string): TcpClient {
    const client = this.#connections.get(connection) ?? TcpClient.open(server.tcpPort);
    this.#connections.set(connection, client);
    return client;
  }

  async #expectNext(client: TcpClient, content: string): Promise<void> {
    const at = this.#taken.get(client) ?? 0;
    this.#taken.set(client, at + 1);
    await until(`an answer:\n${content}`, () => client.frames.length > at || client.isClosed);
    const came = client.frames[at];
    if (came === undefined) throw new Error(`closed instead of:\n${content}`);
    const [head = "", body = ""] = content.replace("^@", "").split("\n\n");
    const [command, ...lines] = head.split("\n");
    const headers = lines.map((line) => {
      const [, name = "", value = ""] = /^([^:]+):(.*)$/.exec(line) ?? [];
      return [name, this.#match(value, came, name)];
    });
    expect({
      command: came.command,
      headers: Object.fromEntries(came.headers.entries()),
      body: body === "*" ? "*" : bodyOf(came),
    }).toEqual({ command, headers: Object.fromEntries(headers) as Record<string, unknown>, body });
  }

  /** What a header must be; a name that is not known yet is learnt. */
  #match(value: string, came: Frame, header: string): unknown {
    if (value === "*") return expect.any(String);
    const name = /^\{(.*)\}$/.exec(value)?.[1];
    if (name === undefined) return value;
    if (!this.#known.has(name)) this.#known.set(name, came.headers.get(header) ?? "");
    return this.#known.get(name);
  }

  #fill(content: string): string {
    return content.replaceAll(/\{([a-z]+)\}/g, (_whole, name: string) => this.#known.get(name) ?? "");
  }
}

it.each(readdirSync(FIXTURES))("%s", async (file) => {
  const replay = new Replay({ login: "relay", passcode });
  const steps = stepsOf(readFileSync(new URL(file, FIXTURES), "utf8"));
  for (const step of steps) await replay.take(step);
  replay.finish();
  expect(steps.length).toBeGreaterThan(5);
});
