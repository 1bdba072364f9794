/** One STOMP conversation on a connection: octets in, frames handled in order, answers out in order. */
import { serializeHead } from "../stomp/serializer.ts";
import { answer, denyUnfinished, denyUnreadable } from "./answers.ts";
import { DeliveryProof } from "./delivery-proof.ts";
import { errorFrame } from "./error-frames.ts";
import { Disconnect } from "./errors.ts";
import { Intake } from "./intake.ts";
import { OutboundFrame } from "./outbound-frame.ts";
import { Outbox } from "./outbox.ts";
import { ReplyQueue } from "./reply-queue.ts";
import { SessionCredentials } from "./session-credentials.ts";
import { Subscriptions } from "./subscriptions.ts";
import { Transactions } from "./transactions.ts";
import type { Frame } from "../stomp/frame.ts";
import type { Version } from "../stomp/commands.ts";
import type { HeaderList } from "../stomp/headers.ts";
import type { Reply } from "./application-destination.ts";
import type { Broker } from "./broker.ts";
import type { Connection, ConnectionListener, SessionState } from "./connection.ts";
import type { DisconnectCode } from "./errors.ts";
import type { AnsweredFrame } from "./error-frames.ts";
import type { Authentication, Revocation } from "./authenticator.ts";
import type { Limits } from "./limits.ts";
import type { Principal } from "./principal.ts";

export class Session implements ConnectionListener {
  readonly id: string;
  readonly connection: Connection;
  readonly outbox: Outbox;
  readonly proof: DeliveryProof;
  readonly subscriptions: Subscriptions;
  readonly transactions: Transactions;
  readonly limits: Limits;
  readonly openedAt: number;
  readonly intake: Intake;
  /** Monotonic ms of the last batch written. */
  writtenAt: number;
  /** Agreed heart-beat intervals in ms; 0 is none. */
  heartbeat = { send: 0, receive: 0 };
  readonly #broker: Broker;
  readonly #replies = new ReplyQueue();
  readonly #credentials = new SessionCredentials();
  #state: SessionState = "opening";
  #processing = false;
  #isHeld = false;
  /** With what it ends once all that came is answered; undefined where the peer ended, or nobody did. */
  #farewell: Disconnect | undefined;

  constructor(broker: Broker, connection: Connection, id: string) {
    this.id = id;
    this.connection = connection;
    this.limits = broker.limits;
    this.#broker = broker;
    this.intake = new Intake(connection, broker.limits, () => broker.now());
    this.proof = new DeliveryProof(connection);
    this.subscriptions = new Subscriptions(this);
    this.transactions = new Transactions(broker.limits);
    this.openedAt = this.writtenAt = this.intake.receivedAt;
    this.outbox = new Outbox(connection, broker.flusher, broker.limits, {
      wrote: (deliveries) => {
        this.writtenAt = broker.now();
        for (const delivery of deliveries) delivery.written();
        if (deliveries.length > 0) this.proof.seek(this.writtenAt);
      },
      cleared: () => {
        this.goOn();
      },
      overflowed: () => {
        this.disconnect(Disconnect.ofOverflow(broker.limits));
      },
    });
  }

  /** The protocol version, 1.2 until negotiated. */
  get version(): Version {
    return this.intake.version;
  }

  get state(): SessionState {
    return this.#state;
  }

  get isOver(): boolean {
    return this.#state === "ending" || this.#state === "closed";
  }

  get sendsHeartbeats(): boolean {
    return this.heartbeat.send > 0;
  }

  /** Known once CONNECTED. */
  get authentication(): Authentication | undefined {
    return this.#credentials.authentication;
  }

  /** Of an open session. */
  get principal(): Principal {
    return this.#credentials.principal;
  }

  receive(chunk: Uint8Array): void {
    this.intake.heard();
    if (this.isOver) return;
    this.proof.received();
    this.intake.push(chunk);
    this.#process();
  }

  ponged(): void {
    this.intake.heard();
    this.proof.ponged();
  }

  drained(): void {
    this.proof.drained();
    if (this.isOver) return;
    this.outbox.flush();
    this.goOn();
  }

  fail(code: "BAD_FRAME" | "BAD_UTF8" | "FRAME_TOO_LARGE" | "FRAME_TIMEOUT", reason: string): void {
    denyUnfinished(this.#broker, this, Disconnect.of(code, { hint: reason }), this.intake.begun);
  }

  ended(): void {
    this.intake.end();
    this.#process();
  }

  closed(): void {
    this.outbox.clear();
    this.outbox.close();
    // Frames that came before the peer's end and wait for their turn still have it; nobody hears the answers.
    if (this.intake.isLeft && !this.isOver) this.#process();
    else {
      this.#state = "closed";
      this.#release();
    }
  }

  /** CONNECT came: nothing is processed until `connected` or a Disconnect. */
  authenticating(): void {
    this.#state = "authenticating";
  }

  /** CONNECT succeeded: the frames that follow are of this version and may use the full limits. */
  connected(version: Version, authentication: Authentication, connectedHeaders: HeaderList): void {
    if (this.#state !== "authenticating") return;
    this.#state = "open";
    const revocations = this.#credentials.accept(authentication);
    this.intake.opened(version, this.#broker.paceOf(authentication.principal));
    this.outbox.push(new OutboundFrame(`${serializeHead("CONNECTED", connectedHeaders, version)}\0`));
    this.#broker.connected(this);
    for (const revocation of revocations) this.revoke(revocation);
    this.#process();
  }

  /**
   * Handles no further frame until a decision is made and what follows from it has begun: frames take effect in order.
   * Nothing follows when the session is over by then.
   */
  async hold<Decision>(
    decision: Promise<Decision>,
    goOn: (decision: Decision) => Promise<Reply> | Reply,
  ): Promise<Reply> {
    this.#isHeld = true;
    const made = await decision.finally(() => {
      this.#isHeld = false;
    });
    if (!this.#broker.sessions.has(this)) return {};
    const reply = goOn(made);
    // Not after a failure: the next frame has no effect if that ends the session.
    queueMicrotask(() => {
      this.#process();
    });
    return reply;
  }

  /** Credentials were revoked: the session ends if it came with them, also when its CONNECT is still being judged. */
  revoke(revocation: Revocation): void {
    if (this.#credentials.isEndedBy(revocation)) this.disconnect(revocation.reason);
  }

  /** DISCONNECT, or all that came before the peer's end, was answered: flush and close (STOMP 1.2, DISCONNECT). */
  finish(): void {
    this.#end(1000, "DISCONNECT");
  }

  /** Stops taking frames: what follows a DISCONNECT or an ERROR has no effect. */
  stopReceiving(): void {
    if (this.#state !== "closed") this.#state = "ending";
  }

  /** Ends the session now: ERROR flushed, then close. Answers that have not left are lost. */
  disconnect(reason: Disconnect, about: AnsweredFrame = {}): void {
    if (this.#state === "closed") return;
    this.#broker.stats.disconnected(reason.code);
    if (reason.code === "SLOW_CONSUMER") this.outbox.clear();
    this.outbox.flushAll();
    this.connection.write([errorFrame(reason, about, this.version)]);
    this.#end(reason.close, reason.code);
  }

  /** Ends it so once the frames before were answered. */
  disconnectInTurn(reason: Disconnect, about: AnsweredFrame = {}): void {
    this.#endInTurn(() => {
      this.disconnect(reason, about);
    });
  }

  /** Ends the session without a frame: nobody would read it. */
  drop(code: DisconnectCode): void {
    this.#broker.stats.disconnected(code);
    this.#end(Disconnect.of(code).close, code);
  }

  /** Drains: every frame received is handled and answered, then the session ends with SHUTTING_DOWN. */
  drain(): void {
    this.#farewell = Disconnect.of("SHUTTING_DOWN");
    if (this.#state === "authenticating") this.disconnectInTurn(this.#farewell);
    else this.ended();
  }

  #end(close: number, reason: string): void {
    this.#state = "ending";
    this.outbox.flushAll();
    this.#release();
    this.connection.close(close, reason);
  }

  #release(): void {
    this.#replies.clear();
    this.outbox.close();
    this.subscriptions.closeAll();
    this.#broker.forget(this);
  }

  /** What held it up may be over: there is room in the outbox again, or it is no longer ahead. */
  goOn(): void {
    this.#process();
    if (this.outbox.hasRoom) this.subscriptions.resume();
  }

  #process(): void {
    if (this.#processing) return;
    this.#processing = true;
    try {
      while (this.#mayProcess()) {
        const frame = this.#nextFrame();
        if (frame === undefined) break;
        this.#handle(frame);
      }
    } finally {
      this.#processing = false;
    }
    this.intake.rest();
    if (this.isOver) return;
    const isWaiting = !this.#mayProcess();
    // Answers or output pile up; silence then is ours, not the peer's.
    if (isWaiting || !this.intake.hasEnded) this.intake.pause(isWaiting);
    else if (this.#farewell !== undefined) this.disconnectInTurn(this.#farewell);
    else if (this.intake.isMidFrame) this.fail("BAD_FRAME", "the stream ended within a frame");
    else
      this.#endInTurn(() => {
        this.finish();
      });
  }

  #mayProcess(): boolean {
    if (this.#state !== "opening" && (this.#state !== "open" || this.transactions.isCommitting)) return false;
    if (this.#isHeld || this.intake.isAhead) return false;
    return this.#replies.size < this.limits.maxPendingReplies && !this.outbox.isBehind;
  }

  #nextFrame(): Frame | undefined {
    try {
      return this.intake.next();
    } catch (error) {
      denyUnreadable(this.#broker, this, error);
      return undefined;
    }
  }

  #handle(frame: Frame): void {
    this.#broker.stats.received(frame.command);
    void answer(this.#broker, this, frame, this.#replies.reserve())?.then(() => {
      this.#process();
    });
  }

  /** An end that waits for the answers of earlier frames. */
  #endInTurn(end: () => void): void {
    this.stopReceiving();
    this.#replies.reserve()(end);
  }
}
