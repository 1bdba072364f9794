/** One STOMP connection after the other: connects, tells what comes, matches answers with requests, comes back. */
import { Client, StompSocketState } from "@stomp/stompjs";
import { ERRORS_QUEUE } from "../../chat/wire.ts";
import { agreedBeat, watchPulse } from "./pulse.ts";
import { reconnectWait } from "./reconnect-wait.ts";
import { ChatRefusal, CONNECTION_LOST, connectionLost, refusalOf } from "./refusal.ts";
import type { IMessage } from "@stomp/stompjs";
import type { Headers } from "./headers.ts";
import type { ConnectionState, Platform, SockJsFactory } from "./types.ts";

export type LinkListener = {
  /** Headers of the next CONNECT; rejects with a ChatRefusal when there are none to be had. */
  credentials(): Promise<Headers>;
  /** CONNECTED came; resolves when everything is subscribed and caught up. Rejecting ends this connection. */
  connected(headers: Headers): Promise<void>;
  /** The server refused the session; whether another attempt makes sense. */
  refused(refusal: ChatRefusal): boolean;
  stateChanged(): void;
  /** A refusal that answers no request of this library. */
  unasked(refusal: ChatRefusal): void;
};

export type LinkOptions = {
  readonly url: string;
  readonly platform: Platform;
  readonly loadSockJs: (() => Promise<SockJsFactory>) | undefined;
};

const HEARTBEAT_MS = 10_000;
const CONNECT_MS = 10_000;
/** How long a connection that is asked whether it lives may be silent. */
const PROBE_MS = 3000;
const PROBE = "probe";
/** How long a stop is polite; behind a network that stalls nobody hears it. */
const FAREWELL_MS = 1000;
/** WebSocket attempts in a row that came to nothing before SockJS is tried. */
const WEBSOCKET_FAILURES = 2;

type Pending = {
  readonly resolve: (headers: Headers) => void;
  readonly reject: (refusal: ChatRefusal) => void;
};

export class Link {
  readonly #options: LinkOptions;
  readonly #listener: LinkListener;
  readonly #pending = new Map<string, Pending>();
  #state: ConnectionState = { status: "stopped" };
  #client: Client | undefined;
  #attempts = 0;
  #webSocketFailures = 0;
  #receipts = 0;
  #endPulse: (() => void) | undefined;
  /** The one that is being asked whether it lives. */
  #probed: Client | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #unwatch: (() => void) | undefined;

  constructor(options: LinkOptions, listener: LinkListener) {
    this.#options = options;
    this.#listener = listener;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  start(): void {
    if (this.#state.status !== "stopped" && this.#state.status !== "refused") return;
    this.#attempts = 0;
    this.#unwatch ??= this.#options.platform.watch(() => {
      this.reconnectNow();
    });
    this.#setState({ status: "connecting" });
    void this.#attempt();
  }

  /** Ends politely, within a second; what is asked and unanswered is rejected CONNECTION_LOST. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#endPulse?.();
    this.#unwatch?.();
    this.#unwatch = undefined;
    const client = this.#client;
    this.#client = undefined;
    this.#setState({ status: "stopped" });
    this.#rejectAll();
    if (client === undefined) return;
    const impatience = setTimeout(() => void client.deactivate({ force: true }), FAREWELL_MS);
    await client.deactivate({ force: !isOpen(client) });
    clearTimeout(impatience);
  }

  /** Tries now instead of later; a connection that seems to be there is asked, and replaced if it does not answer. */
  reconnectNow(): void {
    if (this.#state.status === "online") void this.#probe();
    if (this.#state.status !== "reconnecting") return;
    clearTimeout(this.#timer);
    // Whoever asks has a reason to think that it is back: should it take a moment more, the waits are short again.
    this.#attempts = 0;
    void this.#attempt();
  }

  /** SENDs and resolves with the RECEIPT's headers; rejects with the refusal. */
  send(destination: string, body: string): Promise<Headers> {
    return this.#ask((client, receipt) => {
      client.publish({ destination, body, headers: { receipt, "content-type": "application/json" } });
    });
  }

  /** SENDs without asking for an answer; dropped without a connection. */
  tell(destination: string, body: string): void {
    if (!isOpen(this.#client)) return;
    this.#client.publish({ destination, body, headers: { "content-type": "application/json" } });
  }

  /** SUBSCRIBEs and resolves with the RECEIPT's headers. */
  subscribe(destination: string, got: (message: IMessage) => void, headers: Headers = {}): Promise<Headers> {
    return this.#ask((client, receipt) => {
      const heard = (message: IMessage): void => {
        // What a connection still brings while it is being ended may be for somebody who has left.
        if (this.#client === client) got(message);
      };
      client.subscribe(destination, heard, { ...headers, id: destination, receipt });
    });
  }

  unsubscribe(destination: string): void {
    this.#client?.unsubscribe(destination);
  }

  #ask(write: (client: Client, receipt: string) => void): Promise<Headers> {
    const client = this.#client;
    if (!isOpen(client)) return Promise.reject(connectionLost());
    this.#receipts += 1;
    const receipt = `r-${this.#receipts}`;
    return new Promise((resolve, reject) => {
      this.#pending.set(receipt, { resolve, reject });
      client.watchForReceipt(receipt, ({ headers }) => {
        this.#pending.delete(receipt);
        resolve(headers);
      });
      write(client, receipt);
    });
  }

  /** A second look at the errors costs nothing, and whoever is connected may have it. */
  async #probe(): Promise<void> {
    const client = this.#client;
    if (client === undefined || this.#probed === client) return;
    this.#probed = client;
    const answer = this.#ask((asked, receipt) => {
      asked.subscribe(ERRORS_QUEUE, () => undefined, { id: PROBE, receipt });
      asked.unsubscribe(PROBE);
    });
    const silence = setTimeout(() => {
      this.#giveUp(client);
    }, PROBE_MS);
    // A refusal is an answer too; without one there is no connection.
    await answer.catch((error: unknown) => {
      if (error instanceof ChatRefusal && error.code === CONNECTION_LOST) this.#giveUp(client);
    });
    clearTimeout(silence);
    if (this.#probed === client) this.#probed = undefined;
  }

  /** The connection is dead, whatever the socket says. */
  #giveUp(client: Client): void {
    if (this.#client !== client) return;
    this.#lost(client, undefined);
    this.reconnectNow();
  }

  async #attempt(): Promise<void> {
    this.#attempts += 1;
    // WebSocket is tried again now and then: what blocked it may be gone.
    const isSockJs = this.#webSocketFailures >= WEBSOCKET_FAILURES && this.#attempts % 4 !== 0;
    const open = await this.#opener(isSockJs);
    let connectHeaders: Headers;
    try {
      connectHeaders = await this.#listener.credentials();
    } catch (error) {
      this.#lost(undefined, error instanceof ChatRefusal ? error : undefined);
      return;
    }
    if (this.#state.status === "stopped") return;
    this.#client?.deactivate({ force: true }).catch(() => undefined);
    let socket: WebSocket;
    const client = new Client({
      webSocketFactory: () => (socket = open()),
      connectHeaders,
      reconnectDelay: 0,
      heartbeatIncoming: HEARTBEAT_MS,
      // The library measures silence with the wall clock; the pulse does it here.
      heartbeatToleranceMultiplier: Infinity,
      heartbeatOutgoing: HEARTBEAT_MS,
      connectionTimeout: CONNECT_MS,
      discardWebsocketOnCommFailure: true,
    });
    this.#client = client;
    let wasConnected = false;
    let refusal: ChatRefusal | undefined;
    const isCurrent = (): boolean => this.#client === client;
    client.onConnect = ({ headers }) => {
      if (!isCurrent()) return;
      wasConnected = true;
      const beat = agreedBeat(headers["heart-beat"], HEARTBEAT_MS);
      this.#endPulse?.();
      this.#endPulse = watchPulse(socket, beat, () => void this.#probe());
      if (!isSockJs) this.#webSocketFailures = 0;
      void this.#settle(client, headers);
    };
    client.onStompError = ({ body, headers }) => {
      refusal = refusalOf(body, headers);
      this.#answers(headers, refusal);
    };
    client.onWebSocketClose = () => {
      if (!isCurrent()) return;
      if (!wasConnected && !isSockJs) this.#webSocketFailures += 1;
      this.#lost(client, refusal);
    };
    client.activate();
  }

  async #opener(isSockJs: boolean): Promise<() => WebSocket> {
    const { url, platform, loadSockJs } = this.#options;
    if (isSockJs && loadSockJs !== undefined) {
      try {
        const create = await loadSockJs();
        return () => create(`${url}/chat`);
      } catch {
        // It could not be loaded: the network is down, and WebSocket finds that out too.
      }
    }
    return () => platform.openWebSocket(`${url.replace(/^http/, "ws")}/chat`, ["v12.stomp"]);
  }

  async #settle(client: Client, headers: Headers): Promise<void> {
    try {
      await this.subscribe(ERRORS_QUEUE, ({ body, headers: about }) => {
        const refusal = refusalOf(body, about);
        if (!this.#answers(about, refusal)) this.#listener.unasked(refusal);
      });
      await this.#listener.connected(headers);
    } catch {
      if (this.#client === client) client.forceDisconnect();
      return;
    }
    if (this.#client !== client || !client.connected) return;
    this.#attempts = 0;
    this.#setState({ status: "online" });
  }

  /** Rejects the request that a refusal answers; false when it answers none. */
  #answers(headers: Headers, refusal: ChatRefusal): boolean {
    const receipt = headers["receipt-id"] ?? "";
    const pending = this.#pending.get(receipt);
    this.#pending.delete(receipt);
    pending?.reject(refusal);
    return pending !== undefined;
  }

  #lost(client: Client | undefined, refusal: ChatRefusal | undefined): void {
    this.#client = undefined;
    this.#endPulse?.();
    client?.deactivate({ force: true }).catch(() => undefined);
    this.#rejectAll();
    if (this.#state.status === "stopped") return;
    if (refusal !== undefined && !this.#listener.refused(refusal)) {
      const { code, message } = refusal.body;
      this.#setState({ status: "refused", code, message });
      return;
    }
    const wait = reconnectWait(this.#attempts);
    const retryAt = this.#options.platform.now() + wait;
    this.#setState({ status: "reconnecting", retryAt, attempts: this.#attempts });
    this.#timer = setTimeout(() => {
      void this.#attempt();
    }, wait);
  }

  #rejectAll(): void {
    const all = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of all) reject(connectionLost());
  }

  #setState(state: ConnectionState): void {
    this.#state = state;
    this.#listener.stateChanged();
  }
}

/** Connected, and the socket does not close already: what it is given then is lost, and browsers complain. */
function isOpen(client: Client | undefined): client is Client {
  return client?.connected === true && client.webSocket?.readyState === StompSocketState.OPEN;
}
