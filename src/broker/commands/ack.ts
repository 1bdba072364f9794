/** ACK and NACK: ids of 1.2, message-id and subscription of 1.1, message-id alone of 1.0; now or at COMMIT. */
import { carryOut } from "../carry-out.ts";
import { Disconnect, refusal } from "../errors.ts";
import type { Frame } from "../../stomp/frame.ts";
import type { Prepared, Reply, Settlement } from "../application-destination.ts";
import type { Broker } from "../broker.ts";
import type { Session } from "../session.ts";
import type { Subscription } from "../subscription.ts";

type Delivery = { readonly subscription: Subscription; readonly messageId: string };
type Condition = (subscription: Subscription, messageId: string) => boolean;

/** Settles deliveries, or, with NACK, hands them back: by default for another attempt; `requeue:false` says never again. */
export function handleAck(broker: Broker, session: Session, frame: Frame): Promise<Reply> | Reply {
  if (frame.command === "NACK" && session.version === "1.0") throw Disconnect.of("UNKNOWN_COMMAND");
  const transaction = frame.headers.get("transaction");
  if (transaction === undefined) return carryOut(broker, session, [prepare(session, frame, frame)]);
  session.transactions.add(transaction, { prepare: (by) => prepare(session, frame, by), octets: 0 });
  return {};
}

function prepare(session: Session, frame: Frame, by: object): Prepared {
  const found = find(session, frame, (subscription, messageId) => subscription.hasUnacked(messageId));
  if (found !== undefined) {
    const { subscription, messageId } = found;
    return subscription.settle(messageId, settlementOf(frame, subscription), by);
  }
  // An earlier one of the same transaction settles it.
  if (find(session, frame, (subscription, messageId) => subscription.isBeingSettled(messageId, by)))
    return {};
  throw Disconnect.of("UNKNOWN_ACK");
}

function settlementOf({ command, headers }: Frame, { takesNack }: Subscription): Settlement {
  if (command === "ACK") return "acknowledged";
  if (!takesNack) throw refusal("UNSUPPORTED", { hint: "deliveries of a mailbox cannot be NACKed" });
  const requeue = headers.get("requeue") ?? "true";
  if (requeue !== "true" && requeue !== "false") {
    throw refusal("UNSUPPORTED_HEADER", { field: "requeue", hint: "true or false" });
  }
  return requeue === "true" ? "returned" : "rejected";
}

/** The delivery that the frame names, if there is one of this kind. */
function find(session: Session, { headers }: Frame, condition: Condition): Delivery | undefined {
  return session.version === "1.2"
    ? byAckId(session, headers.get("id"), condition)
    : byMessageId(session, headers, condition);
}

function byAckId(session: Session, ack: string | undefined, condition: Condition): Delivery | undefined {
  if (ack === undefined) throw Disconnect.of("MISSING_ID");
  for (const subscription of session.subscriptions) {
    const messageId = subscription.messageIdOf(ack);
    if (messageId !== undefined && condition(subscription, messageId)) return { subscription, messageId };
  }
  return undefined;
}

function byMessageId(
  session: Session,
  headers: Frame["headers"],
  condition: Condition,
): Delivery | undefined {
  const messageId = headers.get("message-id");
  const named = headers.get("subscription");
  if (messageId === undefined || (named === undefined && session.version === "1.1")) {
    throw Disconnect.of("MISSING_ID");
  }
  for (const subscription of session.subscriptions) {
    if (named !== undefined && subscription.id !== named) continue;
    if (condition(subscription, messageId)) return { subscription, messageId };
  }
  return undefined;
}
