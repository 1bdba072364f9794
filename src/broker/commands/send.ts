/** SEND: judged, permitted, handed to the destination that owns it, now or at COMMIT. */
import { isGuarded, parseDestination } from "../destination.ts";
import { refusal } from "../errors.ts";
import type { Frame } from "../../stomp/frame.ts";
import type { ApplicationDestination, Prepared, Reply } from "../application-destination.ts";
import type { Broker } from "../broker.ts";
import type { Session } from "../session.ts";

export function handleSend(broker: Broker, session: Session, frame: Frame): Promise<Reply> | Reply {
  const transaction = frame.headers.get("transaction");
  if (transaction === undefined) return ownerOf(broker, session, frame).handleSend(session, frame);
  // The chunk it came in is not kept for as long as the transaction is open.
  const kept: Frame = { ...frame, body: Buffer.from(frame.body) };
  session.transactions.add(transaction, {
    prepare: () => prepare(broker, session, kept),
    octets: kept.body.length,
  });
  return {};
}

function prepare(broker: Broker, session: Session, frame: Frame): Prepared {
  const { prepareSend } = ownerOf(broker, session, frame);
  if (prepareSend === undefined) {
    throw refusal("UNSUPPORTED", { hint: "this destination takes no part in transactions" });
  }
  return prepareSend(session, frame);
}

type Owner = ApplicationDestination & Required<Pick<ApplicationDestination, "handleSend">>;

/** The destination's owner, once the principal may SEND there. */
function ownerOf(broker: Broker, session: Session, frame: Frame): Owner {
  const destination = parseDestination(frame.headers.get("destination"));
  const owner = broker.ownerOf(destination);
  if (!takesSend(owner) && !isGuarded(destination)) throw refusal("UNKNOWN_DESTINATION");
  const refused = broker.access.refusalOf(session.principal, "SEND", destination);
  if (refused !== undefined) throw refused;
  if (!takesSend(owner)) throw refusal("FORBIDDEN_DESTINATION");
  return owner;
}

function takesSend(owner: ApplicationDestination | undefined): owner is Owner {
  return owner?.handleSend !== undefined;
}
