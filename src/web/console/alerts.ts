/** Sound, title and desktop notification: for who waits until somebody claims, and for what is unread in my chats. */
import { effect, signal } from "@preact/signals";
import { createChime } from "../shared/chime.ts";
import { countedTitle } from "../shared/title.ts";
import { FULL, loadRules, saveRules, SILENT } from "./alert-rules.ts";
import { nameOf } from "./names.ts";
import { askPermission, Notices } from "./notices.ts";
import { client, desk, lists, me, select, tab, unreadTotal } from "./state.ts";
import { myStatus } from "./status.ts";
import { takeTurns } from "./turn.ts";
import { WaitingBell } from "./waiting-bell.ts";
import type { AlertRules, Volume } from "./alert-rules.ts";
import type { Turn } from "./turn.ts";

const LOOK_MS = 1000;
const PREVIEW_MS = 100;
/** What is open before somebody's eyes, here or in another tab, is read within this time. */
const SETTLE_MS = 500;
const GAINS: Readonly<Record<Volume, number>> = { quiet: 0.04, normal: 0.12, loud: 0.4 };
const WAITING = "waiting";
const GESTURES = ["pointerdown", "keydown"] as const;

/** Undefined until the agent has decided. */
export const rules = signal<AlertRules | undefined>(undefined);
const chime = createChime();

/** The first decision: everything on. Call it in a click, browsers want one. */
export function enable(): void {
  setRules(FULL);
  test();
  void askPermission();
}

export function setRules(wanted: AlertRules): void {
  rules.value = wanted;
  saveRules(me.peek()?.id ?? "", wanted);
}

/** Lets hear and see what an alert is like. */
export function test(): void {
  const { volume } = rules.peek() ?? FULL;
  chime.unlock();
  // A device that was just woken swallows the first tenth of a second.
  setTimeout(() => {
    chime.play(GAINS[volume]);
  }, 100);
}

/** Begins; the returned function ends it. */
export function watch(): () => void {
  const agent = me.peek()?.id ?? "";
  rules.value = loadRules(agent);
  const turn = takeTurns(`customer-chat:alerts:${agent}`);
  const notices = new Notices();
  const ends = [watchTitle(), watchWaiting(turn, notices), watchMine(turn, notices), unlockSound(), turn.end];
  return () => {
    for (const end of ends) end();
    notices.closeAll();
  };
}

function watchTitle(): () => void {
  const end = effect(() => {
    const waiting = myStatus.value === "online" ? (desk.value?.counts.waiting ?? 0) : 0;
    document.title = countedTitle(waiting + unreadTotal.value, "Console");
  });
  return () => {
    end();
    document.title = "Console";
  };
}

/** All who are `online` are alerted, again and again, until nobody waits. */
function watchWaiting(turn: Turn, notices: Notices): () => void {
  const bell = new WaitingBell();
  const look = (): void => {
    const { waiting: wanted, volume } = rules.peek() ?? SILENT;
    const waiting = [...(desk.peek()?.waiting.values() ?? [])];
    const isListening = myStatus.peek() === "online";
    if (!isListening) bell.forget();
    if (!isListening || waiting.length === 0) notices.close(WAITING);
    const ids = waiting.map(({ conversation }) => conversation.id);
    if (!isListening || !bell.isDue(ids, Date.now(), wanted.repeat) || !turn.isMine()) return;
    if (wanted.sound) chime.play(GAINS[volume]);
    const [first] = waiting;
    if (first === undefined || !wanted.notification || !isElsewhere()) return;
    const count = desk.peek()?.counts.waiting ?? 0;
    const isOne = count === 1;
    notices.show(WAITING, {
      title: isOne ? `${nameOf(first.conversation.customer)} is waiting` : `${count} chats are waiting`,
      body: first.preview,
      open: () => {
        tab.value = "waiting";
        if (isOne) void select(first.conversation.id);
      },
    });
  };
  let soon: ReturnType<typeof setTimeout> | undefined;
  const end = effect(() => {
    if (rules.value === undefined || myStatus.value === undefined || desk.value === undefined) return;
    // What the customer wrote comes right behind the chat.
    soon ??= setTimeout(() => {
      soon = undefined;
      look();
    }, PREVIEW_MS);
  });
  const timer = setInterval(look, LOOK_MS);
  return () => {
    end();
    clearTimeout(soon);
    clearInterval(timer);
  };
}

/** A message in a chat of mine alerts me alone, if I do not read it at once. */
function watchMine(turn: Turn, notices: Notices): () => void {
  let fresh = new Map<string, string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const settle = (): void => {
    const came = fresh;
    fresh = new Map();
    timer = undefined;
    const unread = lists.peek().mine.filter(({ summary, unread }) => came.has(summary.id) && unread > 0);
    if (unread.length === 0 || !turn.isMine()) return;
    const { mine: wanted, volume } = rules.peek() ?? SILENT;
    if (wanted.sound) chime.play(GAINS[volume]);
    if (!wanted.notification || !isElsewhere()) return;
    for (const { summary } of unread) {
      notices.show(summary.id, {
        title: nameOf(summary.customer),
        body: came.get(summary.id) ?? "",
        open: () => {
          tab.value = "mine";
          void select(summary.id);
        },
      });
    }
  };
  const ends = [
    effect(() =>
      client.value?.on("message", ({ message }) => {
        fresh.set(message.conversation, message.message);
        timer ??= setTimeout(settle, SETTLE_MS);
      }),
    ),
    effect(() => {
      const unread = new Set(
        lists.value.mine.filter((row) => row.unread > 0).map(({ summary }) => summary.id),
      );
      for (const name of notices.names) if (name !== WAITING && !unread.has(name)) notices.close(name);
    }),
  ];
  return () => {
    clearTimeout(timer);
    for (const end of ends) end();
  };
}

/** Browsers give sound to pages that were used: with the first gesture it is there. */
function unlockSound(): () => void {
  const unlock = (): void => {
    const { waiting, mine } = rules.peek() ?? SILENT;
    if (waiting.sound || mine.sound) chime.unlock();
  };
  if ((navigator as Partial<Navigator>).userActivation?.hasBeenActive === true) unlock();
  for (const gesture of GESTURES) addEventListener(gesture, unlock, { passive: true, capture: true });
  return () => {
    for (const gesture of GESTURES) removeEventListener(gesture, unlock, { capture: true });
  };
}

function isElsewhere(): boolean {
  return document.hidden || !document.hasFocus();
}
