/** What a STOMP client that others wrote can be asked to do, whoever wrote it. */

export type Credentials = { readonly login: string; readonly passcode: string };

export type Delivery = {
  readonly headers: Readonly<Record<string, string>>;
  readonly octets: Uint8Array;
  readonly ack: () => void;
  readonly nack: () => void;
};

export type ForeignClient = {
  subscribe(destination: string, ackMode: string, onMessage: (delivery: Delivery) => void): void;
  /** Resolves with the RECEIPT. Octets only where the client sends them. */
  send(destination: string, body: string | Uint8Array): Promise<void>;
  /** Sends the bodies in one transaction, then commits or aborts it. */
  transact(destination: string, bodies: readonly string[], end: "commit" | "abort"): void;
  readonly isConnected: () => boolean;
  disconnect(): Promise<void>;
};

export type Where = { readonly url: string; readonly webSocketUrl: string; readonly tcpPort: number };

/** Rejects with the text of the ERROR. */
export type Connect = (where: Where, credentials: Credentials) => Promise<ForeignClient>;

/** What the clients wish for, both ways. */
export const HEARTBEAT_MS = 1000;

export function textOf({ octets }: Delivery): string {
  return Buffer.from(octets).toString();
}
