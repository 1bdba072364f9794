/** How long a TCP connection that closes waits for a peer that takes its last output slowly, or not at all. */
import { connect } from "node:net";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { listenOnTcp } from "../../../src/adapters/transports/tcp-listener.ts";
import { afterThis, EchoSession, until } from "./transport-server.ts";
import type { Socket } from "node:net";

const MiB = 1 << 20;

let session: EchoSession;
let peer: Socket;
let received: number;

beforeEach(async () => {
  received = 0;
  let opened: EchoSession | undefined;
  const listener = await listenOnTcp({
    port: 0,
    host: "127.0.0.1",
    tls: undefined,
    handshakeTimeoutMs: 10_000,
    admit: () => undefined,
    open: (connection) => (opened = new EchoSession(connection)),
  });
  peer = connect(Number(new URL(listener.url).port), "127.0.0.1");
  afterThis(() => {
    peer.destroy();
    listener.close();
  });
  peer.on("error", () => undefined);
  peer.on("data", ({ length }) => (received += length));
  peer.pause();
  session = await until(() => opened);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** More than the buffers between the two hold; the connection closes behind it. */
function writeAndClose(mebibytes: number): void {
  session.write("x".repeat(mebibytes * MiB));
  session.connection.close(1000, "");
}

/** The peer takes a part, so that the server can write more; then five seconds pass. */
async function takeSome(): Promise<void> {
  const [before, enough] = [session.connection.writtenBytes, received + 2 * MiB];
  peer.resume();
  await until(() => session.closes > 0 || (received > enough && session.connection.writtenBytes > before));
  peer.pause();
  vi.advanceTimersByTime(5000);
}

it("is longer than five seconds while the peer takes some of it in each of them", async () => {
  writeAndClose(32);
  for (let count = 0; count < 3; count += 1) await takeSome();
  peer.resume();
  await until(() => session.closes > 0);
  expect(received).toBe(32 * MiB);
});

it("is five seconds without an octet taken", async () => {
  writeAndClose(32);
  await takeSome();
  // What the kernel still took after the pause may count once.
  for (let count = 0; count < 3; count += 1) {
    vi.advanceTimersByTime(5000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(session.closes).toBe(1);
});

it("is a minute at most, whatever the peer takes", async () => {
  writeAndClose(64);
  for (let count = 0; count < 11; count += 1) await takeSome();
  expect(session.closes).toBe(0);
  await takeSome();
  await until(() => session.closes > 0);
  expect(received).toBeLessThan(64 * MiB);
});
