/** Whether a frame may do what it asks for, and what follows when it may. */
import type { Frame } from "../stomp/frame.ts";
import type { Reply, Verb } from "./application-destination.ts";
import type { Broker } from "./broker.ts";
import type { Refusal } from "./errors.ts";
import type { Session } from "./session.ts";

/** Goes on at once when the principal may; with a policy that reviews frames, when it has done so. */
export function whenPermitted(
  broker: Broker,
  session: Session,
  { verb, destination, frame }: { verb: Verb; destination: string; frame: Frame },
  goOn: () => Promise<Reply> | Reply,
): Promise<Reply> | Reply {
  const decided = (refused: Refusal | undefined): Promise<Reply> | Reply => {
    if (refused !== undefined) throw refused;
    return goOn();
  };
  const { access } = broker;
  if (access.review === undefined) return decided(access.refusalOf(session.principal, verb, destination));
  return session.hold(access.review(session.principal, verb, destination, frame), decided);
}

/** Throws the Refusal of what is no longer permitted; a policy that reviews frames has answered once and for all. */
export function requireStillPermitted(
  { access }: Broker,
  session: Session,
  { verb, destination }: { verb: Verb; destination: string },
): void {
  const refused =
    access.review === undefined ? access.refusalOf(session.principal, verb, destination) : undefined;
  if (refused !== undefined) throw refused;
}
