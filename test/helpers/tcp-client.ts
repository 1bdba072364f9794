/** A STOMP client over a TCP or TLS socket that sends exactly what it is told. */
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { FrameParser } from "../../src/stomp/parser.ts";
import { GENEROUS } from "./memory-connection.ts";
import { until } from "./running-server.ts";
import type { Socket } from "node:net";
import type { Version } from "../../src/stomp/commands.ts";
import type { Frame } from "../../src/stomp/frame.ts";

export class TcpClient {
  readonly frames: Frame[] = [];
  readonly socket: Socket;
  received = 0;
  isClosed = false;
  #userName = "";
  #receipts = 0;

  constructor(socket: Socket) {
    this.socket = socket;
    const parser = new FrameParser(GENEROUS, "server");
    socket.on("data", (data: Buffer) => {
      this.received += data.length;
      parser.push(data);
      for (let frame = parser.next(); frame !== undefined; frame = parser.next()) {
        if (frame.command === "CONNECTED") {
          parser.version = frame.headers.get("version") as Version;
          this.#userName = frame.headers.get("user-name") ?? "";
        }
        this.frames.push(frame);
      }
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.isClosed = true;
    });
  }

  static open(port: number, ca?: Buffer): TcpClient {
    return new TcpClient(
      ca === undefined
        ? connect(port, "127.0.0.1")
        : connectTls({ port, host: "127.0.0.1", servername: "localhost", ca }),
    );
  }

  /** Opens and connects with these headers, each with its line feed. */
  static async connect(port: number, headers = "accept-version:1.2\n", ca?: Buffer): Promise<TcpClient> {
    const client = TcpClient.open(port, ca);
    client.send(`CONNECT\n${headers}\n^@`);
    await until("CONNECTED or ERROR", () => client.frames.length > 0 || client.isClosed);
    return client;
  }

  /** Text with `^@` for NUL, or octets. */
  send(content: string | Uint8Array): void {
    this.socket.write(typeof content === "string" ? content.replaceAll("^@", "\0") : content);
  }

  of(command: string): Frame[] {
    return this.frames.filter((frame) => frame.command === command);
  }

  /** The principal's id. */
  get userName(): string {
    return this.#userName;
  }

  /** Sends a frame with this receipt and waits for its RECEIPT. */
  async request(head: string, body = ""): Promise<void> {
    this.#receipts += 1;
    const receipt = `r${this.#receipts}`;
    this.send(`${head}receipt:${receipt}\n\n${body}^@`);
    await until(`the RECEIPT of ${head}`, () =>
      this.of("RECEIPT").some((frame) => frame.headers.get("receipt-id") === receipt),
    );
  }
}
