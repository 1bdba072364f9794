/** A peer over SockJS's xhr-streaming that sends text as it is told, with the same face as RawClient. */
import SockJS from "sockjs-client";
import { FrameParser } from "../../../src/stomp/parser.ts";
import { GENEROUS } from "../../helpers/memory-connection.ts";
import { until } from "../../helpers/running-server.ts";
import type { Frame } from "../../../src/stomp/frame.ts";

export type Peer = {
  readonly frames: Frame[];
  readonly closed: () => { readonly code: number } | undefined;
  readonly send: (content: string) => void;
  readonly end: () => void;
};

export async function openSockjs(url: string): Promise<Peer> {
  const socket = new SockJS(url, null, { transports: ["xhr-streaming"] });
  const parser = new FrameParser(GENEROUS, "server");
  const frames: Frame[] = [];
  let closed: { code: number } | undefined;
  let isOpen = false;
  socket.onopen = () => {
    isOpen = true;
  };
  socket.onmessage = ({ data }: { data: string }) => {
    parser.push(new TextEncoder().encode(data));
    for (let frame = parser.next(); frame !== undefined; frame = parser.next()) frames.push(frame);
  };
  socket.onclose = ({ code }: { code: number }) => {
    closed = { code };
  };
  await until("SockJS is open", () => isOpen || closed !== undefined);
  return {
    frames,
    closed: () => closed,
    send: (content) => {
      socket.send(content.replaceAll("^@", "\0"));
    },
    end: () => {
      socket.close();
    },
  };
}
