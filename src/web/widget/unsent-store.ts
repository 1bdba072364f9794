/** What a page of this browser has not sent yet is kept for the others: it is sent by one of them when its own is no more. */
import { randomId } from "../client/random.ts";
import { localStorageOf, recall, remember } from "./memory.ts";
import type { Unsent, UnsentStore } from "../client/index.ts";

const PREFIX = "customer-chat:unsent:";

/** What a browser tells when another page has changed the storage; no key: all was cleared. */
type Change = { readonly key: string | null; readonly newValue: string | null };

/**
 * Each page keeps under a name of its own, and holds the lock of that name as long as something is kept there. `watch`
 * has the given function called with each change of the storage.
 */
export function createUnsentStore(watch: (changed: (change: Change) => void) => void): UnsentStore {
  const mine = PREFIX + randomId();
  let text: string | null = null;
  let letGo: (() => void) | undefined;
  const others = (): readonly string[] => {
    try {
      return Object.keys(localStorage).filter((name) => name.startsWith(PREFIX) && name !== mine);
    } catch {
      return [];
    }
  };
  return {
    save: (unsent) => {
      text = unsent.messages.length > 0 ? JSON.stringify(unsent) : null;
      if (text !== null) {
        letGo ??= hold(mine);
      } else {
        letGo?.();
        letGo = undefined;
      }
      remember(localStorageOf, mine, text);
    },
    take: (adopt) => {
      const takeFrom = (name: string): void => {
        withLock(name, () => {
          try {
            adopt(JSON.parse(recall(localStorageOf, name) ?? "") as Unsent);
          } catch {
            // It was all sent, or there is nothing that could be read.
          }
          // By now it is kept here. Twice would be no harm: the server knows a message by its id.
          remember(localStorageOf, name, null);
        });
      };
      others().forEach(takeFrom);
      watch(({ key, newValue }) => {
        if (key === null) remember(localStorageOf, mine, text);
        else if (hasLocks() && key.startsWith(PREFIX) && newValue !== null) takeFrom(key);
      });
    },
    forget: () => {
      for (const name of others()) remember(localStorageOf, name, null);
    },
  };
}

/** Pages that are not secure have no locks. */
function hasLocks(): boolean {
  return "locks" in navigator;
}

/** Takes the lock, until the returned function is called or the page is no more. */
function hold(name: string): () => void {
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  withLock(name, () => held);
  return letGo;
}

/** Does `work` when no page holds the lock; where there are no locks, at once. */
function withLock(name: string, work: () => unknown): void {
  if (hasLocks()) navigator.locks.request(name, work).catch(() => undefined);
  else work();
}
