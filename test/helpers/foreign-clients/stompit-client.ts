/** stompit, over TCP. */
import { createRequire } from "node:module";
import { connect } from "node:net";
import { HEARTBEAT_MS } from "./foreign-client.ts";
import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import type { Connect } from "./foreign-client.ts";

type Headers = Record<string, string>;
type Callback = () => void;

/** The part of stompit that is used here; it has no types. */
type StompitMessage = Readable & { headers: Headers };
type StompitClient = {
  connect(headers: Headers, done: (error: Error | null) => void): void;
  subscribe(headers: Headers, listener: (error: unknown, message: StompitMessage) => void): void;
  sendString(headers: Headers, body: string | Uint8Array, options: { onReceipt?: Callback }): void;
  ack(message: StompitMessage): void;
  nack(message: StompitMessage): void;
  begin(): { id: number; commit(): void; abort(): void };
  disconnect(done: Callback): void;
  on(event: "error", listener: Callback): void;
};

export const connectStompit: Connect = async ({ tcpPort }, { login, passcode }) => {
  const { Client } = createRequire(import.meta.url)("stompit") as {
    Client: new (socket: Socket) => StompitClient;
  };
  const socket = connect(tcpPort, "127.0.0.1");
  const client = new Client(socket);
  client.on("error", () => undefined);
  const heartbeat = `${HEARTBEAT_MS},${HEARTBEAT_MS}`;
  await new Promise<void>((resolve, reject) => {
    client.connect({ login, passcode, host: "any", "heart-beat": heartbeat }, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
  return {
    subscribe: (destination, ack, onMessage) => {
      client.subscribe({ destination, ack }, (error, message) => {
        if (error !== null) return;
        const chunks: Buffer[] = [];
        message.on("data", (chunk: Buffer) => chunks.push(chunk));
        message.on("end", () => {
          onMessage({
            octets: Buffer.concat(chunks),
            headers: message.headers,
            ack: () => {
              client.ack(message);
            },
            nack: () => {
              client.nack(message);
            },
          });
        });
      });
    },
    send: (destination, body) =>
      new Promise((resolve) => {
        // It leaves the length of a body to its user.
        const headers = { destination, "content-length": String(Buffer.byteLength(body)) };
        client.sendString(headers, body, { onReceipt: resolve });
      }),
    transact: (destination, bodies, end) => {
      const { id, ...transaction } = transactionOf(client);
      for (const body of bodies) client.sendString({ destination, transaction: id }, body, {});
      transaction[end]();
    },
    isConnected: () => !socket.destroyed,
    disconnect: () =>
      new Promise((resolve) => {
        client.disconnect(resolve);
      }),
  };
};

function transactionOf(client: StompitClient): { id: string; commit: Callback; abort: Callback } {
  const transaction = client.begin();
  return {
    id: String(transaction.id),
    commit: () => {
      transaction.commit();
    },
    abort: () => {
      transaction.abort();
    },
  };
}
