/** Commands that the store carries out, one by one or as steps of a transaction. */
import { Disconnect } from "../broker/errors.ts";
import { refuse } from "./errors.ts";
import { namingClientId } from "./message.ts";
import type { ApplicationDestination, Reply } from "../broker/application-destination.ts";
import type { Principal } from "../broker/principal.ts";
import type { Session } from "../broker/session.ts";
import type { Frame } from "../stomp/frame.ts";
import type { AuditTrail } from "./audit-trail.ts";
import type { Clock } from "./clock.ts";
import type { EventQueues } from "./event-queues.ts";
import type { MessageRates } from "./message-rates.ts";
import type { Step } from "./operations/transaction.ts";
import type { PageNews } from "./page-news.ts";
import type { Presence } from "./presence.ts";
import type { ChatStore } from "./store.ts";

export type CommandParts = {
  readonly store: ChatStore;
  readonly clock: Clock;
  readonly events: EventQueues;
  readonly pages: PageNews;
  readonly presence: Presence;
  readonly audit: AuditTrail;
  readonly rates: MessageRates;
};

/** A command that the store carries out: its step of a transaction, or by itself with an answer. */
export type StoredCommand = { readonly step: Step; readonly perform: () => Promise<Reply> };

/** Who speaks: a session, or the server's own program. */
export type Sender =
  Session | { readonly id: string; readonly principal: Principal; readonly authentication: undefined };

/** Who does it, and from where. */
export function doerOf(sender: Sender): { readonly principal: Principal; readonly address?: string } {
  const { principal } = sender;
  return "connection" in sender ? { principal, address: sender.connection.remoteAddress } : { principal };
}

export type Plan = (session: Session, body: string) => StoredCommand;

/** The SEND destination of a command: by itself, or prepared for a transaction. */
export function storedDestination(plan: Plan): ApplicationDestination {
  return {
    handleSend: (session, frame) => plan(session, textOf(frame)).perform(),
    prepareSend: (session, frame) => ({ operation: plan(session, textOf(frame)).step }),
  };
}

/** Runs the work; a refusal names the clientId, where there is one, so that its sender finds it again. */
export async function namingRepeat<Result>(
  clientId: string | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw clientId === undefined ? error : namingClientId(error, clientId);
  }
}

const JSON_TYPES = /^(?:application\/json|text\/plain)\s*(?:;\s*charset\s*=\s*"?utf-?8"?\s*)?$/i;

/** The body as text; throws Refusal UNSUPPORTED_CONTENT_TYPE, or Disconnect BAD_UTF8. */
export function textOf({ headers, body }: Frame): string {
  const type = headers.get("content-type");
  if (type !== undefined && !JSON_TYPES.test(type.trim())) throw refuse("UNSUPPORTED_CONTENT_TYPE");
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    throw Disconnect.of("BAD_UTF8");
  }
}
