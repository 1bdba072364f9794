/** What the panel shows, and what happens to it. */
import { computed, effect, signal } from "@preact/signals";
import { SUPPORT } from "../../chat/wire.ts";
import { createVisitorClient } from "../client/create-visitor-client.ts";
import { createChime } from "../shared/chime.ts";
import { loadSockJs } from "../shared/sockjs.ts";
import { createTokenStore } from "./token-store.ts";
import { connectParent } from "./parent.ts";
import { localStorageOf, recall, remember, sessionStorageOf } from "./memory.ts";
import { shownOf } from "./shown.ts";
import { connectTabs, oneAtATime } from "./tabs.ts";
import { createUnsentStore } from "./unsent-store.ts";
import type { ConversationStanding, PublicPrincipal } from "../../chat/wire.ts";
import type { ConnectionState, OutgoingMessage, Transcript } from "../client/index.ts";
import type { ToPanel } from "./messages.ts";

/** A host page that has not said hello by then is none, or has much to do. */
const HELLO_MS = 10_000;
const SOUND = "customer-chat:sound";
const DRAFT = "customer-chat:draft";

export const connection = signal<ConnectionState>({ status: "stopped" });
export const standings = signal<readonly ConversationStanding[]>([]);
export const transcript = signal<Transcript | undefined>(undefined);
export const outgoing = signal<readonly OutgoingMessage[]>([]);
/** Whether somebody is there to answer; undefined until the server has told. */
export const available = signal<boolean | undefined>(undefined);
export const isTyping = signal(false);
export const isOpen = signal(false);
/** Phones: nothing of the host page is seen beside the panel. */
export const isModal = signal(false);
export const isAtBottom = signal(true);
export const isLoading = signal(true);
const isIntroduced = signal(false);
const isLate = signal(false);
/** In a frame, and nobody says whose: there is no chat. */
export const isStranded = computed(() => isLate.value && !isIntroduced.value);
export const hasSound = signal(recall(localStorageOf, SOUND) !== "off");
export const draft = signal(recall(sessionStorageOf, DRAFT) ?? "");

const shownBefore = signal<string | undefined>(undefined);
/** The conversation that is shown. */
export const conversation = computed(() => shownOf(standings.value, shownBefore.value));
export const agentName = computed(() => conversation.value?.assignee?.name ?? undefined);
/** What those who wrote are called, by id: a message keeps its author when another agent takes over. */
export const agentNames = computed<ReadonlyMap<string, string>>(() => {
  const people = (transcript.value?.lines ?? []).map(({ by }) => by);
  const named = [...people, conversation.value?.assignee].filter((one) => one?.kind === "agent");
  return new Map(named.map((agent) => [agent?.id ?? "", agent?.name ?? "Support"]));
});
export const unread = computed(() => conversation.value?.unread ?? 0);

const host = connectParent((message) => {
  void follow(message);
});
const tokens = createTokenStore((token) => {
  host.post({ type: "token", token });
});
const client = createVisitorClient({
  url: location.origin,
  tokens,
  unsent: createUnsentStore((changed) => {
    addEventListener("storage", changed);
  }),
  loadSockJs,
});
const chime = createChime();
const otherTabs = connectTabs((word) => {
  void (word.type === "forget" ? forget() : becomeKnown(word.user));
});

/** Whose draft it is. */
let visitor: PublicPrincipal | undefined;

/** Begins: the host page says hello, or there is none. */
export function start(): void {
  client.on("state", (state) => {
    connection.value = state;
    const isDecided = state.status === "online" || state.status === "refused";
    if (isDecided && conversation.value === undefined) isLoading.value = false;
  });
  client.on("user", (user) => {
    if (visitor?.kind === "customer" && visitor.id !== user.id) draft.value = "";
    visitor = user;
  });
  client.on("outgoing", (messages) => (outgoing.value = messages));
  client.on("conversations", () => {
    standings.value = [...client.conversations.values()];
    shownBefore.value = conversation.value?.id;
    void showNewest();
  });
  client.on("transcript", (id) => {
    if (id === conversation.value?.id) transcript.value = client.transcript(id);
  });
  client.on("availability", (isThere) => (available.value = isThere));
  client.on("typing", ({ conversation: id, typing }) => {
    if (id === conversation.value?.id) isTyping.value = typing;
  });
  client.on("message", ({ message }) => {
    host.post({ type: "event", name: "message", detail: { text: message.message } });
    void ring(message.id);
  });
  effect(() => {
    const count = unread.value;
    const newest = transcript.value?.messages.findLast(({ own }) => !own);
    const preview = count > 0 ? (newest?.message ?? "") : "";
    const from = agentNames.value.get(newest?.userFrom ?? "") ?? "Support";
    host.post({ type: "unread", count, preview, from });
  });
  effect(markRead);
  effect(() => {
    remember(sessionStorageOf, DRAFT, draft.value === "" ? null : draft.value);
  });
  document.addEventListener("visibilitychange", markRead);
  addEventListener("storage", (event) => {
    tokens.changed(event);
  });
  addEventListener("pointerdown", chime.unlock, { once: true });
  addEventListener("keydown", chime.unlock, { once: true });
  if (host.kind === "alone") {
    isOpen.value = true;
    begin();
    return;
  }
  host.post({ type: "ready" });
  // A page of another origin than the address says never answers.
  setTimeout(() => (isLate.value = true), host.kind === "unknown" ? 0 : HELLO_MS);
}

async function follow(message: ToPanel): Promise<void> {
  switch (message.type) {
    case "hello":
      isIntroduced.value = true;
      tokens.offer(message.token);
      isOpen.value = message.isOpen;
      begin();
      break;
    case "open":
    case "close":
      isOpen.value = message.type === "open";
      break;
    case "modal":
      isModal.value = message.isModal;
      break;
    case "page":
      client.setPage(message.page);
      break;
    case "identify":
      await identify(message.jwt);
      break;
    case "reset":
      otherTabs.tell({ type: "forget" });
      await forget();
  }
}

/** The first tab without a token gets one; the others of the same moment wait for it and are the same guest. */
function begin(): void {
  void oneAtATime(async () => {
    client.start();
    if (tokens.load() !== undefined) return;
    await new Promise<void>((resolve) => {
      const off = client.on("state", ({ status }) => {
        if (status === "connecting") return;
        off();
        resolve();
      });
    });
  });
}

async function identify(jwt: string): Promise<void> {
  try {
    const { id } = await client.identify(jwt);
    otherTabs.tell({ type: "identified", user: id });
  } catch (error) {
    host.post({ type: "event", name: "error", detail: String(error) });
  }
}

/** Another tab knows who the visitor is, and has kept the token: this one comes back with it. */
async function becomeKnown(user: string): Promise<void> {
  if (client.user === undefined || client.user.id === user) return;
  await client.stop();
  client.start();
}

/** The visitor signed out: the next one is somebody else. */
async function forget(): Promise<void> {
  // What is written from here on, before there is a connection again, is the next one's.
  draft.value = "";
  visitor = undefined;
  transcript.value = undefined;
  await client.reset();
  begin();
}

/** Shows the history of the conversation once it is known which one that is. */
let shownId: string | undefined;
async function showNewest(): Promise<void> {
  const id = conversation.value?.id;
  if (id === shownId) return;
  isTyping.value = false;
  if (id === undefined) {
    transcript.value = undefined;
    shownId = undefined;
    return;
  }
  shownId = id;
  transcript.value = client.transcript(id);
  isLoading.value = transcript.value === undefined;
  try {
    await client.loadHistory(id);
    transcript.value = client.transcript(id);
  } catch {
    // The history comes with the connection.
    if (shownId === id) shownId = undefined;
  }
  isLoading.value = false;
}

/** The page before the first shown message; resolves when it is shown. */
export async function loadOlder(): Promise<void> {
  const id = conversation.value?.id;
  if (id === undefined || transcript.value?.isComplete !== false) return;
  await client.loadHistory(id).catch(() => undefined);
}

/** Read is what somebody had before their eyes. */
function markRead(): void {
  const newest = transcript.value?.messages.findLast(({ own }) => !own);
  if (!isOpen.value || !isAtBottom.value || document.hidden || newest === undefined) return;
  if (unread.value > 0) client.markRead(newest.conversation, newest.seq);
}

/** One tab of many makes the sound: the first to take the lock of this message. */
async function ring(id: string): Promise<void> {
  if (!hasSound.value || (isOpen.value && !document.hidden)) return;
  if (!("locks" in navigator)) {
    chime.play();
    return;
  }
  await navigator.locks.request(`customer-chat:ring:${id}`, { ifAvailable: true }, async (lock) => {
    if (lock === null) return;
    chime.play();
    await new Promise((resolve) => setTimeout(resolve, 2000));
  });
}

/** Sends the draft. */
export function send(): void {
  const text = draft.value.trim();
  if (text === "" || [...text].length > 4000) return;
  const open = conversation.value;
  client.send({
    // Not the agent who has it now: by the time the network is back that may be another one, or nobody.
    userTo: SUPPORT,
    text,
    ...(open === undefined || open.state === "closed" ? {} : { conversation: open.id }),
  });
  draft.value = "";
  isAtBottom.value = true;
}

export function typed(text: string): void {
  draft.value = text;
  const open = conversation.value;
  if (open !== undefined && open.state !== "closed") client.setTyping(open.id, text.trim() !== "");
}

export const retry = (clientId: string): void => {
  client.retry(clientId);
};
export const discard = (clientId: string): void => {
  client.discard(clientId);
};
/** Takes a refused text back into the field, before what stands there. */
export function edit({ clientId, text }: OutgoingMessage): void {
  draft.value = draft.value === "" ? text : `${text}\n${draft.value}`;
  client.discard(clientId);
}
export const reconnectNow = (): void => {
  client.reconnectNow();
};
export function closePanel(): void {
  host.post({ type: "close" });
}
export async function endChat(): Promise<void> {
  const open = conversation.value;
  if (open !== undefined && open.state !== "closed") await client.close(open.id).catch(() => undefined);
}
export function toggleSound(): void {
  hasSound.value = !hasSound.value;
  remember(localStorageOf, SOUND, hasSound.value ? null : "off");
  if (hasSound.value) {
    chime.unlock();
    chime.play();
  }
}
