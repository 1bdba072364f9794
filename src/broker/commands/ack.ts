/** ACK and NACK: ids of 1.2, message-id and subscription of 1.1, message-id alone of 1.0; now or at COMMIT. */
import { Disconnect, refusal } from "../errors.ts";
import type { Frame } from "../../stomp/frame.ts";
import type { Prepared, Reply } from "../application-destination.ts";
import type { Session } from "../session.ts";
import type { Subscription } from "../subscription.ts";

type Outstanding = { readonly subscription: Subscription; readonly messageId: string };

export function handleAck(session: Session, frame: Frame): Reply {
  return perform(session, frame, () => {
    const { subscription, messageId } = outstanding(session, frame);
    return {
      apply: () => {
        // An earlier one of the same transaction may have settled it.
        if (subscription.hasUnacked(messageId)) subscription.acknowledge(messageId);
      },
    };
  });
}

/** Hands deliveries back, by default for another attempt; `requeue:false` says never again. */
export function handleNack(session: Session, frame: Frame): Reply {
  if (session.version === "1.0") throw Disconnect.of("UNKNOWN_COMMAND");
  return perform(session, frame, () => {
    const { subscription, messageId } = outstanding(session, frame);
    if (!subscription.takesNack) {
      throw refusal("UNSUPPORTED", { hint: "deliveries of a mailbox cannot be NACKed" });
    }
    const requeue = wantsRequeue(frame);
    return {
      apply: () => {
        if (subscription.hasUnacked(messageId)) subscription.reject(messageId, requeue);
      },
    };
  });
}

function perform(session: Session, { headers }: Frame, prepare: () => Prepared): Reply {
  const transaction = headers.get("transaction");
  if (transaction === undefined) prepare().apply?.();
  else session.transactions.add(transaction, { prepare, octets: 0 });
  return {};
}

function wantsRequeue({ headers }: Frame): boolean {
  const value = headers.get("requeue") ?? "true";
  if (value !== "true" && value !== "false") {
    throw refusal("UNSUPPORTED_HEADER", { field: "requeue", hint: "true or false" });
  }
  return value === "true";
}

function outstanding(session: Session, { headers }: Frame): Outstanding {
  const found =
    session.version === "1.2" ? byAckId(session, headers.get("id")) : byMessageId(session, headers);
  if (found === undefined) throw Disconnect.of("UNKNOWN_ACK");
  return found;
}

function byAckId(session: Session, ack: string | undefined): Outstanding | undefined {
  if (ack === undefined) throw Disconnect.of("MISSING_ID");
  for (const subscription of session.subscriptions) {
    const messageId = subscription.messageIdOf(ack);
    if (messageId !== undefined && subscription.hasUnacked(messageId)) return { subscription, messageId };
  }
  return undefined;
}

function byMessageId(session: Session, headers: Frame["headers"]): Outstanding | undefined {
  const messageId = headers.get("message-id");
  const named = headers.get("subscription");
  if (messageId === undefined || (named === undefined && session.version === "1.1")) {
    throw Disconnect.of("MISSING_ID");
  }
  for (const subscription of session.subscriptions) {
    if (named !== undefined && subscription.id !== named) continue;
    if (subscription.hasUnacked(messageId)) return { subscription, messageId };
  }
  return undefined;
}
