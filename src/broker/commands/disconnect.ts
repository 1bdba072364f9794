/** DISCONNECT: its RECEIPT leaves after all earlier answers, then the connection closes. */
import type { Reply } from "../application-destination.ts";
import type { Session } from "../session.ts";

export function handleDisconnect(session: Session): Reply {
  session.stopReceiving();
  return {
    afterwards: () => {
      session.finish();
    },
  };
}
