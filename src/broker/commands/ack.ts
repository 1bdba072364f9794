/** ACK and NACK: ids of 1.2, message-id and subscription of 1.1, message-id alone of 1.0; now or at COMMIT. */
import { carryOut } from "../carry-out.ts";
import { Disconnect, refusal } from "../errors.ts";
import type { Frame } from "../../stomp/frame.ts";
import type { Prepared, Reply, Settlement } from "../application-destination.ts";
import type { Broker } from "../broker.ts";
import type { Session } from "../session.ts";
import type { Subscription, Unacked } from "../subscription.ts";

type Delivery = { readonly subscription: Subscription; readonly unacked: Unacked };

/** Settles deliveries, or, with NACK, hands them back: by default for another attempt; `requeue:false` says never again. */
export function handleAck(broker: Broker, session: Session, frame: Frame): Promise<Reply> | Reply {
  if (frame.command === "NACK" && session.version === "1.0") throw Disconnect.of("UNKNOWN_COMMAND");
  const transaction = frame.headers.get("transaction");
  if (transaction === undefined)
    return carryOut(broker, session, [prepare(find(session, frame), frame, frame)]);
  let delivery: Delivery | undefined;
  const prepareIt = (by: object): Prepared => prepare((delivery ??= find(session, frame)), frame, by);
  session.transactions.add(transaction, { prepare: prepareIt, octets: 0 });
  return {};
}

function prepare({ subscription, unacked }: Delivery, frame: Frame, by: object): Prepared {
  // An earlier one of the same transaction settles it.
  if (unacked.settledBy === by) return {};
  // A later delivery may have the same name before 1.2.
  if (subscription.unackedOf(unacked.name) !== unacked) throw Disconnect.of("UNKNOWN_ACK");
  return subscription.settle(unacked, settlementOf(frame, subscription), by);
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

/** The delivery that the frame names as things are now. */
function find(session: Session, { headers }: Frame): Delivery {
  const byAck = session.version === "1.2";
  const name = headers.get(byAck ? "id" : "message-id");
  const among = byAck ? undefined : headers.get("subscription");
  if (name === undefined || (among === undefined && session.version === "1.1")) {
    throw Disconnect.of("MISSING_ID");
  }
  for (const subscription of session.subscriptions) {
    if (among !== undefined && subscription.id !== among) continue;
    const unacked = subscription.unackedOf(name);
    if (unacked !== undefined) return { subscription, unacked };
  }
  throw Disconnect.of("UNKNOWN_ACK");
}
