/** A numbered feed in flight, and sessions over each transport that listen to it: who was ended with what, what the others got. */
import { expect } from "vitest";
import { Wire } from "../authorisation/wires.ts";
import { bodyOf } from "./memory-connection.ts";
import { RawClient } from "./raw-client.ts";
import type { Ports } from "../authorisation/wires.ts";

export const FEED_TRANSPORTS = ["websocket", "tcp", "xhr-streaming"] as const;
const EVERY_MS = 5;
/** Of the promise; a machine with other work may take four times as long. */
const PROMISED_MS = 1000;
const TOLERANCE = 4;

/** SENDs 0, 1, 2 ... to `/topic/feed`; the returned function ends it. */
export async function startFeed(webSocketUrl: string, token: string): Promise<() => Promise<void>> {
  const publisher = await RawClient.connect(webSocketUrl, { Authorization: `Bearer ${token}` });
  let next = 0;
  const timer = setInterval(() => {
    publisher.send(`SEND\ndestination:/topic/feed\n\n${next}^@`);
    next += 1;
  }, EVERY_MS);
  return async () => {
    clearInterval(timer);
    await publisher.close();
  };
}

export class FeedListener {
  readonly name: string;
  readonly wire: Wire;

  private constructor(name: string, wire: Wire) {
    this.name = name;
    this.wire = wire;
  }

  /** One session over each transport, all of which have got something of the feed. */
  static async overAll(ports: Ports, who: string, credentials: string): Promise<readonly FeedListener[]> {
    return Promise.all(
      FEED_TRANSPORTS.map(async (transport) => {
        const wire = await Wire.open(transport, ports);
        wire.send([
          `CONNECT\naccept-version:1.2\n${credentials}\n^@`,
          "SUBSCRIBE\nid:feed\ndestination:/topic/feed\n\n^@",
        ]);
        const listener = new FeedListener(`${who} over ${transport}`, wire);
        await wire.until(() => listener.got.length > 0);
        expect(listener.got, listener.name).not.toEqual([]);
        return listener;
      }),
    );
  }

  /** As CONNECTED says it. */
  get session(): string {
    return this.wire.frames[0]?.headers.get("session") ?? "";
  }

  /** What came of the feed. */
  get got(): readonly number[] {
    return this.wire.frames
      .filter(({ command }) => command === "MESSAGE")
      .map((frame) => Number(bodyOf(frame)));
  }

  /** Nothing is missing between the first and the last of the feed. */
  expectNoGap(): void {
    const { got } = this;
    const first = got[0] ?? 0;
    expect(got, this.name).toEqual(got.map((_tick, index) => first + index));
  }

  /** It ends with an ERROR of this code, which says this, and nothing follows. */
  async expectEnd(code: string, hint?: string): Promise<void> {
    await this.wire.until(() => false);
    this.expectNoGap();
    const [error, ...more] = this.wire.frames.filter(({ command }) => command === "ERROR");
    expect([error === this.wire.frames.at(-1), more], this.name).toEqual([true, []]);
    expect(error?.headers.get("code"), this.name).toBe(code);
    if (error !== undefined && hint !== undefined)
      expect(bodyOf(error), this.name).toContain(JSON.stringify(hint));
  }

  /** It goes on, and has everything. */
  async expectMore(): Promise<void> {
    const before = this.got.length;
    await this.wire.until(() => this.got.length > before);
    expect(this.wire.isClosed, this.name).toBe(false);
    this.expectNoGap();
  }
}

/** All of them end so, within the promised second of `began` (monotonic ms). */
export async function expectEnds(
  listeners: readonly FeedListener[],
  { began, code, hint }: { readonly began: number; readonly code: string; readonly hint?: string },
): Promise<void> {
  await Promise.all(listeners.map((listener) => listener.expectEnd(code, hint)));
  expect(performance.now() - began).toBeLessThan(PROMISED_MS * TOLERANCE);
}
