/** STOMP clients that others wrote, behind one face: what each of them can be asked to do. */
import { createRequire } from "node:module";
import { connect } from "node:net";
import { Client as Client7 } from "@stomp/stompjs";
import { Client as Client5 } from "stompjs5";
import { WebSocket } from "ws";
import webstomp from "webstomp-client";
import type { Socket } from "node:net";

export type Credentials = { readonly login: string; readonly passcode: string };

export type Delivery = {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly ack: () => void;
  readonly nack: () => void;
};

export type ForeignClient = {
  subscribe(destination: string, ackMode: string, onMessage: (delivery: Delivery) => void): void;
  /** Resolves with the RECEIPT. */
  send(destination: string, body: string): Promise<void>;
  /** Sends the bodies in one transaction, then commits or aborts it. */
  transact(destination: string, bodies: readonly string[], end: "commit" | "abort"): void;
  readonly isConnected: () => boolean;
  disconnect(): Promise<void>;
};

/** Rejects with the text of the ERROR. */
type Connect = (
  where: { readonly webSocketUrl: string; readonly tcpPort: number },
  credentials: Credentials,
) => Promise<ForeignClient>;

type Headers = Record<string, string>;
type Callback = () => void;

/** The part of stompjs 2.3 and webstomp-client that is alike; neither has types of use here. */
type OldClient = {
  connected: boolean;
  debug: unknown;
  heartbeat: { outgoing: number; incoming: number };
  onreceipt: (frame: { headers: Headers }) => void;
  connect(headers: Headers, connected: Callback, failed: (error: unknown) => void): void;
  disconnect(done: Callback): void;
  send(destination: string, first: unknown, second: unknown): void;
  subscribe(destination: string, listener: (message: OwnedMessage) => void, headers: Headers): void;
  begin(): { id: string; commit(): void; abort(): void };
};

type Stomp23 = {
  over(socket: WebSocket): OldClient;
  setInterval: (ms: number, work: Callback) => NodeJS.Timeout;
  clearInterval: (timer: NodeJS.Timeout) => void;
};

const HEARTBEAT_MS = 500;
const require = createRequire(import.meta.url);

function oldClient(make: (socket: WebSocket) => OldClient, headersFirst: boolean): Connect {
  return async ({ webSocketUrl }, { login, passcode }) => {
    const client = make(new WebSocket(webSocketUrl, ["v12.stomp", "v11.stomp", "v10.stomp"]));
    client.debug = () => undefined;
    client.heartbeat = { outgoing: HEARTBEAT_MS, incoming: HEARTBEAT_MS };
    const waiting = new Map<string, Callback>();
    client.onreceipt = ({ headers }) => waiting.get(headers["receipt-id"] ?? "")?.();
    await new Promise<void>((resolve, reject) => {
      client.connect({ login, passcode }, resolve, (error) => {
        reject(new Error(textOf(error)));
      });
    });
    const send = (destination: string, headers: Headers, body: string): void => {
      client.send(destination, headersFirst ? headers : body, headersFirst ? body : headers);
    };
    return {
      subscribe: (destination, ack, onMessage) => {
        client.subscribe(
          destination,
          (message) => {
            onMessage(deliveryOf(message));
          },
          { ack },
        );
      },
      send: (destination, body) =>
        new Promise((resolve) => {
          const receipt = `receipt-${waiting.size}`;
          waiting.set(receipt, resolve);
          send(destination, { receipt }, body);
        }),
      transact: (destination, bodies, end) => {
        const { id, ...transaction } = client.begin();
        for (const body of bodies) send(destination, { transaction: id }, body);
        transaction[end]();
      },
      isConnected: () => client.connected,
      disconnect: () =>
        new Promise((resolve) => {
          client.disconnect(resolve);
        }),
    };
  };
}

type OwnedMessage = { body: string; headers: Headers; ack(): void; nack(): void };

/** The messages of these clients settle themselves, as methods. */
function deliveryOf(message: OwnedMessage): Delivery {
  return {
    body: message.body,
    headers: message.headers,
    ack: () => {
      message.ack();
    },
    nack: () => {
      message.nack();
    },
  };
}

function textOf(error: unknown): string {
  const { headers } = error as { headers?: Headers };
  return headers?.["message"] ?? String(error);
}

/** @stomp/stompjs 5 and 7 have the same interface. */
function newClient(Client: typeof Client7): Connect {
  return async ({ webSocketUrl }, { login, passcode }) => {
    const client = new Client({
      webSocketFactory: () => new WebSocket(webSocketUrl, ["v12.stomp", "v11.stomp", "v10.stomp"]),
      connectHeaders: { login, passcode },
      reconnectDelay: 0,
      heartbeatIncoming: HEARTBEAT_MS,
      heartbeatOutgoing: HEARTBEAT_MS,
      debug: () => undefined,
    });
    await new Promise<void>((resolve, reject) => {
      client.onConnect = () => {
        resolve();
      };
      client.onStompError = (frame) => {
        reject(new Error(frame.headers["message"]));
      };
      client.activate();
    });
    let receipts = 0;
    return {
      subscribe: (destination, ack, onMessage) => {
        client.subscribe(
          destination,
          (message) => {
            onMessage(deliveryOf(message));
          },
          { ack },
        );
      },
      send: (destination, body) =>
        new Promise((resolve) => {
          receipts += 1;
          const receipt = `receipt-${receipts}`;
          client.watchForReceipt(receipt, () => {
            resolve();
          });
          client.publish({ destination, body, headers: { receipt } });
        }),
      transact: (destination, bodies, end) => {
        const { id, ...transaction } = client.begin();
        for (const body of bodies) client.publish({ destination, body, headers: { transaction: id } });
        transaction[end]();
      },
      isConnected: () => client.connected,
      disconnect: async () => {
        await client.deactivate();
      },
    };
  };
}

/** The part of stompit that is used here; it has no types. */
type StompitMessage = {
  headers: Headers;
  readString(encoding: string, done: (error: unknown, body: string) => void): void;
};
type StompitClient = {
  connect(headers: Headers, done: (error: Error | null) => void): void;
  subscribe(headers: Headers, listener: (error: unknown, message: StompitMessage) => void): void;
  sendString(headers: Headers, body: string, options: { onReceipt?: Callback }): void;
  ack(message: StompitMessage): void;
  nack(message: StompitMessage): void;
  begin(): { id: number; commit(): void; abort(): void };
  disconnect(done: Callback): void;
  on(event: "error", listener: Callback): void;
};

const connectStompit: Connect = async ({ tcpPort }, { login, passcode }) => {
  const { Client } = require("stompit") as { Client: new (socket: Socket) => StompitClient };
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
        message.readString("utf8", (_error, body) => {
          onMessage({
            body,
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
        client.sendString({ destination }, body, { onReceipt: resolve });
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

export const FOREIGN_CLIENTS: readonly (readonly [name: string, connect: Connect])[] = [
  ["@stomp/stompjs 7", newClient(Client7)],
  ["@stomp/stompjs 5", newClient(Client5 as unknown as typeof Client7)],
  [
    "stompjs 2.3",
    oldClient((socket) => {
      const { Stomp } = require("stompjs/lib/stomp.js") as { Stomp: Stomp23 };
      // In browsers it finds these by itself.
      Stomp.setInterval = (ms, work) => setInterval(work, ms);
      Stomp.clearInterval = clearInterval;
      return Stomp.over(socket);
    }, true),
  ],
  [
    "webstomp-client",
    oldClient((socket) => webstomp.over(socket, { debug: false }) as unknown as OldClient, false),
  ],
  ["stompit over TCP", connectStompit],
];
