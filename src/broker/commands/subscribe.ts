/** SUBSCRIBE and UNSUBSCRIBE (STOMP 1.2, SUBSCRIBE; 1.0 subscriptions may go without id). */
import { ERRORS_DESTINATION, isGuarded, parseDestination } from "../destination.ts";
import { Disconnect, Refusal, refusal } from "../errors.ts";
import { whenPermitted } from "../permission.ts";
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
  let subscription: Subscription | undefined;
  // A subscription whose opening fails is gone, its id remembered as refused.
  const failed = (error: unknown): never => {
    const wasRefused = subscription === undefined ? error instanceof Refusal : !subscription.isClosed;
    if (wasRefused) session.subscriptions.refuse(id, named);
    throw error;
  };
  try {
    const destination = parseDestination(frame.headers.get("destination"));
    const owner = destination === ERRORS_DESTINATION ? ERRORS : broker.ownerOf(destination);
    if (!takesSubscribe(owner) && !isGuarded(destination)) throw refusal("UNKNOWN_DESTINATION");
    const reply = whenPermitted(broker, session, { verb: "SUBSCRIBE", destination, frame }, () => {
      if (!takesSubscribe(owner)) throw refusal("FORBIDDEN_DESTINATION");
      const tooMany = broker.rates?.take(["subscribes"], session.id);
      if (tooMany !== undefined) throw refusal("RATE_LIMITED", tooMany);
      if (frame.headers.has("selector")) throw refusal("UNSUPPORTED_HEADER", { field: "selector" });
      subscription = session.subscriptions.add(id, destination, ackMode);
      return owner.openSubscription(subscription, frame);
    });
    return reply instanceof Promise ? reply.catch(failed) : reply;
  } catch (error) {
    return failed(error);
  }
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

type Owner = ApplicationDestination & Required<Pick<ApplicationDestination, "openSubscription">>;

function takesSubscribe(owner: ApplicationDestination | undefined): owner is Owner {
  return owner?.openSubscription !== undefined;
}

/** The errors queue is the broker's own; what it carries comes from `deny`. */
const ERRORS: Owner = {
  openSubscription: ({ ackMode }) => {
    if (ackMode === "auto") return {};
    throw refusal("UNSUPPORTED", { field: "ack", hint: "this destination is auto only" });
  },
};
