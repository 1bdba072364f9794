/** What an embedding program hears, and from whom. */
import { shown } from "./chat/presence.ts";
import type { Broker } from "./broker/broker.ts";
import type { Fact } from "./chat/facts.ts";
import type {
  ConversationEventType,
  ConversationSummary,
  MessageBody,
  PublicPrincipal,
} from "./chat/wire.ts";
import type { Listeners } from "./listeners.ts";

/** Facts by name, told after they happened. A message or a change is told after the commit that made it durable. */
export type ChatEvents = {
  /** A STOMP session has begun; `sessions` counts those the user has now. */
  readonly connected: SessionFact;
  /** A STOMP session is over. */
  readonly disconnected: SessionFact;
  readonly message: { readonly message: MessageBody; readonly conversation: ConversationSummary };
  /** A conversation was opened, assigned, requeued, closed or reopened. */
  readonly conversation: {
    readonly type: ConversationEventType;
    /** RFC 3339, UTC. */
    readonly at: string;
    readonly conversation: ConversationSummary;
    readonly by?: PublicPrincipal;
    /** It happened behind the message with this `seq`. */
    readonly afterSeq: number;
    readonly reason?: string;
  };
  readonly delivered: MarkFact;
  readonly read: MarkFact;
  /** A guest turned out to be a customer of the host site. */
  readonly identified: { readonly from: PublicPrincipal; readonly user: PublicPrincipal };
  /** A frame was refused, or ended its session. `user` is unknown before CONNECTED. */
  readonly refused: {
    readonly code: string;
    readonly session: string;
    readonly user?: PublicPrincipal;
    /** Where it was read: a frame may end its session before that. */
    readonly command?: string;
    readonly destination?: string;
  };
};

export type SessionFact = {
  readonly user: PublicPrincipal;
  readonly session: string;
  readonly sessions: number;
};

/** `user` has everything of the conversation up to `seq`. */
export type MarkFact = {
  readonly conversation: string;
  readonly user: PublicPrincipal;
  readonly seq: number;
};

export const EVENTS = [
  "connected",
  "disconnected",
  "message",
  "conversation",
  "delivered",
  "read",
  "identified",
  "refused",
] as const satisfies readonly (keyof ChatEvents)[];

/** Tells what becomes of sessions and frames. */
export function followBroker(broker: Broker, listeners: Listeners<ChatEvents>): void {
  for (const name of ["connected", "disconnected"] as const) {
    broker.events.on(name, ({ principal, id }) => {
      const sessions = broker.sessionsOf(principal.id).length;
      listeners.emit(name, { user: shown(principal), session: id, sessions });
    });
  }
  broker.events.on("refused", ({ id, authentication }, { command, destination }, code) => {
    listeners.emit("refused", {
      code,
      session: id,
      ...(authentication === undefined ? {} : { user: shown(authentication.principal) }),
      ...(command === undefined ? {} : { command }),
      ...(destination === undefined ? {} : { destination }),
    });
  });
}

/** Tells a fact of the store. */
export function tellFact(listeners: Listeners<ChatEvents>, fact: Fact): void {
  switch (fact.type) {
    case "message.posted":
      listeners.emit("message", { message: fact.message, conversation: fact.conversation });
      return;
    case "conversation.changed": {
      const { event: type, at, conversation, by, afterSeq, reason } = fact;
      listeners.emit("conversation", {
        type,
        at: new Date(at).toISOString(),
        conversation,
        ...(by === undefined ? {} : { by }),
        afterSeq,
        ...(reason === undefined ? {} : { reason }),
      });
      return;
    }
    case "message.delivered":
    case "message.read": {
      const { conversation, user, seq } = fact;
      listeners.emit(fact.type === "message.read" ? "read" : "delivered", { conversation, user, seq });
      return;
    }
    case "customer.identified":
      listeners.emit("identified", { from: fact.from, user: fact.user });
      return;
    default:
      // Of no concern to others than the server itself.
      return;
  }
}
