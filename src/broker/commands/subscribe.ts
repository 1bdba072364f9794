/** SUBSCRIBE and UNSUBSCRIBE (STOMP 1.2, SUBSCRIBE; 1.0 subscriptions may go without id). */
import { ERRORS_DESTINATION, isGuarded, parseDestination } from "../destination.ts";
import { Disconnect, Refusal, refusal } from "../errors.ts";
import type { Frame } from "../../stomp/frame.ts";
import type { ApplicationDestination, Reply } from "../application-destination.ts";
import type { Broker } from "../broker.ts";
import type { Session } from "../session.ts";
import type { AckMode, Subscription } from "../subscription.ts";

const MAX_ID_OCTETS = 64;
const PRINTABLE = /^[^\p{Cc}]+$/u;

export function handleSubscribe(broker: Broker, session: Session, frame: Frame): Promise<Reply> | Reply {
  const id = subscriptionId(session, frame);
  const ackMode = ackModeOf(session, frame);
  const named = frame.headers.get("destination") ?? "";
  if (session.subscriptions.has(id, named)) throw Disconnect.of("DUPLICATE_SUBSCRIPTION_ID");
  try {
    const destination = parseDestination(frame.headers.get("destination"));
    const owner = ownerOf(broker, session, destination, ackMode);
    if (frame.headers.has("selector")) throw refusal("UNSUPPORTED_HEADER", { field: "selector" });
    const subscription = session.subscriptions.add(id, destination, ackMode);
    return opened(session, subscription, owner.openSubscription?.(subscription, frame) ?? {});
  } catch (error) {
    if (error instanceof Refusal) session.subscriptions.refuse(id, named);
    throw error;
  }
}

/** Waits for the source; a subscription whose opening fails is gone, its id remembered as refused. */
function opened(
  session: Session,
  subscription: Subscription,
  reply: Promise<Reply> | Reply,
): Promise<Reply> | Reply {
  if (!(reply instanceof Promise)) return reply;
  return reply.catch((error: unknown) => {
    if (!subscription.isClosed) session.subscriptions.refuse(subscription.id, subscription.destination);
    throw error;
  });
}

export function handleUnsubscribe(session: Session, frame: Frame): Reply {
  const id = frame.headers.get("id");
  const destination = frame.headers.get("destination");
  if (id === undefined && (session.version !== "1.0" || destination === undefined)) {
    throw Disconnect.of("MISSING_ID");
  }
  if (!session.subscriptions.remove(id, destination ?? "")) throw Disconnect.of("UNKNOWN_SUBSCRIPTION");
  return {};
}

function subscriptionId(session: Session, { headers }: Frame): string | undefined {
  const id = headers.get("id");
  if (id === undefined) {
    if (session.version !== "1.0") throw Disconnect.of("MISSING_ID");
    return undefined;
  }
  if (new TextEncoder().encode(id).length > MAX_ID_OCTETS || !PRINTABLE.test(id)) {
    throw Disconnect.of("BAD_ID", { hint: `1 to ${MAX_ID_OCTETS} octets without control characters` });
  }
  return id;
}

function ackModeOf(session: Session, { headers }: Frame): AckMode {
  const mode = headers.get("ack") ?? "auto";
  if (mode === "auto" || mode === "client") return mode;
  if (mode === "client-individual" && session.version !== "1.0") return mode;
  throw Disconnect.of("BAD_ACK_MODE");
}

/** The destination's owner, once the principal may subscribe; the errors queue is the broker's own. */
function ownerOf(
  broker: Broker,
  session: Session,
  destination: string,
  ackMode: AckMode,
): ApplicationDestination {
  const isErrors = destination === ERRORS_DESTINATION;
  const owner = isErrors ? {} : broker.ownerOf(destination);
  const exists = isErrors || owner?.openSubscription !== undefined;
  if (!exists && !isGuarded(destination)) throw refusal("UNKNOWN_DESTINATION");
  const refused = broker.access.refusalOf(session.principal, "SUBSCRIBE", destination);
  if (refused !== undefined) throw refused;
  if (!exists || owner === undefined) throw refusal("FORBIDDEN_DESTINATION");
  if (isErrors && ackMode !== "auto") {
    throw refusal("UNSUPPORTED", { field: "ack", hint: "this destination is auto only" });
  }
  return owner;
}
