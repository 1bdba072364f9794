/** Sound, title and desktop notification: for who waits until somebody claims, for my chats when I look elsewhere. */
import { effect, signal } from "@preact/signals";
import { createChime } from "../shared/chime.ts";
import { countedTitle } from "../shared/title.ts";
import { nameOf } from "./names.ts";
import { desk, lists, select, tab, unreadTotal } from "./state.ts";

const REPEAT_MS = 15_000;

/** Browsers give sound and notifications to those who ask in a gesture. */
export const areOn = signal(false);
const chime = createChime();

/** Call it in a click. */
export function enable(): void {
  chime.unlock();
  areOn.value = true;
  setTimeout(() => {
    chime.play();
  }, 100);
  if ("Notification" in window && Notification.permission === "default")
    void Notification.requestPermission();
}

export function disable(): void {
  areOn.value = false;
}

/** Begins; the returned function ends it. */
export function watch(): () => void {
  const shown = new Map<string, Notification>();
  let ringAt = 0;
  let unreadBefore = 0;
  const ends = [
    effect(() => {
      const count = lists.value.waiting.length + unreadTotal.value;
      document.title = countedTitle(count, "Console");
    }),
    effect(() => {
      const waiting = desk.value?.waiting;
      for (const [id, notification] of shown) {
        if (waiting?.has(id) === true) continue;
        notification.close();
        shown.delete(id);
      }
      if (waiting === undefined || !areOn.value) return;
      for (const [id, { conversation, preview }] of waiting) {
        if (shown.has(id) || !document.hidden || Notification.permission !== "granted") continue;
        const notification = new Notification(`${nameOf(conversation.customer)} waits`, {
          body: preview,
          tag: id,
        });
        notification.addEventListener("click", () => {
          window.focus();
          tab.value = "waiting";
          void select(id);
        });
        shown.set(id, notification);
      }
    }),
    effect(() => {
      if (unreadTotal.value > unreadBefore && areOn.value && document.hidden) chime.play();
      unreadBefore = unreadTotal.value;
    }),
  ];
  const timer = setInterval(() => {
    const isWaiting = (desk.peek()?.waiting.size ?? 0) > 0;
    if (!isWaiting || !areOn.peek()) ringAt = 0;
    else if (Date.now() >= ringAt) {
      chime.play();
      ringAt = Date.now() + REPEAT_MS;
    }
  }, 1000);
  return () => {
    clearInterval(timer);
    for (const end of ends) end();
    for (const notification of shown.values()) notification.close();
    document.title = "Console";
  };
}
