/** Messages on their way that outlive their page: who sends them, and in whose name. */
import { beforeEach, afterEach, describe, expect, it, vi } from "vitest";
import { isOfAnother } from "../../../src/web/client/unsent.ts";
import { createUnsentStore } from "../../../src/web/widget/unsent-store.ts";
import { settled } from "../../helpers/test-chat.ts";
import type { PublicPrincipal } from "../../../src/chat/wire.ts";
import type { OutgoingMessage, Unsent, UnsentStore } from "../../../src/web/client/index.ts";

const guest = (id: string): PublicPrincipal => ({ id, kind: "guest" });
const customer = (id: string): PublicPrincipal => ({ id, kind: "customer" });
const message = (text: string): OutgoingMessage => {
  return { clientId: text, text, writtenAt: 1, status: "sending", conversation: "c", userTo: "an agent" };
};

describe("what was left", () => {
  it.each([
    ["a guest's", guest("g"), guest("g"), true],
    ["a guest's", guest("g"), customer("c"), true],
    ["a guest's", guest("g"), guest("another"), false],
    ["a customer's", customer("c"), customer("c"), true],
    ["a customer's", customer("c"), customer("another"), false],
    ["a customer's", customer("c"), guest("g"), false],
    ["a customer's", customer("c"), undefined, false],
    ["nobody's yet", undefined, guest("g"), true],
  ])("as %s (%o) is for %o: %s", (_whose, owner, me, isTaken) => {
    expect(isOfAnother(owner, me)).toBe(!isTaken);
  });
});

type Change = { readonly key: string | null; readonly newValue: string | null };

/** One browser: a storage, its locks, and the pages that hear of changes of the storage. */
class Profile {
  readonly kept = new Map<string, string>();
  readonly #queues = new Map<string, (() => void)[]>();
  readonly #heard = new Set<(change: Change) => void>();
  readonly #locks = {
    request: async (name: string, ...rest: unknown[]): Promise<void> => {
      const work = rest.at(-1) as (lock: object | null) => unknown;
      const queue = this.#queues.get(name) ?? [];
      this.#queues.set(name, queue);
      const isOnlyNow = (rest[0] as { ifAvailable?: boolean }).ifAvailable === true;
      if (queue.length > 0 && isOnlyNow) {
        work(null);
        return;
      }
      await new Promise<void>((resolve) => {
        queue.push(resolve);
        if (queue.length === 1) resolve();
      });
      await work({});
      queue.shift();
      queue[0]?.();
    },
  };

  /** What a script of this browser finds around it. */
  use({ hasLocks = true } = {}): void {
    vi.stubGlobal("navigator", hasLocks ? { locks: this.#locks } : {});
    const { kept } = this;
    // Its own members are the names, as with a real one.
    const storage = new Proxy(
      {
        getItem: (key: string) => kept.get(key) ?? null,
        setItem: (key: string, value: string) => {
          kept.set(key, value);
          this.tell({ key, newValue: value });
        },
        removeItem: (key: string) => kept.delete(key),
      },
      {
        ownKeys: () => [...kept.keys()],
        getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
      },
    );
    vi.stubGlobal("localStorage", storage);
  }

  newPage(): UnsentStore {
    return createUnsentStore((changed) => this.#heard.add(changed));
  }

  tell(change: Change): void {
    for (const changed of this.#heard) changed(change);
  }

  /** Its page is no more: its locks are free. */
  end(name: string): void {
    this.#queues.get(name)?.shift();
    this.#queues.get(name)?.[0]?.();
  }
}

describe("the pages of one browser", () => {
  let profile: Profile;
  let taken: Unsent[];
  const take = (unsent: Unsent): void => {
    taken.push(unsent);
  };
  const lost = { user: guest("g"), messages: [message("one"), message("two")] };

  beforeEach(() => {
    profile = new Profile();
    profile.use();
    taken = [];
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("leave a page's messages alone as long as it lives, and then one of them takes them", async () => {
    for (const _ of [1, 2]) profile.newPage().take(take);
    profile.newPage().save(lost);
    await settled();
    expect(taken).toEqual([]);
    profile.end([...profile.kept.keys()][0] ?? "");
    await settled();
    expect([taken, profile.kept.size]).toEqual([[lost], 0]);
  });

  it("find what was left before they came, without locks too, and nothing where all was sent", async () => {
    profile.use({ hasLocks: false });
    profile.newPage().save(lost);
    const sent = profile.newPage();
    sent.save({ messages: [message("sent")] });
    sent.save({ messages: [] });
    profile.kept.set("customer-chat:unsent:broken", "{");
    profile.newPage().take(take);
    await settled();
    expect(taken.map(({ messages }) => messages.map(({ text }) => text))).toEqual([["one", "two"]]);
    expect(profile.kept.size).toBe(0);
  });

  it("keep theirs again when all is cleared, and drop what was left when the visitor signs out", async () => {
    const mine = profile.newPage();
    mine.take(take);
    mine.save(lost);
    profile.kept.clear();
    profile.tell({ key: null, newValue: null });
    await settled();
    expect(profile.kept.size).toBe(1);
    profile.kept.set("customer-chat:unsent:left", JSON.stringify(lost));
    mine.forget();
    await settled();
    expect([...profile.kept.keys()]).not.toContain("customer-chat:unsent:left");
    expect([profile.kept.size, taken]).toEqual([1, []]);
  });
});
