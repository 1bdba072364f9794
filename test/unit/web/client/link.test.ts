/** The link and a connection that says nothing more, on a machine whose wall clock is set. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Link } from "../../../../src/web/client/link.ts";
import type { Platform } from "../../../../src/web/client/types.ts";

const HOUR_MS = 3_600_000;
const BEAT_MS = 10_000;

/** A server on the other end that answers, until it is `mute`. */
class Socket extends EventTarget {
  readyState = 1;
  isMute = false;
  onopen: (() => void) | undefined;
  onmessage: ((event: Event) => void) | undefined;
  onclose: ((event: Event) => void) | undefined;

  send(frame: string): void {
    if (this.isMute) return;
    const receipt = /^receipt:(.+)$/m.exec(frame)?.[1];
    if (frame.startsWith("CONNECT"))
      this.say(`CONNECTED\nversion:1.2\nheart-beat:${BEAT_MS},${BEAT_MS}\n\n\0`);
    if (receipt !== undefined) this.say(`RECEIPT\nreceipt-id:${receipt}\n\n\0`);
  }

  say(data: string): void {
    setTimeout(() => {
      const event = new MessageEvent("message", { data });
      this.dispatchEvent(event);
      this.onmessage?.(event);
    }, 1);
  }

  close(): void {
    this.readyState = 3;
    this.onclose?.(new Event("close"));
  }

  terminate(): void {
    this.close();
  }
}

let sockets: Socket[];
let link: Link;

beforeEach(async () => {
  vi.useFakeTimers();
  sockets = [];
  const platform: Platform = {
    fetch,
    now: Date.now,
    watch: () => () => undefined,
    openWebSocket: () => {
      const socket = new Socket();
      sockets.push(socket);
      setTimeout(() => socket.onopen?.(), 1);
      return socket as unknown as WebSocket;
    },
  };
  link = new Link(
    { url: "http://chat.example.com", platform, loadSockJs: undefined },
    {
      credentials: () => Promise.resolve({}),
      connected: () => Promise.resolve(),
      refused: () => true,
      stateChanged: () => undefined,
      unasked: () => undefined,
    },
  );
  link.start();
  await vi.advanceTimersByTimeAsync(100);
  expect(link.state.status).toBe("online");
});
afterEach(async () => {
  const stopped = link.stop();
  await vi.advanceTimersByTimeAsync(2000);
  await stopped;
  vi.useRealTimers();
});

it("a wall clock that is set a day ahead ends no connection that beats", async () => {
  vi.setSystemTime(Date.now() + 24 * HOUR_MS);
  // The beats come late, but they come.
  for (let beat = 0; beat < 6; beat += 1) {
    await vi.advanceTimersByTimeAsync(BEAT_MS * 1.5);
    sockets[0]?.say("\n");
  }
  expect([link.state.status, sockets.length]).toEqual(["online", 1]);
});

it("a wall clock that is set an hour back keeps no connection that is dead", async () => {
  vi.setSystemTime(Date.now() - HOUR_MS);
  for (const socket of sockets) socket.isMute = true;
  await vi.advanceTimersByTimeAsync(BEAT_MS * 4);
  expect([link.state.status, sockets.length]).toEqual(["online", 2]);
});
