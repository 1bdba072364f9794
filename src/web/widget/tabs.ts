/** The tabs of one browser: what one of them does at a time, and what they do together. */

const LOCK = "customer-chat:begin";
const CHANNEL = "customer-chat:tabs";

/** What one tab tells the others. */
type Word =
  | { readonly type: "forget" }
  /** The site has said who the visitor is. */
  | { readonly type: "identified"; readonly user: string };

/** Does `work`, which never rejects, while no other tab does its own. */
export async function oneAtATime(work: () => Promise<void>): Promise<void> {
  try {
    await navigator.locks.request(LOCK, work);
  } catch {
    // This browser has no locks, or none for a frame without storage: then every tab is alone anyway.
    await work();
  }
}

export type Tabs = {
  /** Tells the other tabs; not this one. */
  tell(word: Word): void;
};

export function connectTabs(heard: (word: Word) => void): Tabs {
  let channel: BroadcastChannel | undefined;
  try {
    channel = new BroadcastChannel(CHANNEL);
  } catch {
    // A frame without storage shares nothing with other tabs.
  }
  channel?.addEventListener("message", ({ data }) => {
    heard(data as Word);
  });
  return {
    tell: (word) => {
      channel?.postMessage(word);
    },
  };
}
