/** What every QueueStore does; each implementation runs it. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createQueueStore } from "../../src/chat/queue-store.ts";
import type { DurableOperation } from "../../src/broker/application-destination.ts";
import type { QueueStore, StoredMessage } from "../../src/broker/general/queue-store.ts";
import type { Step } from "../../src/chat/operations/transaction.ts";
import type { ChatStore } from "../../src/chat/store.ts";

export type OpenQueues = () => Promise<{
  readonly queues: QueueStore;
  /** What the broker's COMMIT asks for. */
  readonly commit: (operations: readonly DurableOperation[]) => Promise<unknown>;
  readonly close: () => Promise<void>;
}>;

/** The queues of a chat's store, as the server joins them. */
export function chatQueues(store: ChatStore): Awaited<ReturnType<OpenQueues>> {
  return {
    queues: createQueueStore(store),
    commit: (operations) => store.execute("transaction", { steps: operations as readonly Step[] }),
    close: () => store.close(),
  };
}

export function messageAt(place: number, more: Partial<StoredMessage> = {}): StoredMessage {
  const destination = `/queue/${place % 3}`;
  const body = new TextEncoder().encode(`body ${place}`);
  return {
    place,
    destination,
    id: `id-${place}`,
    headers: [["n", String(place)]],
    body,
    expiresAt: 0,
    attempts: 0,
    ...more,
  };
}

export const append = (message: StoredMessage) => ({ type: "append", message }) as const;

export function queueStoreContract(name: string, open: OpenQueues): void {
  describe(name, () => {
    let opened: Awaited<ReturnType<OpenQueues>>;
    let queues: QueueStore;

    beforeEach(async () => {
      opened = await open();
      queues = opened.queues;
    });
    afterEach(async () => {
      await opened.close();
    });

    const places = async (): Promise<number[]> => (await queues.read(0)).map(({ place }) => place);

    it("gives back what was appended, octet for octet, in the order of places", async () => {
      const messages = [
        messageAt(1, { body: new Uint8Array(), headers: [] }),
        messageAt(2, { body: new Uint8Array([0xff, 0, 0xfe]), expiresAt: 1_795_000_000_000, attempts: 3 }),
        messageAt(7, {
          body: new TextEncoder().encode("\uFEFFé\0𝄞"),
          headers: [
            ["a:b", "x\ny\\"],
            ["", ""],
          ],
        }),
      ];
      await queues.write(messages.toReversed().map(append));
      const read = await queues.read(0);
      expect(read.map((row) => ({ ...row, body: new Uint8Array(row.body) }))).toEqual(messages);
    });

    it("reads in pages: behind a place, until there is nothing", async () => {
      await queues.write(Array.from({ length: 250 }, (_, index) => append(messageAt(index + 1))));
      const read: number[] = [];
      for (let page = await queues.read(0); page.length > 0; page = await queues.read(read.at(-1) ?? 0)) {
        read.push(...page.map(({ place }) => place));
      }
      expect(read).toEqual(Array.from({ length: 250 }, (_, index) => index + 1));
    });

    it("carries out changes in order, within a call and over calls that do not wait", async () => {
      const first = queues.write([append(messageAt(1)), append(messageAt(2))]);
      const second = queues.write([
        { type: "deliver", place: 2, attempts: 4 },
        { type: "remove", place: 1 },
        append(messageAt(1, { destination: "/queue/dead-letters/1" })),
      ]);
      await Promise.all([first, second]);
      expect(
        (await queues.read(0)).map(({ place, destination, attempts }) => [place, destination, attempts]),
      ).toEqual([
        [1, "/queue/dead-letters/1", 0],
        [2, "/queue/2", 4],
      ]);
    });

    it("changes nothing where there is nothing", async () => {
      await queues.write([
        { type: "deliver", place: 5, attempts: 1 },
        { type: "remove", place: 6 },
      ]);
      expect(await places()).toEqual([]);
    });

    it("takes part in a transaction: all of it, or nothing", async () => {
      await queues.write([append(messageAt(1))]);
      const operation = queues.operationOf([{ type: "remove", place: 1 }, append(messageAt(2))]);
      const refused = {
        name: "claim",
        input: { principal: { id: "x", kind: "agent", role: "agent" }, conversation: "none", now: 0 },
      };
      await expect(opened.commit([operation, refused])).rejects.toThrow();
      expect(await places()).toEqual([1]);
      await opened.commit([operation, queues.operationOf([append(messageAt(3))])]);
      expect(await places()).toEqual([2, 3]);
    });
  });
}
