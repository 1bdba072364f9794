/** BEGIN, COMMIT and ABORT: SEND, ACK and NACK take effect together or not at all (STOMP 1.2, BEGIN). */
import { cancelAll, carryOut } from "../carry-out.ts";
import { Disconnect } from "../errors.ts";
import type { Frame } from "../../stomp/frame.ts";
import type { Prepared, Reply } from "../application-destination.ts";
import type { Broker } from "../broker.ts";
import type { Session } from "../session.ts";
import type { Action } from "../transactions.ts";

export function handleBegin(broker: Broker, session: Session, frame: Frame): Reply {
  session.transactions.begin(transactionOf(frame), broker.now());
  return {};
}

export function handleAbort(session: Session, frame: Frame): Reply {
  session.transactions.end(transactionOf(frame));
  return {};
}

/** What is durable goes to the store as one transaction; the rest follows at once. One refusal undoes everything. */
export function handleCommit(broker: Broker, session: Session, frame: Frame): Promise<Reply> | Reply {
  const { transactions } = session;
  const done = carryOut(broker, session, prepareAll(transactions.end(transactionOf(frame))));
  if (!(done instanceof Promise)) return done;
  transactions.isCommitting = true;
  return done.finally(() => {
    transactions.isCommitting = false;
  });
}

function transactionOf({ headers }: Frame): string {
  const id = headers.get("transaction");
  if (id === undefined || id === "") throw Disconnect.of("MISSING_TRANSACTION");
  return id;
}

function prepareAll(actions: readonly Action[]): readonly Prepared[] {
  const prepared: Prepared[] = [];
  try {
    for (const action of actions) prepared.push(action.prepare(actions));
    return prepared;
  } catch (error) {
    cancelAll(prepared);
    throw error;
  }
}
