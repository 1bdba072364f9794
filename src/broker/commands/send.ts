/** SEND: judged, permitted, handed to the destination that owns it, now or at COMMIT. */
import { isGuarded, parseDestination } from "../destination.ts";
import { refusal } from "../errors.ts";
import { requireStillPermitted, whenPermitted } from "../permission.ts";
import type { Frame } from "../../stomp/frame.ts";
import type { ApplicationDestination, Prepared, Reply } from "../application-destination.ts";
import type { Broker } from "../broker.ts";
import type { Session } from "../session.ts";

export function handleSend(broker: Broker, session: Session, frame: Frame): Promise<Reply> | Reply {
  const destination = parseDestination(frame.headers.get("destination"));
  const owner = broker.ownerOf(destination);
  if (!takesSend(owner) && !isGuarded(destination)) throw refusal("UNKNOWN_DESTINATION");
  return whenPermitted(broker, session, { verb: "SEND", destination, frame }, () => {
    if (!takesSend(owner)) throw refusal("FORBIDDEN_DESTINATION");
    const transaction = frame.headers.get("transaction");
    if (transaction === undefined) return owner.handleSend(session, frame);
    addTo(transaction, owner, session, frame, () => {
      requireStillPermitted(broker, session, { verb: "SEND", destination });
    });
    return {};
  });
}

/** Judged when it comes, and again by COMMIT. */
function addTo(
  transaction: string,
  { prepareSend }: Owner,
  session: Session,
  frame: Frame,
  requirePermission: () => void,
): void {
  // The chunk it came in is not kept for as long as the transaction is open.
  const kept: Frame = { ...frame, body: Buffer.from(frame.body) };
  const prepare = (): Prepared => {
    if (prepareSend === undefined) {
      throw refusal("UNSUPPORTED", { hint: "this destination takes no part in transactions" });
    }
    requirePermission();
    return prepareSend(session, kept);
  };
  session.transactions.add(transaction, { prepare, octets: kept.body.length });
}

type Owner = ApplicationDestination & Required<Pick<ApplicationDestination, "handleSend">>;

function takesSend(owner: ApplicationDestination | undefined): owner is Owner {
  return owner?.handleSend !== undefined;
}
