/** The load processes of a run: starts them, brings those who talk together, and ends them with their logs. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ChildProcess } from "node:child_process";
import type { LoadAnswer, LoadCommand, LoadOrder, Peers, Person } from "./load-process.ts";
import type { LoadRecord } from "./records.ts";

const PROGRAM = fileURLToPath(new URL("./load-process.ts", import.meta.url));

export type CrowdSize = {
  readonly guests: number;
  readonly agents: number;
  /** Sessions of each agent. */
  readonly sessions: number;
  /** Between two messages of one guest; agents answer as often, each to one of theirs at a time. */
  readonly everyMs: number;
  /** Processes for the guests; the agents have one more. */
  readonly processes: number;
};

export class Crowd {
  readonly #size: CrowdSize;
  readonly #directory: string;
  #identified = 0;
  readonly #children: { readonly child: ChildProcess; readonly order: LoadOrder }[] = [];

  /** Logs are written into `directory`. */
  constructor(size: CrowdSize, directory: string) {
    this.#size = size;
    this.#directory = directory;
  }

  /** Every device there is. */
  get devices(): readonly string[] {
    const people = this.#children.flatMap(({ order }) => order.people);
    return people.flatMap(({ name, devices }) =>
      Array.from({ length: devices }, (_, one) => `${name}/${one}`),
    );
  }

  /**
   * Connects everybody, opens each guest's chat with an agent, and lets both sides write. `tokens` are the agents';
   * `fault` happens to a session of the first of them.
   */
  async start(url: string, tokens: readonly string[], fault?: string): Promise<void> {
    const { guests, processes, sessions } = this.#size;
    const names = Array.from({ length: guests }, (_, index) => `g${index}`);
    const parts = Array.from({ length: processes }, (_, part) =>
      names.filter((_name, index) => index % processes === part).map((name) => ({ name, devices: 1 })),
    );
    const agents = tokens.map((token, index) => ({ name: `a${index}`, token, devices: sessions }));
    const ids = await Promise.all([
      this.#fork(url, agents, fault),
      ...parts.map((people) => this.#fork(url, people)),
    ]);
    const idOf = Object.assign({}, ...ids) as Readonly<Record<string, string>>;
    const agentOf = (index: number): string => `a${index % agents.length}`;
    const ofAgents: Peers = Object.fromEntries(
      agents.map(({ name }) => [
        name,
        names
          .filter((_, index) => agentOf(index) === name)
          .map((guest) => [guest, idOf[guest] ?? ""] as const),
      ]),
    );
    const ofGuests: Peers = Object.fromEntries(
      names.map((name, index) => [name, [[agentOf(index), idOf[agentOf(index)] ?? ""] as const]]),
    );
    await this.#ask(0, { type: "greet", peers: ofAgents }, "greeted");
    for (const [index, { order }] of this.#children.entries()) {
      const peers = index === 0 ? ofAgents : pick(ofGuests, order.people);
      this.#tell(index, { type: "send", peers });
    }
  }

  /** The next guest becomes a customer of the host site; nothing happens when all have. */
  identifyNext(): void {
    const name = `g${this.#identified}`;
    this.#tell(
      this.#children.findIndex(({ order }) => order.people.some((one) => one.name === name)),
      { type: "identify", name },
    );
    this.#identified += 1;
  }

  /** Ends the sending; true once everything has its RECEIPT and nothing more comes, false when `ms` are over first. */
  async settle(ms: number): Promise<boolean> {
    const late = AbortSignal.timeout(ms);
    const all = this.#children.map((_, index) => this.#ask(index, { type: "settle" }, "settled"));
    const over = once(late, "abort").then(() => false);
    return Promise.race([Promise.all(all).then(() => true), over]);
  }

  /** Ends the processes and reads what they wrote down. */
  async end(): Promise<readonly (readonly LoadRecord[])[]> {
    await Promise.all(
      this.#children.map(async ({ child }, index) => {
        this.#tell(index, { type: "end" });
        await once(child, "exit");
      }),
    );
    return this.#children.map(({ order }) =>
      readFileSync(order.log, "utf8")
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line) as LoadRecord),
    );
  }

  kill(): void {
    for (const { child } of this.#children) child.kill("SIGKILL");
  }

  async #fork(
    url: string,
    people: readonly Person[],
    fault?: string,
  ): Promise<Readonly<Record<string, string>>> {
    const log = join(this.#directory, `load-${this.#children.length}.jsonl`);
    const order: LoadOrder = { url, log, people, everyMs: this.#size.everyMs, fault };
    const child = fork(PROGRAM, [JSON.stringify(order)]);
    this.#children.push({ child, order });
    const [answer] = (await once(child, "message")) as [LoadAnswer];
    return answer.type === "online" ? answer.ids : {};
  }

  /** Throws when the process has ended by itself; nothing happens when there is none. */
  #tell(index: number, command: LoadCommand): void {
    const child = this.#children[index]?.child;
    if (child?.connected === false) throw new Error("a load process has ended by itself");
    child?.send(command);
  }

  async #ask(index: number, command: LoadCommand, answer: LoadAnswer["type"]): Promise<void> {
    const child = this.#children[index]?.child;
    if (child === undefined) return;
    this.#tell(index, command);
    for (;;) {
      const [told] = (await once(child, "message")) as [LoadAnswer];
      if (told.type === answer) return;
    }
  }
}

function pick(peers: Peers, people: readonly Person[]): Peers {
  return Object.fromEntries(people.map(({ name }) => [name, peers[name] ?? []]));
}
