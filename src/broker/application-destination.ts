/** The ports through which the floor above serves destinations of its own, and decides who may use them. */
import type { Frame } from "../stomp/frame.ts";
import type { HeaderList } from "../stomp/headers.ts";
import type { Refusal } from "./errors.ts";
import type { Principal } from "./principal.ts";
import type { Session } from "./session.ts";
import type { Subscription } from "./subscription.ts";

/** What a handled frame answers with: the RECEIPT's headers beside receipt-id, and what follows the RECEIPT. */
export type Reply = { readonly receiptHeaders?: HeaderList; readonly afterwards?: () => void };

/** A part of one durable transaction; what it means is the business of who keeps it. */
export type DurableOperation = { readonly name: string; readonly input: unknown };

/**
 * What a frame will do, after all that could be said against it was said. Either `apply` or `cancel` is
 * called, once: `apply` when every `operation` of the transaction is durable.
 */
export type Prepared = {
  readonly operation?: DurableOperation;
  /** Never throws. */
  readonly apply?: () => void;
  /** Gives back what was reserved. */
  readonly cancel?: () => void;
};

/** What a client says of deliveries: ACK, NACK, or a NACK of what it never wants again. */
export type Settlement = "acknowledged" | "returned" | "rejected";

/** Feeds one subscription. All calls come from the session that owns it. */
export interface SubscriptionSource {
  /** The subscription's outbox has room again after `Subscription.hasRoom` was false. */
  resume?(): void;
  /** The delivery with this position was handed to the connection; in mode auto only. */
  written?(position: number): void;
  /** The client proved that it has everything up to this position: an ACK-less mode's sign of life. */
  proven?(position: number): void;
  /**
   * What the client's word about the deliveries with these positions will do. They are not outstanding meanwhile, and are
   * again when it is cancelled, which may be after `close`.
   */
  settle?(positions: readonly number[], settlement: Settlement): Prepared;
  /** Whether deliveries can be handed back; without it NACK is refused. */
  readonly takesNack?: boolean;
  /** The subscription ended, by UNSUBSCRIBE or with its session. Called once. */
  close(): void;
}

/** A destination of the floor above. A verb it lacks is refused as for a destination that does not exist. */
export interface ApplicationDestination {
  /** Resolves when the effect is done and durable; rejects with Refusal or Disconnect. */
  readonly handleSend?: (session: Session, frame: Frame) => Promise<Reply> | Reply;
  /**
   * What a SEND would do, for a transaction; throws what `handleSend` would reject with, as far as it can be known. A
   * destination without it takes no part in transactions.
   */
  readonly prepareSend?: (session: Session, frame: Frame) => Prepared;
  /**
   * Opens a subscription: sets its source and resolves with the RECEIPT's headers; `afterwards` starts delivery.
   * The subscription may be closed meanwhile. Modes other than `auto` are refused here where they make no sense.
   */
  readonly openSubscription?: (subscription: Subscription, frame: Frame) => Promise<Reply> | Reply;
}

export type Verb = "SEND" | "SUBSCRIBE";

/** Decides who may use a destination at all; default deny. */
export interface AccessPolicy {
  /** The refusal, or undefined when the principal may. Asked before every SEND and SUBSCRIBE. */
  refusalOf(principal: Principal, verb: Verb, destination: string): Refusal | undefined;
  /**
   * Decides about one frame, instead of `refusalOf` and as slowly as it likes: the session takes no further frame
   * meanwhile. Rejects with what the frame then fails with.
   */
  readonly review?: (
    principal: Principal,
    verb: Verb,
    destination: string,
    frame: Frame,
  ) => Promise<Refusal | undefined>;
}
