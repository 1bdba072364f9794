/** A light client for load: counts and times, keeps little. */
import { WebSocket } from "ws";
import { FrameParser } from "../../src/stomp/parser.ts";
import { bodyOf } from "./memory-connection.ts";
import type { Frame } from "../../src/stomp/frame.ts";

const LIMITS = {
  maxBodyBytes: 8 << 20,
  maxHeaders: 64,
  maxHeaderLineBytes: 1 << 14,
  maxCredentialLineBytes: 1 << 14,
  maxHeaderBytes: 1 << 16,
};

export type Shown = {
  readonly id: string;
  readonly conversation: string;
  readonly seq: number;
  readonly text: string;
};

/** Between the wire and the client: gets each frame and returns what the client shall see instead. */
export type Meddle = (frame: Frame) => readonly Frame[];

type LoadOptions = {
  readonly since?: string | undefined;
  readonly onMessage?: (shown: Shown, position: string) => void;
  readonly meddle?: Meddle | undefined;
  /** From where it connects. */
  readonly localAddress?: string | undefined;
};

export class LoadClient {
  readonly #webSocket: WebSocket;
  readonly #meddle: Meddle;
  readonly #receipts = new Map<string, (frame: Frame) => void>();
  #count = 0;
  id = "";
  token = "";
  isClosed = false;
  /** Of the newest MESSAGE of the mailbox; before the first, where the subscription began. */
  position: string | undefined;
  /** Whether the subscription began where `since` said. */
  isRecovered = false;
  onMessage: (shown: Shown, position: string) => void = () => undefined;
  /** A refusal, with the `clientId` of what it refuses where that had one. */
  onRefusal: (code: string, clientId: string | undefined) => void = () => undefined;
  onClose: () => void = () => undefined;

  private constructor(webSocket: WebSocket, meddle: Meddle) {
    this.#webSocket = webSocket;
    this.#meddle = meddle;
  }

  /** Connects and subscribes to errors and messages; rejects when the server does not want us. */
  static connect(
    url: string,
    headers: Readonly<Record<string, string>> = {},
    { since, onMessage, meddle = (frame) => [frame], localAddress }: LoadOptions = {},
  ): Promise<LoadClient> {
    return new Promise((resolve, reject) => {
      const client = new LoadClient(new WebSocket(url, { perMessageDeflate: false, localAddress }), meddle);
      if (onMessage !== undefined) client.onMessage = onMessage;
      client.#listen(resolve, reject, since);
      const lines = Object.entries({ "accept-version": "1.2", ...headers }).map(
        ([name, value]) => `${name}:${value}\n`,
      );
      client.#webSocket.on("open", () => {
        client.#webSocket.send(`CONNECT\n${lines.join("")}\n\0`);
      });
    });
  }

  #listen(
    resolve: (client: LoadClient) => void,
    reject: (error: Error) => void,
    since: string | undefined,
  ): void {
    const parser = new FrameParser(LIMITS, "server");
    this.#webSocket.on("message", (data: Buffer) => {
      parser.push(data);
      for (let frame = parser.next(); frame !== undefined; frame = parser.next()) {
        if (frame.command === "CONNECTED") {
          parser.version = "1.2";
          this.#connected(frame, since, resolve);
        } else for (const one of this.#meddle(frame)) this.#take(one);
      }
    });
    this.#webSocket.on("error", () => undefined);
    this.#webSocket.on("close", () => {
      this.isClosed = true;
      reject(new Error("the connection closed"));
      this.onClose();
    });
  }

  #connected({ headers }: Frame, since: string | undefined, resolve: (client: LoadClient) => void): void {
    this.id = headers.get("user-name") ?? "";
    this.token = headers.get("token") ?? "";
    this.#webSocket.send("SUBSCRIBE\nid:e\ndestination:/user/queue/errors\n\n\0");
    const from = since === undefined ? "" : `since:${since}\n`;
    void this.request(`SUBSCRIBE\nid:m\ndestination:/user/queue/messages\n${from}`, "").then((receipt) => {
      this.position ??= receipt.headers.get("position");
      this.isRecovered = receipt.headers.get("recovered") === "true";
      resolve(this);
    });
  }

  #take(frame: Frame): void {
    const { headers } = frame;
    if (frame.command === "RECEIPT") {
      const receipt = headers.get("receipt-id") ?? "";
      this.#receipts.get(receipt)?.(frame);
      this.#receipts.delete(receipt);
      return;
    }
    if (headers.get("subscription") === "e")
      this.onRefusal(headers.get("code") ?? "", headers.get("client-id"));
    if (headers.get("subscription") !== "m") return;
    const position = headers.get("position") ?? "";
    this.position = position;
    const shown = {
      id: headers.get("message-id") ?? "",
      conversation: headers.get("conversation") ?? "",
      seq: Number(headers.get("seq")),
      text: (JSON.parse(bodyOf(frame)) as { message: string }).message,
    };
    this.onMessage(shown, position);
  }

  /** Resolves with the RECEIPT; never when the connection goes first. */
  request(head: string, body: string): Promise<Frame> {
    this.#count += 1;
    const receipt = String(this.#count);
    return new Promise((resolve) => {
      this.#receipts.set(receipt, resolve);
      this.#webSocket.send(`${head}receipt:${receipt}\n\n${body}\0`);
    });
  }

  say(userTo: string, message: string, clientId?: string): Promise<Frame> {
    const body = JSON.stringify({ userFrom: this.id, userTo, message, clientId });
    return this.request("SEND\ndestination:/chat/message\n", body);
  }

  close(): void {
    this.#webSocket.terminate();
  }
}
