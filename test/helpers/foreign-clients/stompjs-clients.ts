/** The clients of the stompjs family: 2.3 and webstomp-client, which know text alone, and 5 and 7. */
import { HEARTBEAT_MS } from "./foreign-client.ts";
import type { Client, IMessage, IStompSocket } from "@stomp/stompjs";
import type SockJS from "sockjs-client";
import type { WebSocket } from "ws";
import type { Connect, Delivery, Where } from "./foreign-client.ts";

type Headers = Record<string, string>;
type Callback = () => void;
type OldMessage = { body: string; headers: Headers; ack(): void; nack(): void };

/** The part of stompjs 2.3 and webstomp-client that is alike; neither has types of use here. */
export type OldClient = {
  connected: boolean;
  debug: unknown;
  heartbeat: { outgoing: number; incoming: number };
  onreceipt: (frame: { headers: Headers }) => void;
  connect(headers: Headers, connected: Callback, failed: (error: unknown) => void): void;
  disconnect(done: Callback): void;
  send(destination: string, first: unknown, second: unknown): void;
  subscribe(destination: string, listener: (message: OldMessage) => void, headers: Headers): void;
  begin(): { id: string; commit(): void; abort(): void };
};

/** `headersFirst` tells the order of the arguments of `send`. */
export function oldClient(make: (where: Where) => OldClient, headersFirst: boolean): Connect {
  return async (where, { login, passcode }) => {
    const client = make(where);
    client.debug = () => undefined;
    client.heartbeat = { outgoing: HEARTBEAT_MS, incoming: HEARTBEAT_MS };
    const waiting = new Map<string, Callback>();
    client.onreceipt = ({ headers }) => waiting.get(headers["receipt-id"] ?? "")?.();
    await new Promise<void>((resolve, reject) => {
      client.connect({ login, passcode }, resolve, (error) => {
        reject(new Error(reasonOf(error)));
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
            onMessage(deliveryOf(message, Buffer.from(message.body)));
          },
          { ack },
        );
      },
      send: (destination, body) =>
        new Promise((resolve) => {
          const receipt = `receipt-${waiting.size}`;
          waiting.set(receipt, resolve);
          send(destination, { receipt }, String(body));
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

/** The messages of these clients settle themselves, as methods. */
function deliveryOf(message: OldMessage | IMessage, octets: Uint8Array): Delivery {
  return {
    octets,
    headers: message.headers,
    ack: () => {
      message.ack();
    },
    nack: () => {
      message.nack();
    },
  };
}

function reasonOf(error: unknown): string {
  const { headers } = error as { headers?: Headers };
  return headers?.["message"] ?? String(error);
}

/** @stomp/stompjs 5 and 7 have the same interface. */
export function newClient(
  Kind: typeof Client,
  open: (where: Where) => WebSocket | InstanceType<typeof SockJS>,
): Connect {
  return async (where, { login, passcode }) => {
    const client = new Kind({
      webSocketFactory: () => open(where) as IStompSocket,
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
            onMessage(deliveryOf(message, octetsOf(message)));
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
          const content = typeof body === "string" ? { body } : { binaryBody: body };
          client.publish({ destination, ...content, headers: { receipt } });
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

/** Where nothing but text passes the server wrapped it. */
function octetsOf({ headers, body, binaryBody }: IMessage): Uint8Array {
  const isWrapped = /(^|,) *base64$/.test(headers["content-encoding"] ?? "");
  return isWrapped ? Buffer.from(body, "base64") : binaryBody;
}
