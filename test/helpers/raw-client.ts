/** A STOMP client over a real WebSocket that sends exactly what it is told. */
import { WebSocket } from "ws";
import { FrameParser } from "../../src/stomp/parser.ts";
import { bodyOf, GENEROUS } from "./memory-connection.ts";
import { until } from "./running-server.ts";
import type { Version } from "../../src/stomp/commands.ts";
import type { Frame } from "../../src/stomp/frame.ts";
import type { ClientOptions } from "ws";

export class RawClient {
  readonly frames: Frame[] = [];
  readonly webSocket: WebSocket;
  closed: { code: number; reason: string } | undefined;
  #receipts = 0;

  private constructor(webSocket: WebSocket) {
    this.webSocket = webSocket;
    const parser = new FrameParser(GENEROUS, "server");
    webSocket.on("message", (data: Buffer) => {
      parser.push(data);
      for (let frame = parser.next(); frame !== undefined; frame = parser.next()) {
        if (frame.command === "CONNECTED") parser.version = frame.headers.get("version") as Version;
        this.frames.push(frame);
      }
    });
    webSocket.on("error", () => undefined);
    webSocket.on("close", (code, reason) => {
      this.closed = { code, reason: reason.toString() };
    });
  }

  static async open(url: string, options: ClientOptions = {}): Promise<RawClient> {
    const client = new RawClient(new WebSocket(url, options));
    await until("the WebSocket is open", () => client.webSocket.readyState !== WebSocket.CONNECTING);
    return client;
  }

  /** Opens and connects; a guest without credentials. */
  static async connect(
    url: string,
    headers: Readonly<Record<string, string>> = {},
    options: ClientOptions = {},
  ): Promise<RawClient> {
    const client = await RawClient.open(url, options);
    const all = { "accept-version": "1.2", ...headers };
    const lines = Object.entries(all).map(([name, value]) => `${name}:${value}\n`);
    client.send(`CONNECT\n${lines.join("")}\n^@`);
    await until("CONNECTED or ERROR", () => client.frames.length > 0 || client.closed !== undefined);
    return client;
  }

  /** The principal's id. */
  get id(): string {
    return this.connected.get("user-name") ?? "";
  }

  get connected(): Frame["headers"] {
    const frame = this.of("CONNECTED")[0];
    if (frame === undefined) throw new Error("not connected");
    return frame.headers;
  }

  /** Sends text with `^@` for NUL, or octets. */
  send(content: string | Uint8Array): void {
    this.webSocket.send(typeof content === "string" ? content.replaceAll("^@", "\0") : content);
  }

  of(command: string): Frame[] {
    return this.frames.filter((frame) => frame.command === command);
  }

  on(subscription: string): Frame[] {
    return this.of("MESSAGE").filter((frame) => frame.headers.get("subscription") === subscription);
  }

  bodies(subscription: string): Record<string, unknown>[] {
    return this.on(subscription).map((frame) => JSON.parse(bodyOf(frame)) as Record<string, unknown>);
  }

  texts(subscription = "messages"): unknown[] {
    return this.bodies(subscription).map((body) => body["message"]);
  }

  /** A frame with a receipt; resolves with the RECEIPT, or undefined when it is refused or the session ends. */
  async request(head: string, body = ""): Promise<Frame | undefined> {
    this.#receipts += 1;
    const receipt = `q${this.#receipts}`;
    this.send(`${head}receipt:${receipt}\n\n${body}^@`);
    const answer = (): Frame | undefined =>
      this.frames.find(
        (frame) =>
          frame.headers.get("receipt-id") === receipt && frame.headers.get("subscription") !== "events",
      );
    await until(`an answer to ${head}`, () => answer() !== undefined || this.closed !== undefined);
    const found = answer();
    return found?.command === "RECEIPT" ? found : undefined;
  }

  subscribe(id: string, destination: string, headers = ""): Promise<Frame | undefined> {
    return this.request(`SUBSCRIBE\nid:${id}\ndestination:${destination}\n${headers}`);
  }

  async subscribeAll(): Promise<this> {
    await this.subscribe("errors", "/user/queue/errors");
    await this.subscribe("events", "/user/queue/events");
    await this.subscribe("messages", "/user/queue/messages");
    return this;
  }

  post(destination: string, body: unknown): Promise<Frame | undefined> {
    return this.request(
      `SEND\ndestination:${destination}\n`,
      typeof body === "string" ? body : JSON.stringify(body),
    );
  }

  say(userTo: string, message: string, more: object = {}): Promise<Frame | undefined> {
    return this.post("/chat/message", { userFrom: this.id, userTo, message, ...more });
  }

  refusals(): unknown[] {
    return this.bodies("errors").map((body) => body["code"]);
  }

  async close(): Promise<void> {
    this.webSocket.close();
    await until("the WebSocket is closed", () => this.closed !== undefined);
  }
}
