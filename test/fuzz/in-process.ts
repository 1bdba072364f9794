/** Mutated frames into a whole chat without ports: what must never happen is told with the input that did it. */
import { threadCpuUsage } from "node:process";
import { settled, TestChat } from "../helpers/test-chat.ts";
import { MemoryConnection } from "../helpers/memory-connection.ts";
import { mutatedFrame, pick, seededRandom, startFrames } from "./mutation.ts";
import type { Principal } from "../../src/broker/principal.ts";
import type { TestClient } from "../helpers/test-chat.ts";
import type { Random } from "./mutation.ts";

const SESSIONS = 32;
/** A round has a chat of its own, whose store grows with what is accepted. */
const ROUND_FRAMES = 20_000;
const BURST = 4;
const BURSTS_A_SESSION = 25;
/** Often enough that a crash has few suspects. */
const CANARY_EVERY_TURNS = 50;

export type Crash = { readonly what: string; readonly input: Buffer };

export type FuzzReport = {
  readonly frames: number;
  readonly sessions: number;
  /** CPU ms of the longest synchronous piece of work. */
  readonly longestMs: number;
  readonly crashes: readonly Crash[];
};

/** Feeds `frames` frames; stops at the first crash. */
export async function fuzzInProcess(frames: number, seed: number): Promise<FuzzReport> {
  const random = seededRandom(seed);
  const report = { frames: 0, sessions: 0, longestMs: 0, crashes: [] as Crash[] };
  while (report.frames < frames && report.crashes.length === 0) {
    const round = await Round.begin(random);
    await round.run(Math.min(ROUND_FRAMES, frames - report.frames));
    report.frames += round.frames;
    report.sessions += round.sessions;
    report.longestMs = Math.max(report.longestMs, round.longestMs);
    report.crashes.push(...round.crashes);
  }
  return report;
}

class Round {
  frames = 0;
  sessions = 0;
  longestMs = 0;
  readonly crashes: Crash[] = [];
  readonly #chat: TestChat;
  readonly #random: Random;
  readonly #principals: readonly Principal[];
  readonly #canary: TestClient;

  private constructor(chat: TestChat, random: Random, principals: readonly Principal[], canary: TestClient) {
    this.#chat = chat;
    this.#random = random;
    this.#principals = principals;
    this.#canary = canary;
  }

  static async begin(random: Random): Promise<Round> {
    const chat = new TestChat();
    const principals = [chat.guest(), await chat.agent(), chat.service("chat", "topics", "queues")];
    return new Round(chat, random, principals, await chat.connect(chat.guest()));
  }

  async run(frames: number): Promise<void> {
    const victims = Array.from({ length: SESSIONS }, () => this.#open());
    for (let turn = 1; this.frames < frames && this.crashes.length === 0; turn += 1) {
      for (const [index, victim] of victims.entries()) {
        if (victim.connection.closedWith !== undefined || victim.inputs.length > BURSTS_A_SESSION) {
          victim.connection.vanish();
          victims[index] = this.#open();
        } else this.#feed(victim);
      }
      await new Promise((resolve) => setImmediate(resolve));
      this.#chat.monotonic += 1;
      if (turn % CANARY_EVERY_TURNS === 0) await this.#listen(victims);
    }
    for (const { connection } of victims) connection.vanish();
    await settled();
    this.#expect("no session is left", this.#chat.broker.sessions.size === 1, victims);
    this.#expect("no subscription is left", this.#chat.broker.topics.size === 0, victims);
    this.#chat.close();
  }

  #open(): Victim {
    const principal = pick(this.#random, this.#principals);
    const victim = new Victim(new MemoryConnection(this.#chat.broker), principal.id);
    this.sessions += 1;
    if (this.#random(10) === 0) return victim;
    victim.inputs.push(startFrames(this.#random, `login:${principal.id}\n`));
    victim.connection.send(victim.all());
    return victim;
  }

  /** Several frames in one chunk or two, as a socket hands them over. */
  #feed(victim: Victim): void {
    const known = victim.known();
    const input = Buffer.concat(Array.from({ length: BURST }, () => mutatedFrame(this.#random, known)));
    victim.inputs.push(input);
    this.frames += BURST;
    const before = threadCpuUsage();
    try {
      const at = this.#random(4) === 0 ? this.#random(input.length + 1) : input.length;
      victim.connection.send(input.subarray(0, at));
      if (at < input.length) victim.connection.send(input.subarray(at));
    } catch (error) {
      this.crashes.push({ what: String(error), input: victim.all() });
    }
    const used = threadCpuUsage(before);
    this.longestMs = Math.max(this.longestMs, (used.user + used.system) / 1000);
  }

  /** The canary sings, and nothing was logged as a defect. */
  async #listen(victims: readonly Victim[]): Promise<void> {
    const answer = await this.#canary.say("support", "still there?");
    this.#expect("the canary is answered", answer !== undefined, victims);
    this.#expect(
      `nothing is logged: ${String(this.#chat.errors[0])}`,
      this.#chat.errors.length === 0,
      victims,
    );
    this.#canary.connection.frames.length = 0;
  }

  #expect(what: string, holds: boolean, suspects: readonly Victim[]): void {
    if (!holds) this.crashes.push({ what, input: Buffer.concat(suspects.map((victim) => victim.all())) });
  }
}

/** A session that is told nonsense. */
class Victim {
  readonly connection: MemoryConnection;
  readonly inputs: Buffer[] = [];
  readonly #me: string;

  constructor(connection: MemoryConnection, me: string) {
    this.connection = connection;
    this.#me = me;
  }

  /** What its frames may speak of. */
  known(): Record<string, string> {
    const headers = this.connection.frames.findLast(({ command }) => command === "MESSAGE")?.headers;
    return {
      me: this.#me,
      ack: headers?.get("ack") ?? "none",
      message: headers?.get("conversation") ?? headers?.get("message-id") ?? "none",
    };
  }

  all(): Buffer {
    return Buffer.concat(this.inputs);
  }
}
