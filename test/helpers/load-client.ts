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

export class LoadClient {
  readonly #webSocket: WebSocket;
  readonly #receipts = new Map<string, (frame: Frame) => void>();
  #count = 0;
  id = "";
  token = "";
  isClosed = false;
  /** Position of the newest MESSAGE of the mailbox. */
  position: string | undefined;
  onMessage: (shown: Shown) => void = () => undefined;
  onRefusal: (code: string) => void = () => undefined;
  onClose: () => void = () => undefined;

  private constructor(webSocket: WebSocket) {
    this.#webSocket = webSocket;
  }

  /** Connects and subscribes to errors and messages; rejects when the server does not want us. */
  static connect(
    url: string,
    headers: Readonly<Record<string, string>> = {},
    { since, onMessage }: { since?: string | undefined; onMessage?: (shown: Shown) => void } = {},
  ): Promise<LoadClient> {
    return new Promise((resolve, reject) => {
      const client = new LoadClient(new WebSocket(url, { perMessageDeflate: false }));
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
        } else this.#take(frame);
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
    void this.request(`SUBSCRIBE\nid:m\ndestination:/user/queue/messages\n${from}`, "").then(() => {
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
    if (headers.get("subscription") === "e") this.onRefusal(headers.get("code") ?? "");
    if (headers.get("subscription") !== "m") return;
    this.position = headers.get("position");
    this.onMessage({
      id: headers.get("message-id") ?? "",
      conversation: headers.get("conversation") ?? "",
      seq: Number(headers.get("seq")),
      text: (JSON.parse(bodyOf(frame)) as { message: string }).message,
    });
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
