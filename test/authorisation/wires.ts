/** The ways of STOMP into a server, with one face: octets there, frames back. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { WebSocket } from "ws";
import { FrameParser } from "../../src/stomp/parser.ts";
import { GENEROUS } from "../helpers/memory-connection.ts";
import type { IncomingMessage } from "node:http";
import type { Version } from "../../src/stomp/commands.ts";
import type { Frame } from "../../src/stomp/frame.ts";

export type Ports = { readonly http: number; readonly tcp: number };

/** What a transport does: writes text, closes; it tells octets as they come, and once that it is over. */
type Pipe = { readonly write: (text: string) => void; readonly close: () => void };
type Ears = { readonly heard: (octets: Uint8Array) => void; readonly ended: (code?: number) => void };
/** Of each request that the transport makes; of none over TCP. */
type Headers = Readonly<Record<string, string>>;

const openers = {
  websocket: overWebSocket,
  "sockjs-websocket": overSockjsWebSocket,
  "xhr-streaming": (...way: Way) => overHttp(way, "xhr_streaming"),
  "xhr-polling": (...way: Way) => overHttp(way, "xhr"),
  eventsource: (...way: Way) => overHttp(way, "eventsource"),
  tcp: overTcp,
} as const;

type Way = [ports: Ports, ears: Ears, headers: Headers];
export type Transport = keyof typeof openers;
export const ALL_TRANSPORTS = Object.keys(openers) as readonly Transport[];
/** One stream of SockJS is the other: what is asked a thousand times is asked over one of them. */
export const TRANSPORTS = ALL_TRANSPORTS.filter((transport) => transport !== "eventsource");

/** Far below what one message of WebSocket or one xhr_send may have. */
const CHUNK = 16 * 1024;

export class Wire {
  readonly frames: Frame[] = [];
  /** RECEIPTs, refusals and ERRORs, by the receipt that was asked for. */
  readonly answers = new Map<string, Frame>();
  isClosed = false;
  /** With which it was closed, where the transport says one. */
  closeCode: number | undefined;
  #pipe: Pipe | undefined;
  readonly #parser = new FrameParser(GENEROUS, "server");
  readonly #waiting = new Set<() => void>();

  static async open(transport: Transport, ports: Ports, headers: Headers = {}): Promise<Wire> {
    const wire = new Wire();
    const ears: Ears = {
      heard: (octets) => {
        wire.#take(octets);
      },
      ended: (code) => {
        wire.isClosed = true;
        wire.closeCode ??= code;
        wire.#wake();
      },
    };
    wire.#pipe = await openers[transport](ports, ears, headers);
    return wire;
  }

  /** Frames as text, with `^@` for NUL; many go in few writes. */
  send(frames: readonly string[]): void {
    let chunk = "";
    for (const frame of frames) {
      chunk += frame.replaceAll("^@", "\0");
      if (chunk.length < CHUNK) continue;
      this.#pipe?.write(chunk);
      chunk = "";
    }
    if (chunk !== "") this.#pipe?.write(chunk);
  }

  /** Resolves when it holds, or when the connection is over; looks again with every frame that comes. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds() && !this.isClosed) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  /** Resolves when each of these frames has its answer. */
  async answered(receipts: readonly string[]): Promise<void> {
    let answered = 0;
    await this.until(() => {
      while (answered < receipts.length && this.answers.has(receipts[answered] ?? "")) answered += 1;
      return answered === receipts.length;
    });
  }

  close(): void {
    this.#pipe?.close();
  }

  #take(octets: Uint8Array): void {
    const parser = this.#parser;
    parser.push(octets);
    for (let frame = parser.next(); frame !== undefined; frame = parser.next()) {
      if (frame.command === "CONNECTED") parser.version = frame.headers.get("version") as Version;
      const kept = { ...frame, body: Buffer.from(frame.body) };
      this.frames.push(kept);
      const receipt = frame.headers.get("receipt-id");
      const isAnswer = frame.command !== "MESSAGE" || frame.headers.has("code");
      if (receipt !== undefined && isAnswer) this.answers.set(receipt, kept);
    }
    this.#wake();
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }
}

async function overWebSocket(...[{ http }, { heard, ended }, headers]: Way): Promise<Pipe> {
  const socket = new WebSocket(`ws://127.0.0.1:${http}/chat`, { perMessageDeflate: false, headers });
  socket.on("message", (data: Buffer) => {
    heard(data);
  });
  return whenOpen(socket, ended, (text) => {
    socket.send(text);
  });
}

async function overSockjsWebSocket(...[{ http }, { heard, ended }, headers]: Way): Promise<Pipe> {
  const url = `ws://127.0.0.1:${http}/chat/0/${randomUUID()}/websocket`;
  const socket = new WebSocket(url, { perMessageDeflate: false, headers });
  socket.on("message", (data: Buffer) => {
    for (const text of textsIn(data.toString())) heard(Buffer.from(text));
  });
  return whenOpen(socket, ended, (text) => {
    socket.send(JSON.stringify([text]));
  });
}

async function whenOpen(socket: WebSocket, ended: Ears["ended"], write: Pipe["write"]): Promise<Pipe> {
  socket.on("close", (code) => {
    ended(code);
  });
  await once(socket, "open");
  return {
    write,
    close: () => {
      socket.terminate();
    },
  };
}

async function overTcp(...[{ tcp }, { heard, ended }]: Way): Promise<Pipe> {
  const socket = connect(tcp, "127.0.0.1");
  socket.on("data", heard);
  socket.on("close", () => {
    ended();
  });
  await once(socket, "connect");
  return { write: (text) => socket.write(text), close: () => socket.destroy() };
}

/** The strings of a frame of SockJS. */
function textsIn(frame: string): readonly string[] {
  return frame.startsWith("a") ? (JSON.parse(frame.slice(1)) as string[]) : [];
}

async function overHttp(
  [{ http: port }, { heard, ended }, headers]: Way,
  endpoint: "xhr_streaming" | "xhr" | "eventsource",
): Promise<Pipe> {
  const agent = new Agent({ keepAlive: true });
  const path = `/chat/0/${randomUUID()}`;
  let isOver = false;
  const end = (code?: number): void => {
    if (!isOver) ended(code);
    isOver = true;
    agent.destroy();
  };
  const fail = (): void => {
    end();
  };
  const ask = async (what: string, body: string, line: (text: string) => void): Promise<void> => {
    const method = what === "eventsource" ? "GET" : "POST";
    const asking = request({ host: "127.0.0.1", port, path: `${path}/${what}`, method, agent, headers });
    asking.end(body);
    const [response] = (await once(asking, "response")) as [IncomingMessage];
    response.setEncoding("utf8");
    let rest = "";
    for await (const chunk of response) {
      const lines = (rest + String(chunk)).split(/\r?\n/);
      rest = lines.pop() ?? "";
      for (const text of lines) line(text.replace(/^data: /, ""));
    }
  };
  // A response that ended goes on with the next, until one says that it is over.
  const receive = async (opened: () => void): Promise<void> => {
    while (!isOver) {
      await ask(endpoint, "", (line) => {
        if (line === "o") opened();
        if (line.startsWith("c[")) end(Number(/\d+/.exec(line)));
        for (const text of textsIn(line)) heard(Buffer.from(text));
      });
    }
  };
  await new Promise<void>((resolve) => {
    receive(resolve).catch(fail);
  });
  let sent = Promise.resolve();
  return {
    write: (text) => {
      sent = sent.then(() => ask("xhr_send", JSON.stringify([text]), () => undefined)).catch(fail);
    },
    close: fail,
  };
}
