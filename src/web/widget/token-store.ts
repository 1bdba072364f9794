/** Where a visitor's token lives: this origin's storage, else the host page's, else this page's memory. */
import type { TokenStore } from "../client/index.ts";

const KEY = "customer-chat:token";

export type PanelTokens = TokenStore & {
  /** What the host page had kept; used only where this frame has no storage. */
  offer(token: string | null): void;
};

/** `keep` is told of each token where this frame has no storage. */
export function createTokenStore(keep: (token: string | null) => void): PanelTokens {
  let memory: string | undefined;
  const hasStorage = works();
  return {
    load: () => (hasStorage ? (localStorage.getItem(KEY) ?? undefined) : memory),
    save: (token) => {
      memory = token;
      if (!hasStorage) keep(token ?? null);
      else if (token === undefined) localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, token);
    },
    offer: (token) => {
      if (!hasStorage) memory ??= token ?? undefined;
    },
  };
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
