/** One frame to its handler: every client command on one screen. */
import { handleAck } from "./commands/ack.ts";
import { handleConnect } from "./commands/connect.ts";
import { handleDisconnect } from "./commands/disconnect.ts";
import { handleSend } from "./commands/send.ts";
import { handleSubscribe, handleUnsubscribe } from "./commands/subscribe.ts";
import { handleAbort, handleBegin, handleCommit } from "./commands/transaction.ts";
import { Disconnect } from "./errors.ts";
import type { ClientCommand } from "../stomp/commands.ts";
import type { Frame } from "../stomp/frame.ts";
import type { Reply } from "./application-destination.ts";
import type { Broker } from "./broker.ts";
import type { Session } from "./session.ts";

const MAX_RECEIPT_OCTETS = 128;

/** Handles a frame; throws or rejects with Refusal, Disconnect, or anything that becomes INTERNAL. */
export function dispatch(broker: Broker, session: Session, frame: Frame): Promise<Reply> | Reply {
  // A session's parser accepts no other.
  const command = frame.command as ClientCommand;
  const isConnect = command === "CONNECT" || command === "STOMP";
  if (session.state === "opening" && !isConnect) throw Disconnect.of("NOT_CONNECTED");
  if (!isConnect) requireReceipt(frame.headers.get("receipt"));
  switch (command) {
    case "CONNECT":
    case "STOMP":
      return handleConnect(broker, session, frame);
    case "SEND":
      return handleSend(broker, session, frame);
    case "SUBSCRIBE":
      return handleSubscribe(broker, session, frame);
    case "UNSUBSCRIBE":
      return handleUnsubscribe(session, frame);
    case "ACK":
    case "NACK":
      return handleAck(broker, session, frame);
    case "DISCONNECT":
      return handleDisconnect(session);
    case "BEGIN":
      return handleBegin(broker, session, frame);
    case "COMMIT":
      return handleCommit(broker, session, frame);
    case "ABORT":
      return handleAbort(session, frame);
  }
}

/** A receipt is echoed: it must be short and carry nothing a RECEIPT of any version could not. */
function requireReceipt(receipt: string | undefined): void {
  if (receipt === undefined) return;
  if (new TextEncoder().encode(receipt).length > MAX_RECEIPT_OCTETS) {
    throw Disconnect.of("BAD_RECEIPT", { hint: `at most ${MAX_RECEIPT_OCTETS} octets` });
  }
  if (/[\r\0]/.test(receipt)) throw Disconnect.of("BAD_RECEIPT", { hint: "without CR and NUL" });
}
