/** One shared timer for all deadlines of all sessions: CONNECT, unfinished frames, heart-beats, slow consumers. */
import { BROWSER_SILENCE_MS } from "./limits.ts";
import { Disconnect, refusal } from "./errors.ts";
import { HEARTBEAT } from "./outbound-frame.ts";
import type { Limits } from "./limits.ts";
import type { Session } from "./session.ts";

/** Silence of this many agreed intervals is death: networks are not punctual. */
const SILENT_INTERVALS = 2.5;

/** How often to look: fine enough for the shortest deadline configured. */
export function sweepInterval(limits: Limits): number {
  const shortest = Math.min(
    limits.heartbeatMs,
    limits.connectTimeoutMs,
    limits.frameTimeoutMs,
    limits.slowConsumerMs,
    limits.transactionTimeoutMs,
  );
  return Math.min(1000, Math.max(10, Math.floor(shortest / 8)));
}

/** What one session's output looked like when it last moved. */
type Output = { readonly written: number; readonly at: number };

export class Sweep {
  readonly #limits: Limits;
  readonly #interval: number;
  readonly #outputs = new WeakMap<Session, Output>();

  constructor(limits: Limits) {
    this.#limits = limits;
    this.#interval = sweepInterval(limits);
  }

  /** Looks at one session; `now` is monotonic, `epoch` milliseconds since 1970 by which credentials age. */
  visit(session: Session, now: number, epoch: number): void {
    const { connectTimeoutMs, frameTimeoutMs, slowConsumerMs } = this.#limits;
    const age = now - session.openedAt;
    if (session.state === "opening" && age >= connectTimeoutMs) {
      session.disconnect(Disconnect.of("CONNECT_TIMEOUT", { hint: `within ${connectTimeoutMs} ms` }));
    } else if (session.state === "authenticating" && age >= 2 * connectTimeoutMs) {
      session.disconnect(Disconnect.from(refusal("RETRY_LATER", { retryAfterMs: connectTimeoutMs })));
    } else if (this.#isUnfinished(session, now)) {
      session.fail("FRAME_TIMEOUT", `within ${frameTimeoutMs} ms`);
    } else if (this.#isSlow(session, now)) {
      session.disconnect(
        Disconnect.of("SLOW_CONSUMER", { hint: `nothing was taken for ${slowConsumerMs} ms` }),
      );
    } else if (session.state === "open") {
      this.#visitOpen(session, now, epoch);
    }
  }

  #visitOpen(session: Session, now: number, epoch: number): void {
    const expiresAt = session.authentication?.expiresAt;
    // Rather a look early than one late: whoever's time is over is sent nothing more.
    if (expiresAt !== undefined && epoch + this.#interval >= expiresAt) {
      session.disconnect(Disconnect.of("SESSION_EXPIRED"));
      return;
    }
    if (session.transactions.isOverdue(now)) {
      const hint = `a transaction was open for too long: at most ${this.#limits.transactionTimeoutMs} ms`;
      session.disconnect(Disconnect.of("TRANSACTION_LIMIT", { hint }));
      return;
    }
    if (isDead(session, now)) {
      session.drop("HEARTBEAT_TIMEOUT");
      return;
    }
    const { send } = session.heartbeat;
    if (send > 0 && now - session.writtenAt >= send - this.#interval && session.outbox.pendingBytes === 0) {
      session.outbox.push(HEARTBEAT);
    }
    session.proof.seek(now);
    if (session.intake.isPaused) session.goOn();
  }

  #isUnfinished({ intake: { frameBegunAt, isPaused } }: Session, now: number): boolean {
    return frameBegunAt !== undefined && !isPaused && now - frameBegunAt >= this.#limits.frameTimeoutMs;
  }

  /** No octet taken for the bound with output queued. */
  #isSlow(session: Session, now: number): boolean {
    if (session.isOver || session.outbox.pendingBytes === 0) {
      this.#outputs.delete(session);
      return false;
    }
    const written = session.connection.writtenBytes;
    const last = this.#outputs.get(session);
    if (last === undefined || last.written !== written) {
      this.#outputs.set(session, { written, at: now });
      return false;
    }
    return now - last.at >= this.#limits.slowConsumerMs;
  }
}

/** STOMP 1.2, Heart-beating; a browser's background tab wakes once a minute. */
function isDead({ heartbeat, connection, intake: { receivedAt, isPaused } }: Session, now: number): boolean {
  if (heartbeat.receive === 0 || isPaused) return false;
  const tolerated = SILENT_INTERVALS * heartbeat.receive;
  return now - receivedAt > (connection.isBrowser ? Math.max(tolerated, BROWSER_SILENCE_MS) : tolerated);
}
