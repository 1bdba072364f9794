/** Agents at work: sessions that answer guests, and how long each RECEIPT took. */
import { LoadClient } from "./load-client.ts";
import type { ServerProcess } from "./server-process.ts";

const AGENTS = 10;
const SESSIONS_OF_EACH = 5;
/** Between two messages of one session, and of one guest. */
const SEND_EVERY_MS = 1000;
const ASK_EVERY_MS = 2500;

type Pair = { readonly session: LoadClient; readonly guest: LoadClient };

export class WorkingAgents {
  readonly tokens: readonly string[];
  readonly #pairs: readonly Pair[];
  readonly #timers: NodeJS.Timeout[] = [];
  #latencies: number[] = [];
  #sent = 0;
  #answered = 0;

  private constructor(tokens: readonly string[], pairs: readonly Pair[]) {
    this.tokens = tokens;
    this.#pairs = pairs;
  }

  /** Fifty sessions of ten agents, each agent with a guest, and everybody writes from now on. */
  static async start(server: ServerProcess): Promise<WorkingAgents> {
    const tokens: string[] = [];
    const pairs: Pair[] = [];
    for (let agent = 0; agent < AGENTS; agent += 1) {
      await server.addAgent(`agent${agent}`);
      const token = await server.openSession(`agent${agent}`);
      tokens.push(token);
      const guest = await LoadClient.connect(
        server.webSocketUrl,
        {},
        { localAddress: `127.3.1.${1 + agent}` },
      );
      await guest.say("support", "hello");
      for (let one = 0; one < SESSIONS_OF_EACH; one += 1) {
        const from = { localAddress: `127.3.0.${1 + agent}` };
        const session = await LoadClient.connect(server.webSocketUrl, { passcode: token }, from);
        await session.request("SUBSCRIBE\nid:s\ndestination:/chat/topic/support\n", "");
        pairs.push({ session, guest });
      }
    }
    const agents = new WorkingAgents(tokens, pairs);
    agents.#work();
    return agents;
  }

  get size(): number {
    return this.#pairs.length;
  }

  get connected(): number {
    return this.#pairs.filter(({ session }) => !session.isClosed).length;
  }

  /** Messages without a RECEIPT so far. */
  get unanswered(): number {
    return this.#sent - this.#answered;
  }

  /** Of the RECEIPTs since the last call, ms. */
  latencies(): { readonly p50: number; readonly p99: number } {
    const sorted = this.#latencies.toSorted((one, other) => one - other);
    this.#latencies = [];
    const at = (part: number): number => sorted[Math.floor(sorted.length * part)] ?? NaN;
    return { p50: at(0.5), p99: at(0.99) };
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  close(): void {
    this.stop();
    for (const { session, guest } of this.#pairs) {
      session.close();
      guest.close();
    }
  }

  /** Not all at once: spread over the pause between two messages. */
  #work(): void {
    for (const [index, { session, guest }] of this.#pairs.entries()) {
      const first = setTimeout(
        () => this.#timers.push(setInterval(() => void this.#answer(session, guest), SEND_EVERY_MS)),
        (index / this.#pairs.length) * SEND_EVERY_MS,
      );
      this.#timers.push(first);
    }
    for (const guest of new Set(this.#pairs.map((pair) => pair.guest)))
      this.#timers.push(setInterval(() => void guest.say("support", "and then?"), ASK_EVERY_MS));
  }

  async #answer(session: LoadClient, guest: LoadClient): Promise<void> {
    this.#sent += 1;
    const sentAt = performance.now();
    await session.say(guest.id, "in a minute");
    this.#answered += 1;
    this.#latencies.push(performance.now() - sentAt);
  }
}
