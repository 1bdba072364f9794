/** How a frame is handled and answered: RECEIPT, refusal or Disconnect. */
import { FrameError } from "../stomp/errors.ts";
import { serializeHead } from "../stomp/serializer.ts";
import { ERRORS_DESTINATION } from "./destination.ts";
import { dispatch } from "./dispatch.ts";
import { refusalMessage } from "./error-frames.ts";
import { Disconnect, Refusal, refusal } from "./errors.ts";
import { OutboundFrame } from "./outbound-frame.ts";
import type { Frame } from "../stomp/frame.ts";
import type { HeaderList } from "../stomp/headers.ts";
import type { Reply } from "./application-destination.ts";
import type { Broker } from "./broker.ts";
import type { AnsweredFrame } from "./error-frames.ts";
import type { Session } from "./session.ts";

/** Handles a frame and settles its place among the answers; the promise, where it takes time, is of that. */
export function answer(
  broker: Broker,
  session: Session,
  frame: Frame,
  settle: (emit: () => void) => void,
): Promise<void> | undefined {
  const succeeded = (reply: Reply): void => {
    settle(() => {
      succeed(session, frame, reply);
    });
  };
  const failed = (error: unknown): void => {
    const reason = judge(broker, session, frame, error);
    if (reason instanceof Disconnect) session.stopReceiving();
    settle(() => {
      deny(broker, session, frame, reason);
    });
  };
  try {
    const reply = dispatch(broker, session, frame);
    if (reply instanceof Promise) return reply.then(succeeded, failed);
    succeeded(reply);
  } catch (error) {
    failed(error);
  }
  return undefined;
}

/** Sends the RECEIPT, if one was asked for (CONNECT has none: STOMP 1.2, Header receipt), then what follows it. */
function succeed(session: Session, frame: Frame, { receiptHeaders = [], afterwards }: Reply): void {
  const receipt = frame.headers.get("receipt");
  if (receipt !== undefined && frame.command !== "CONNECT" && frame.command !== "STOMP") {
    const headers: HeaderList = [["receipt-id", receipt], ...receiptHeaders];
    session.outbox.push(new OutboundFrame(`${serializeHead("RECEIPT", headers, session.version)}\0`));
  }
  afterwards?.();
}

/** What may be refused a few times; whoever goes on is disconnected. */
const REPEATABLE = /^(?:RATE_LIMITED|FORBIDDEN(?!_KEY).*)$/;

/** What a failed frame is told; a refusal ends a session that does not listen to refusals. */
function judge(broker: Broker, session: Session, frame: Frame, error: unknown): Refusal | Disconnect {
  // The store's INTERNAL says that the store is broken: that is told like every defect.
  const isKnown = error instanceof Disconnect || (error instanceof Refusal && error.code !== "INTERNAL");
  const denial = isKnown ? error : internal(broker, session, frame, error);
  broker.events.emit("refused", session, describeFrame(frame), denial.code);
  if (denial instanceof Disconnect) return denial;
  broker.stats.refused(denial.code);
  const tooMany = REPEATABLE.test(denial.code)
    ? broker.rates?.denied(session.principal.id, denial.detail.retryAfterMs)
    : undefined;
  if (tooMany !== undefined) broker.admission.insisted(session.connection.remoteAddress);
  if (tooMany !== undefined) return Disconnect.from(new Refusal(denial.code, denial.message, tooMany));
  return session.subscriptions.of(ERRORS_DESTINATION).length > 0 ? denial : Disconnect.from(denial);
}

/** Ends a session whose octets are no frame; what is not the parser's refusal is a defect of ours. */
export function denyUnreadable(broker: Broker, session: Session, error: unknown): void {
  if (!(error instanceof FrameError)) {
    denyUnfinished(broker, session, Disconnect.from(internal(broker, session, undefined, error)), {});
    return;
  }
  const { code, hint, message, command, receipt } = error;
  denyUnfinished(broker, session, Disconnect.of(code, { hint: hint ?? message }), { command, receipt });
}

/** Ends a session by the frame that is being read, once those before it were answered. */
export function denyUnfinished(
  broker: Broker,
  session: Session,
  reason: Disconnect,
  about: AnsweredFrame,
): void {
  if (session.isOver) return;
  broker.events.emit("refused", session, about, reason.code);
  session.disconnectInTurn(reason, about);
}

/** Tells the session that a frame failed. */
function deny(broker: Broker, session: Session, frame: Frame, reason: Refusal | Disconnect): void {
  const about = describeFrame(frame);
  const listeners = session.subscriptions.of(ERRORS_DESTINATION);
  if (reason instanceof Disconnect || listeners.length === 0) {
    session.disconnect(reason instanceof Disconnect ? reason : Disconnect.from(reason), about);
    return;
  }
  const message = refusalMessage(reason, about, broker.nextId());
  for (const subscription of listeners) subscription.send(message);
}

function internal(broker: Broker, session: Session, frame: Frame | undefined, error: unknown): Refusal {
  const requestId = broker.nextId();
  broker.log.error({ error, requestId, session: session.id, command: frame?.command }, "a frame failed");
  return refusal("INTERNAL", { more: { requestId } });
}

function describeFrame({ command, headers }: Frame): AnsweredFrame {
  const destination = headers.get("destination");
  const receipt = headers.get("receipt");
  return {
    command,
    ...(destination === undefined ? {} : { destination }),
    ...(receipt === undefined ? {} : { receipt }),
  };
}
