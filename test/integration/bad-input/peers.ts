/** Peers that send what they are told, with one face over every transport. */
import SockJS from "sockjs-client";
import { FrameParser } from "../../../src/stomp/parser.ts";
import { GENEROUS } from "../../helpers/memory-connection.ts";
import { RawClient } from "../../helpers/raw-client.ts";
import { until } from "../../helpers/running-server.ts";
import { TcpClient } from "../../helpers/tcp-client.ts";
import type { Frame } from "../../../src/stomp/frame.ts";
import type { Version } from "../../../src/stomp/commands.ts";
import type { RunningServer } from "../../helpers/running-server.ts";
import type { TransportName } from "./catalogue/row.ts";

export type Peer = {
  readonly frames: readonly Frame[];
  /** Once it is closed; TCP has no codes. */
  readonly closed: () => { readonly code: number | undefined } | undefined;
  /** Text with `^@` for NUL, or octets where the transport has them. */
  readonly send: (content: string | Uint8Array) => void;
  readonly end: () => void;
};

export function openPeer(server: RunningServer, over: TransportName): Promise<Peer> {
  switch (over) {
    case "WebSocket":
      return openWebSocket(server.webSocketUrl);
    case "SockJS WebSocket":
      return openSockjs(`${server.url}/chat`, "websocket");
    case "xhr-streaming":
      return openSockjs(`${server.url}/chat`, "xhr-streaming");
    case "TCP":
      return Promise.resolve(openTcp(server.tcpPort));
  }
}

async function openWebSocket(url: string): Promise<Peer> {
  const client = await RawClient.open(url);
  return {
    frames: client.frames,
    closed: () => client.closed,
    send: (content) => {
      client.send(content);
    },
    end: () => {
      client.webSocket.terminate();
    },
  };
}

function openTcp(port: number): Peer {
  const client = TcpClient.open(port);
  return {
    frames: client.frames,
    closed: () => (client.isClosed ? { code: undefined } : undefined),
    send: (content) => {
      client.send(content);
    },
    end: () => {
      client.socket.destroy();
    },
  };
}

async function openSockjs(url: string, transport: "websocket" | "xhr-streaming"): Promise<Peer> {
  const socket = new SockJS(url, null, { transports: [transport] });
  const parser = new FrameParser(GENEROUS, "server");
  const frames: Frame[] = [];
  let closed: { code: number } | undefined;
  let isOpen = false;
  socket.onopen = () => {
    isOpen = true;
  };
  socket.onmessage = ({ data }: { data: string }) => {
    parser.push(new TextEncoder().encode(data));
    for (let frame = parser.next(); frame !== undefined; frame = parser.next()) {
      if (frame.command === "CONNECTED") parser.version = frame.headers.get("version") as Version;
      frames.push(frame);
    }
  };
  socket.onclose = ({ code }: { code: number }) => {
    closed = { code };
  };
  await until("SockJS is open", () => isOpen || closed !== undefined);
  return {
    frames,
    closed: () => closed,
    send: (content) => {
      if (typeof content !== "string") throw new Error("SockJS carries text alone");
      socket.send(content.replaceAll("^@", "\0"));
    },
    end: () => {
      socket.close();
    },
  };
}
