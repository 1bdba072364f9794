/** Where a visitor's token lives: this origin's storage, else the host page's, else this page's memory. */
import type { TokenStore } from "../client/index.ts";

const KEY = "customer-chat:token";

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
  const canKeep = works();
  const save = (token: string | undefined): void => {
    memory = token;
    isAhead = !write(token);
    if (isAhead) keep(token ?? null);
  };
  return {
    load: () => {
      if (!isAhead) memory = read() ?? memory;
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

function read(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** False when the storage is full, or there is none. */
function write(token: string | undefined): boolean {
  try {
    if (token === undefined) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, token);
    return true;
  } catch {
    return false;
  }
}

function works(): boolean {
  try {
    localStorage.setItem(`${KEY}:probe`, "1");
    localStorage.removeItem(`${KEY}:probe`);
    return true;
  } catch {
    return false;
  }
}
