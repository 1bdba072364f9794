/** What each row of the table sends, and by what it is known that it happened. */
import type { Subject } from "./conversations.ts";
import type { Actor, Stage } from "./stage.ts";

/** One question: this actor asks for this row. */
export type Asked = {
  /** Unlike any other; stands in everything that is written. */
  readonly id: string;
  readonly actor: Actor;
  readonly stage: Stage;
  /** A customer who is never asked about, whose queues others try to reach. */
  readonly victim: Actor;
  readonly taken: Subject;
  readonly waiting: Subject;
};

/** What is known once every question was answered. */
export type World = {
  /** Ids of questions that anybody was sent anything of. */
  readonly seen: ReadonlySet<string>;
  /** `message.read` and `typing`, as `type conversation user`. */
  readonly told: ReadonlySet<string>;
  /** Texts of messages and notes, and changes as `type conversation by reason`. */
  readonly stored: ReadonlySet<string>;
  readonly statuses: ReadonlySet<string>;
  readonly shortcuts: ReadonlySet<string>;
  readonly pages: ReadonlySet<string>;
};

export type Deed = {
  readonly body: (asked: Asked) => object | string;
  readonly happened: (asked: Asked, world: World) => boolean;
};

export const UNKNOWN_ID = "u".repeat(22);

const isStored = ({ id }: Asked, { stored }: World): boolean => stored.has(id);
const isSeen = ({ id }: Asked, { seen }: World): boolean => seen.has(id);
const isChanged =
  (type: string, about: (asked: Asked) => Subject, reason = "") =>
  (asked: Asked, { stored }: World): boolean =>
    stored.has(`${type} ${about(asked).conversation} ${asked.actor.principal.id} ${reason}`);
const isTold =
  (type: string) =>
  ({ taken, actor }: Asked, { told }: World): boolean =>
    told.has(`${type} ${taken.conversation} ${actor.principal.id}`);
const never = (): boolean => false;

const taken = (asked: Asked): Subject => asked.taken;
const waiting = (asked: Asked): Subject => asked.waiting;
/** The customer of the conversation; for whom that is, another one. */
const customer = ({ actor, taken, victim }: Asked): string =>
  actor.principal.id === taken.customer ? victim.principal.id : taken.customer;

/** Mail of a conversation that is not the actor's own came: who serves it gets what is in it. */
function hasMail({ actor, taken }: Asked): boolean {
  if (actor.principal.id === taken.customer) return false;
  return actor.wire.frames.some(
    ({ headers }) =>
      headers.get("subscription") === "messages" && headers.get("conversation") === taken.conversation,
  );
}

function message(to: (asked: Asked) => string): Deed {
  return {
    body: (asked) => ({ userFrom: asked.actor.principal.id, userTo: to(asked), message: asked.id }),
    happened: isStored,
  };
}

const command = (body: Deed["body"], happened: Deed["happened"]): Deed => ({ body, happened });
const about = (conversation: string): object => ({ conversation });
const general = (happened: Deed["happened"]): Deed => ({ body: ({ id }) => id, happened });

/** By the row's name without SEND. */
export const DEEDS: Readonly<Record<string, Deed>> = {
  "/chat/message to support": message(() => "support"),
  "/chat/message to themselves": message(({ actor }) => actor.principal.id),
  "/chat/message to the assignee": message(({ stage }) => stage.idOf("assignee")),
  "/chat/message to an agent": message(({ stage }) => stage.idOf("mate")),
  "/chat/message to a service": message(({ stage }) => stage.idOf("chat")),
  "/chat/message to unknown": message(() => UNKNOWN_ID),
  "/chat/message to the customer": message(customer),
  "/chat/message to one who waits": message(({ waiting }) => waiting.customer),
  "/chat/message as another": command(
    ({ id, victim }) => ({ userFrom: victim.principal.id, userTo: "support", message: id }),
    isStored,
  ),
  "/chat/invite to the customer": command((asked) => ({ user: customer(asked) }), hasMail),
  "/chat/invite to one who waits": command(
    ({ waiting }) => ({ user: waiting.customer }),
    isChanged("conversation.assigned", waiting),
  ),
  "/chat/invite to an agent": command(({ stage }) => ({ user: stage.idOf("mate") }), never),
  "/chat/claim waiting": command(
    ({ waiting }) => about(waiting.conversation),
    isChanged("conversation.assigned", waiting),
  ),
  "/chat/claim taken": command(
    ({ taken }) => about(taken.conversation),
    isChanged("conversation.assigned", taken),
  ),
  "/chat/claim unknown": command(() => about(UNKNOWN_ID), never),
  "/chat/release taken": command(
    ({ taken }) => about(taken.conversation),
    isChanged("conversation.requeued", taken, "released"),
  ),
  "/chat/transfer taken": command(
    ({ taken, stage }) => ({ conversation: taken.conversation, to: stage.idOf("mate") }),
    isChanged("conversation.assigned", taken, "transferred"),
  ),
  "/chat/read taken": command(
    ({ taken }) => ({ conversation: taken.conversation, seq: 2 }),
    isTold("message.read"),
  ),
  "/chat/typing taken": command(
    ({ taken }) => ({ conversation: taken.conversation, typing: true }),
    isTold("typing"),
  ),
  "/chat/history taken": command(({ taken }) => about(taken.conversation), hasHistory),
  "/chat/history unknown": command(() => about(UNKNOWN_ID), hasHistory),
  "/chat/note taken": command(({ taken, id }) => ({ conversation: taken.conversation, note: id }), isStored),
  "/chat/note unknown": command(({ id }) => ({ conversation: UNKNOWN_ID, note: id }), isStored),
  "/chat/close unknown": command(() => about(UNKNOWN_ID), never),
  "/chat/close taken": command(({ taken }) => about(taken.conversation), isClosed),
  "/chat/status": command(
    () => ({ status: "away" }),
    ({ actor }, { statuses }) => statuses.has(actor.principal.id),
  ),
  "/chat/page": command(
    ({ id }) => ({ url: `https://shop.example/${id}` }),
    ({ id }, { pages }) => pages.has(`https://shop.example/${id}`),
  ),
  "/chat/save-canned-response": command(
    ({ id }) => ({ shortcut: id, text: id }),
    ({ id }, { shortcuts }) => shortcuts.has(id),
  ),
  // Those that are to be deleted are there before.
  "/chat/delete-canned-response": command(
    ({ id }) => ({ shortcut: id }),
    ({ id }, { shortcuts }) => !shortcuts.has(id),
  ),
  "/chat/block one who waits": command(
    ({ waiting, id }) => ({ user: waiting.customer, reason: id }),
    isStored,
  ),
  "/chat/block an agent": command(({ stage }) => ({ user: stage.idOf("mate") }), never),
  "/chat/unblock an agent": command(({ stage }) => ({ user: stage.idOf("mate") }), never),
  "/chat/unblock unknown": command(() => ({ user: UNKNOWN_ID }), never),
  "/topic/matrix": general(isSeen),
  "/topic/..%2Fchat%2Ftopic%2Fsupport": general(isSeen),
  "/topic/user/{victim}": general(isSeen),
  "/topic/**": general(isSeen),
  "/queue/matrix": general(isSeen),
  "/queue/messages-user{session}": general(isSeen),
  "/queue/**": general(isSeen),
  "/queue/reply-to/unknown": general(isSeen),
  "/temp-queue/matrix": general(isSeen),
  "/chat/topic/support": general(isSeen),
  "/chat/topic/notes": general(isSeen),
  "/user/queue/messages": general(isSeen),
  "/user/queue/events": general(isSeen),
  "/user/queue/errors": general(isSeen),
};

/** The event `history` came to the asking session. */
function hasHistory({ actor, id }: Asked): boolean {
  return actor.wire.frames.some(
    ({ headers }) => headers.get("receipt-id") === id && headers.get("subscription") === "events",
  );
}

function isClosed(asked: Asked, world: World): boolean {
  const reason = asked.actor.principal.kind === "customer" ? "customer" : "agent";
  return isChanged("conversation.closed", taken, reason)(asked, world);
}

/** A subscription is there when something came on it; nobody writes to services that have no part in the chat. */
export function isHeard({ actor, id }: Asked, destination: string): boolean {
  const { frames, answers } = actor.wire;
  const hasMail = !["topics", "queues", "api"].includes(actor.role);
  if (destination === "/user/queue/messages" && !hasMail)
    return answers.get(id)?.headers.has("head") === true;
  return frames.some(({ headers }) => headers.get("subscription") === id);
}
