/** A broker without a chat above it: who connects is a guest, everything is permitted, nothing is durable. */
import { Broker } from "../../src/broker/broker.ts";
import { DEFAULT_LIMITS } from "../../src/broker/limits.ts";
import { bodyOf, MemoryConnection } from "./memory-connection.ts";
import { settled } from "./test-chat.ts";
import type { ApplicationDestination, Reply } from "../../src/broker/application-destination.ts";
import type { BrokerOptions } from "../../src/broker/broker.ts";
import type { Limits } from "../../src/broker/limits.ts";
import type { Session } from "../../src/broker/session.ts";
import type { MemoryOptions } from "./memory-connection.ts";

export type LoneBrokerParts = Partial<Omit<BrokerOptions, "limits">> & { readonly limits?: Partial<Limits> };

export function createBroker({ limits = {}, ...parts }: LoneBrokerParts = {}): Broker {
  return new Broker({
    limits: { ...DEFAULT_LIMITS, ...limits },
    authenticator: {
      authenticate: ({ login = "guest" }) => Promise.resolve({ principal: { id: login, kind: "guest" } }),
    },
    access: { refusalOf: () => undefined },
    destinations: new Map(),
    commit: () => Promise.resolve(),
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    serverName: "customer-chat/test",
    now: () => 0,
    wallClock: () => 0,
    ...parts,
  });
}

/** A destination whose SENDs take until the test says how they end: what came, and the ends, the oldest first. */
export class Later {
  static readonly NAME = "/later";
  readonly sent: string[] = [];
  readonly #ends: ((outcome: Promise<Reply>) => void)[] = [];
  readonly destinations = new Map<string, ApplicationDestination>([
    [
      Later.NAME,
      {
        handleSend: (_: unknown, frame) => {
          this.sent.push(bodyOf(frame));
          return new Promise<Reply>((resolve) => this.#ends.push(resolve));
        },
      },
    ],
  ]);

  /** A SEND whose receipt is its body. */
  static frame(body: string): string {
    return `SEND\ndestination:${Later.NAME}\nreceipt:${body}\n\n${body}^@`;
  }

  /** Ends the oldest SEND. */
  async end(outcome: Promise<Reply> = Promise.resolve({})): Promise<void> {
    this.#ends.shift()?.(outcome);
    await settled();
  }
}

/** Commands with the receipts or codes they are about, as the broker wrote them behind CONNECTED. */
export function answersOn({ frames }: MemoryConnection): string[] {
  return frames
    .slice(1)
    .map(
      ({ command, headers }) =>
        `${command} ${headers.get("receipt-id") ?? headers.get("code") ?? "undefined"}`,
    );
}

/** A connection whose CONNECT was answered, and its session. */
export async function connectTo(
  broker: Broker,
  { version = "1.2", ...options }: MemoryOptions & { readonly version?: string } = {},
): Promise<{ readonly connection: MemoryConnection; readonly session: Session }> {
  const connection = new MemoryConnection(broker, options);
  connection.send(`CONNECT\naccept-version:${version}\n\n^@`);
  await settled();
  const session = [...broker.sessions].at(-1);
  if (session?.connection !== connection) throw new Error("not connected");
  return { connection, session };
}
