/** Where a visitor's token lives: this origin's storage, else the host page's, else this page's memory. */
import { localStorageOf, recall, remember } from "./memory.ts";
import type { TokenStore } from "../client/index.ts";

const KEY = "customer-chat:token";
const PROBE = `${KEY}:probe`;

export type PanelTokens = TokenStore & {
  /** What the host page had kept; used only where this frame can keep nothing. */
  offer(token: string | null): void;
  /** Another page has changed the storage. */
  changed(event: { readonly key: string | null; readonly newValue: string | null }): void;
};

/** `keep` is told of each token that this frame's storage does not take. */
export function createTokenStore(keep: (token: string | null) => void): PanelTokens {
  /** The newest that this page knows of: storages are emptied while pages are open. */
  let memory: string | undefined;
  /** The storage was full: what it has is older. */
  let isAhead = false;
  const canKeep = write(PROBE, "1") && write(PROBE, undefined);
  const save = (token: string | undefined): void => {
    memory = token;
    isAhead = !write(KEY, token);
    if (isAhead) keep(token ?? null);
  };
  return {
    load: () => {
      if (!isAhead) memory = recall(localStorageOf, KEY) ?? memory;
      return memory;
    },
    save,
    offer: (token) => {
      if (!canKeep) memory ??= token ?? undefined;
    },
    changed: ({ key, newValue }) => {
      if (key === KEY) memory = newValue ?? undefined;
      // All was cleared, by the page around or by the visitor: those who chat go on as who they are.
      else if (key === null && memory !== undefined) save(memory);
    },
  };
}

function write(key: string, value: string | undefined): boolean {
  return remember(localStorageOf, key, value ?? null);
}
