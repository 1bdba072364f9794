/** What the console shows, and what happens to it. */
import { batch, computed, signal } from "@preact/signals";
import { ChatRefusal, createChatClient } from "../client/index.ts";
import { oneMore } from "../shared/one-more.ts";
import { loadSockJs } from "../shared/sockjs.ts";
import { rowOf } from "./chat-row.ts";
import { nameOf } from "./names.ts";
import {
  changeOthers,
  doubtOthers,
  eraseInOthers,
  forgetOthers,
  opened,
  others,
  refreshOthers,
} from "./others.ts";
import { forget, session } from "./session.ts";
import { attempt, dismiss, reasonOf, say } from "./toast.ts";
import { createUnsentStore } from "./unsent-store.ts";
import type { ConversationStanding, ConversationSummary, PublicPrincipal } from "../../chat/wire.ts";
import type { SignedIn } from "./session.ts";
import type { ChatClient, ConnectionState, DeskState, OutgoingMessage, Transcript } from "../client/index.ts";
import type { Row } from "./chat-row.ts";
import type { ListedConversation } from "./others.ts";

export type Tab = "mine" | "waiting" | "all" | "visitors";

/** Messages that a thread begins with. */
const THREAD_PAGE = 50;
/** Messages that are shown before one that was looked for, and the pages in which the way to it is read. */
const BEFORE_SOUGHT = 10;
const SEEKING_PAGE = 200;
/** Events tell at once what became of a chat; what was written in it since is read again so often. */
const REFRESH_PAUSE_MS = 2000;
/** How long it stays marked. */
const SOUGHT_MS = 4000;

export const connection = signal<ConnectionState>({ status: "stopped" });
export const tab = signal<Tab>("waiting");
export const selected = signal<string | undefined>(undefined);
/** The seq of the message for which the selected conversation was opened, for a moment. */
export const sought = signal<number | undefined>(undefined);
export const transcript = signal<Transcript | undefined>(undefined);
export const outgoing = signal<readonly OutgoingMessage[]>([]);
export const typing = signal<string | undefined>(undefined);
export const now = signal(Date.now());
const version = signal(0);
/** Of the signed-in agent; what it holds is no signal, and its events tell of changes. */
export const client = signal<ChatClient | undefined>(undefined);

const changed = (): void => {
  version.value += 1;
};

export const desk = computed<DeskState | undefined>(() => {
  return version.value < 0 || client.value === undefined ? undefined : { ...client.value.desk };
});
export const me = computed<PublicPrincipal | undefined>(() => session.value?.user);

const known = computed<ReadonlyMap<string, ListedConversation>>(() => {
  // Counts the changes of what the client holds, which is no signal.
  if (version.value < 0) return new Map();
  const all = new Map(others.value.map((one) => [one.id, one]));
  for (const standing of client.value?.conversations.values() ?? [])
    all.set(standing.id, { ...standing, ...newestOf(all.get(standing.id)) });
  return all;
});

export const lists = computed<Readonly<Record<"mine" | "waiting" | "all", readonly Row[]>>>(() => {
  const waiting = [...(desk.value?.waiting.values() ?? [])]
    .map(({ conversation, preview, since }): Row => {
      return { summary: conversation, preview, unread: 0, since, at: undefined };
    })
    .sort((one, other) => (one.since ?? 0) - (other.since ?? 0));
  const shown = new Set(waiting.map(({ summary }) => summary.id));
  const rows = [...known.value.values()]
    .filter(({ id }) => !shown.has(id))
    .map((one) => rowOf(one, client.value?.transcript(one.id), me.value?.id))
    .sort((one, other) => (other.at ?? 0) - (one.at ?? 0));
  const mine = rows.filter(
    ({ summary }) => summary.state === "active" && summary.assignee?.id === me.value?.id,
  );
  return { mine, waiting, all: [...waiting, ...rows] };
});

/** A page is read again and again, a standing of mine comes once. */
function newestOf({ newest }: Partial<ListedConversation> = {}): Pick<ListedConversation, "newest"> {
  return newest === undefined ? {} : { newest };
}

/** Other agents: those seen to connect, and those whom chats tell of. */
export const colleagues = computed<ReadonlyMap<string, PublicPrincipal>>(() => {
  const told = [...known.value.values()].flatMap(({ id, assignee }) => [
    ...(client.value?.transcript(id)?.lines ?? []).map(({ by }) => by),
    assignee,
  ]);
  const seen = [...(desk.value?.agents.values() ?? [])].map(({ user }) => user);
  const agents = [...told, ...seen].filter((one) => one?.kind === "agent" && one.id !== me.value?.id);
  return new Map(agents.flatMap((one) => (one ? [[one.id, one]] : [])));
});

/** The selected conversation, from wherever it is known. */
export const current = computed<(ConversationSummary & Partial<ConversationStanding>) | undefined>(() => {
  const id = selected.value;
  if (id === undefined) return undefined;
  const listed = known.value.get(id) ?? desk.value?.waiting.get(id)?.conversation;
  return listed ?? (opened.value?.id === id ? opened.value : undefined);
});
export const isMine = computed(() => current.value?.assignee?.id === me.value?.id);
export const unreadTotal = computed(() => lists.value.mine.reduce((sum, { unread }) => sum + unread, 0));

/** Connects for the signed-in agent; the returned function ends it. */
export function connect({ token, user }: SignedIn): () => void {
  const unsent = createUnsentStore(user.id);
  const made = createChatClient({
    url: location.origin,
    credentials: { token },
    unsent,
    desk: true,
    loadSockJs,
  });
  client.value = made;
  const refresh = oneMore(async () => {
    // What fails is read again when the connection is back.
    if (client.value === made) await refreshOthers(made).catch(() => undefined);
  }, REFRESH_PAUSE_MS);
  made.on("state", (state) => {
    connection.value = state;
    if (state.status === "refused") forget("Your session has ended. Please sign in again.");
    if (state.status === "online") void refresh();
  });
  made.on("conversations", changed);
  made.on("desk", ({ type, at, data }) => {
    const isAboutChat = type.startsWith("conversation.");
    // At once: the lists are drawn up anew for each change of what they are of.
    batch(() => {
      if (type === "snapshot") {
        now.value = made.serverNow;
        doubtOthers();
      }
      changed();
      if (type === "customer.erased") eraseInOthers((data as { user: PublicPrincipal }).user);
      if (isAboutChat)
        changeOthers((data as { conversation: ConversationSummary }).conversation, Date.parse(at));
    });
    const isNews = isAboutChat || type === "snapshot" || type === "customer.erased";
    // What a customer adds while the chat waits is in the desk's picture.
    if (isNews && type !== "conversation.updated" && made.state.status === "online") void refresh();
  });
  made.on("outgoing", (messages) => (outgoing.value = messages));
  made.on("transcript", (id) => {
    changed();
    if (id === selected.value) transcript.value = made.transcript(id);
  });
  made.on("typing", ({ conversation, typing: is }) => {
    if (conversation === selected.value) typing.value = is ? conversation : undefined;
  });
  made.start();
  const clock = setInterval(() => (now.value = made.serverNow), 1000);
  return () => {
    clearInterval(clock);
    void made.stop();
    client.value = undefined;
    selected.value = undefined;
    transcript.value = undefined;
    outgoing.value = [];
    tab.value = "waiting";
    forgetOthers();
    changed();
  };
}

/** Shows a conversation; with `seq`, at that message. */
export async function select(id: string | undefined, seq?: number): Promise<void> {
  selected.value = id;
  sought.value = seq;
  typing.value = undefined;
  dismiss();
  transcript.value = id === undefined ? undefined : client.value?.transcript(id);
  if (id === undefined) return;
  opened.value = current.value;
  try {
    await read(id, seq);
  } catch (error) {
    say(`The messages could not be loaded: ${reasonOf(error)}`);
  }
  if (selected.value !== id) return;
  transcript.value = client.value?.transcript(id);
  markRead();
  if (seq === undefined) return;
  setTimeout(() => {
    if (selected.value === id && sought.value === seq) sought.value = undefined;
  }, SOUGHT_MS);
}

/** Shows a conversation that no list may hold. */
export function visit(conversation: ConversationSummary, seq?: number): Promise<void> {
  opened.value = conversation;
  return select(conversation.id, seq);
}

/** Loads what a thread begins with; with `seq`, everything from a few messages before that one on. */
async function read(id: string, seq: number | undefined): Promise<void> {
  const by = client.value;
  const isEnough = ({ messages, isComplete }: Transcript): boolean => {
    const [first] = messages;
    if (isComplete || first === undefined) return isComplete;
    return seq === undefined ? messages.length >= THREAD_PAGE : first.seq <= seq - BEFORE_SOUGHT;
  };
  const limit = seq === undefined ? THREAD_PAGE : SEEKING_PAGE;
  let known = by?.transcript(id);
  while (by !== undefined && selected.value === id && (known === undefined || !isEnough(known)))
    known = await by.loadHistory(id, limit);
}

export async function loadOlder(): Promise<void> {
  const id = selected.value;
  if (id !== undefined)
    await client
      .peek()
      ?.loadHistory(id)
      .catch(() => undefined);
}

/** Read is what somebody had before their eyes, and only the assignee's counts. */
export function markRead(): void {
  const newest = transcript.value?.messages.at(-1);
  if (newest === undefined || !isMine.value || document.hidden) return;
  if ((current.value?.unread ?? 0) > 0) client.value?.markRead(newest.conversation, newest.seq);
}

export function send(text: string): void {
  const conversation = current.value;
  if (conversation === undefined) return;
  client.value?.send({ userTo: conversation.customer.id, text, conversation: conversation.id });
}

export function setTyping(isTyping: boolean): void {
  if (selected.value !== undefined && isMine.value) client.value?.setTyping(selected.value, isTyping);
}

export const retry = (clientId: string): void => client.value?.retry(clientId);
export const discard = (clientId: string): void => client.value?.discard(clientId);
export const reconnectNow = (): void => client.value?.reconnectNow();

export async function claim(id: string): Promise<void> {
  if (await attempt(() => client.value?.claim(id))) {
    tab.value = "mine";
    await select(id);
  }
}

export function release(id: string): Promise<boolean> {
  return attempt(() => client.value?.release(id), "The chat is back in the queue.");
}

export function close(id: string): Promise<boolean> {
  return attempt(() => client.value?.close(id), "The chat is closed.");
}

/** Resolves with undefined when it worked, else with what to tell. */
export async function transfer(id: string, to: PublicPrincipal, note: string): Promise<string | undefined> {
  try {
    await client.value?.transfer(id, to.id, note === "" ? undefined : note);
  } catch (error) {
    const isAway = error instanceof ChatRefusal && error.body.field === "to";
    return isAway ? `${nameOf(to)} is not online and cannot take it.` : reasonOf(error);
  }
  say(`${nameOf(to)} has the chat now.`);
  return undefined;
}

/** Opens a private chat with a visitor. */
export async function invite(user: string, text: string): Promise<boolean> {
  let id: string | undefined;
  const worked = await attempt(async () => {
    id = await client.value?.invite(user, text);
  });
  if (worked && id !== undefined) {
    tab.value = "mine";
    await select(id);
  }
  return worked;
}
