/** Every way into a server for octets that nobody should send. */
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { WebSocket } from "ws";
import type { Random } from "./mutation.ts";

export type Wire = {
  /** Resolves when it is sent, taken or not. */
  send(frames: readonly Buffer[], random: Random): Promise<void>;
  isOpen(): boolean;
  close(): void;
};

export type Ports = { readonly http: number; readonly tcp: number };

export type WireKind = { readonly name: string; readonly open: (ports: Ports) => Promise<Wire> };

const agent = new Agent({ keepAlive: true, maxSockets: Infinity });
let sessions = 0;

const newSession = (): string => {
  sessions += 1;
  return `/chat/0/fuzz${sessions}`;
};

/** What is sent to SockJS: an array of strings, now and then none. */
function sockjsPayload(frames: readonly Buffer[], random: Random): Buffer | string {
  if (random(10) === 0) return Buffer.concat(frames.map((frame) => frame.subarray(0, 200)));
  const texts = JSON.stringify(frames.map((frame) => frame.toString("latin1")));
  return random(20) === 0 ? texts.slice(0, random(texts.length)) : texts;
}

function overWebSocket(
  url: string,
  send: (socket: WebSocket, ...what: Parameters<Wire["send"]>) => void,
): Promise<Wire> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  socket.on("error", () => undefined);
  const isOpen = (): boolean => socket.readyState === WebSocket.OPEN;
  const wire: Wire = {
    send: async (frames, random) => {
      if (isOpen()) send(socket, frames, random);
      await aWhile();
    },
    isOpen,
    close: () => {
      socket.terminate();
    },
  };
  return new Promise((resolve) => {
    for (const event of ["open", "close"]) {
      socket.once(event, () => {
        resolve(wire);
      });
    }
  });
}

function overTcp({ tcp }: Ports): Promise<Wire> {
  const socket = connect(tcp, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.resume();
  const wire: Wire = {
    send: async (frames, random) => {
      const octets = Buffer.concat(frames);
      const cut = random(octets.length + 1);
      if (socket.writable) socket.write(octets.subarray(0, cut));
      await aWhile();
      if (socket.writable) socket.write(octets.subarray(cut));
      await aWhile();
    },
    isOpen: () => socket.writable,
    close: () => {
      socket.destroy();
    },
  };
  return new Promise((resolve) => {
    socket.once("connect", () => {
      resolve(wire);
    });
  });
}

/** Requests on connections that are kept; resolves with status and text when the response ends or breaks. */
function ask(
  { http: port }: Ports,
  path: string,
  body: Buffer | string,
  signal: AbortSignal,
  begun: () => void = () => undefined,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve) => {
    const method = path.endsWith("/eventsource") ? "GET" : "POST";
    const asking = request({ host: "127.0.0.1", port, path, method, agent, signal }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => {
        text += chunk.toString();
        begun();
      });
      response.on("error", () => undefined);
      response.on("close", () => {
        resolve({ status: response.statusCode ?? 0, text });
      });
    });
    asking.on("error", () => {
      resolve({ status: 0, text: "" });
    });
    asking.end(body);
  });
}

async function overHttp(ports: Ports, endpoint: "xhr" | "xhr_streaming" | "eventsource"): Promise<Wire> {
  const session = newSession();
  const over = new AbortController();
  const { signal } = over;
  let isOpen = true;
  const receive = async (begun: () => void): Promise<void> => {
    const { status, text } = await ask(ports, `${session}/${endpoint}`, "", signal, begun);
    begun();
    // A response that ended goes on with another, unless it told the end.
    if (status === 200 && !/^(?:data: )?c\[/m.test(text)) return receive(begun);
    isOpen = false;
  };
  await new Promise<void>((resolve) => {
    void receive(resolve);
  });
  return {
    send: async (frames, random) => {
      await ask(ports, `${session}/xhr_send`, sockjsPayload(frames, random), signal);
    },
    isOpen: () => isOpen,
    close: () => {
      over.abort();
    },
  };
}

/** Long enough for most answers: frames behind the end of a session try nothing. */
const aWhile = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

export const WIRES: readonly WireKind[] = [
  {
    name: "websocket",
    open: ({ http }) =>
      overWebSocket(`ws://127.0.0.1:${http}/chat`, (socket, frames, random) => {
        for (const frame of frames) socket.send(frame, { binary: random(3) > 0 });
      }),
  },
  {
    name: "sockjs-websocket",
    open: ({ http }) =>
      overWebSocket(`ws://127.0.0.1:${http}${newSession()}/websocket`, (socket, frames, random) => {
        socket.send(sockjsPayload(frames, random));
      }),
  },
  { name: "xhr-streaming", open: (ports) => overHttp(ports, "xhr_streaming") },
  { name: "xhr-polling", open: (ports) => overHttp(ports, "xhr") },
  { name: "eventsource", open: (ports) => overHttp(ports, "eventsource") },
  { name: "tcp", open: overTcp },
];
