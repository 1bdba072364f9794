/** SEND: judged, permitted, handed to the destination that owns it. */
import { isGuarded, parseDestination } from "../destination.ts";
import { Disconnect, refusal } from "../errors.ts";
import type { Frame } from "../../stomp/frame.ts";
import type { Reply } from "../application-destination.ts";
import type { Broker } from "../broker.ts";
import type { Session } from "../session.ts";

export function handleSend(broker: Broker, session: Session, frame: Frame): Promise<Reply> | Reply {
  const destination = parseDestination(frame.headers.get("destination"));
  if (frame.headers.has("transaction")) throw Disconnect.of("UNKNOWN_TRANSACTION");
  const handleSend = broker.ownerOf(destination)?.handleSend;
  if (handleSend === undefined) {
    if (!isGuarded(destination)) throw refusal("UNKNOWN_DESTINATION");
    throw broker.access.refusalOf(session.principal, "SEND", destination) ?? refusal("FORBIDDEN_DESTINATION");
  }
  const refused = broker.access.refusalOf(session.principal, "SEND", destination);
  if (refused !== undefined) throw refused;
  return handleSend(session, frame);
}
