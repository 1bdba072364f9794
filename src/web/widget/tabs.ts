/** The tabs of one browser: what one of them does at a time, and what they do together. */

const LOCK = "customer-chat:begin";
const CHANNEL = "customer-chat:tabs";
const FORGET = "forget";

/** Does `work`, which never rejects, while no other tab does its own. */
export async function oneAtATime(work: () => Promise<void>): Promise<void> {
  try {
    await navigator.locks.request(LOCK, work);
  } catch {
    // This browser has no locks, or none for a frame without storage: then every tab is alone anyway.
    await work();
  }
}

/** `forgotten` is called when another tab says `forget`. */
export function connectTabs(forgotten: () => void): { forget(): void } {
  let channel: BroadcastChannel | undefined;
  try {
    channel = new BroadcastChannel(CHANNEL);
  } catch {
    // A frame without storage shares nothing with other tabs.
  }
  channel?.addEventListener("message", ({ data }) => {
    if (data === FORGET) forgotten();
  });
  return {
    forget: () => {
      channel?.postMessage(FORGET);
    },
  };
}
