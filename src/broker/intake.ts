/** What a session reads: octets to frames, how long a frame has been unfinished, and whether reading is paused. */
import { FrameParser } from "../stomp/parser.ts";
import { frameLimitsOf, openingFrameLimitsOf } from "./limits.ts";
import type { Version } from "../stomp/commands.ts";
import type { Frame } from "../stomp/frame.ts";
import type { Connection } from "./connection.ts";
import type { AnsweredFrame } from "./error-frames.ts";
import type { Limits } from "./limits.ts";
import type { Pace } from "./pace.ts";

export class Intake {
  /** Monotonic ms of the last octets received, and of the first octet of an unfinished frame. */
  receivedAt: number;
  frameBegunAt: number | undefined;
  readonly #connection: Connection;
  readonly #limits: Limits;
  readonly #now: () => number;
  readonly #parser: FrameParser;
  #pace: Pace | undefined;
  #isPaused = false;
  #hasEnded = false;

  /** Frames are of CONNECT's size until `opened`; `now` is monotonic ms. */
  constructor(connection: Connection, limits: Limits, now: () => number) {
    this.#connection = connection;
    this.#limits = limits;
    this.#now = now;
    this.#parser = new FrameParser(openingFrameLimitsOf(limits));
    this.receivedAt = now();
  }

  /** The protocol version, 1.2 until negotiated. */
  get version(): Version {
    return this.#parser.version ?? "1.2";
  }

  /** The peer has sent so much that reading pauses; not once it has ended, for then there is no more to come. */
  get isAhead(): boolean {
    return this.#pace !== undefined && !this.#hasEnded && this.#pace.isAhead;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Nothing more is to come. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The last `next` found a frame begun and not finished. */
  get isMidFrame(): boolean {
    return this.#parser.isMidFrame;
  }

  /** What is known of the frame that was begun and not finished. */
  get begun(): AnsweredFrame {
    return this.#parser.begun;
  }

  /** The peer has ended, and left octets that no frame has taken yet. */
  get isLeft(): boolean {
    return this.#hasEnded && this.#parser.hasOctets;
  }

  /** What was pushed is all there is. */
  end(): void {
    this.#hasEnded = true;
  }

  /** The frames that follow are of this version, may use the full limits, and come at this pace. */
  opened(version: Version, pace: Pace | undefined): void {
    this.#pace = pace;
    this.#parser.version = version;
    this.#parser.limits = frameLimitsOf(this.#limits, this.#limits.maxFrameBodyBytes);
  }

  /** There was a sign of life. */
  heard(): void {
    this.receivedAt = this.#now();
  }

  push(chunk: Uint8Array): void {
    this.#pace?.tookOctets(chunk.length);
    this.#parser.push(chunk);
  }

  /** The next whole frame, if there is one. Throws FrameError. */
  next(): Frame | undefined {
    const frame = this.#parser.next();
    if (frame === undefined) return undefined;
    this.#pace?.tookFrame();
    this.frameBegunAt = undefined;
    return frame;
  }

  /** Every whole frame that may be handled was: what is left is the beginning of one, or waits. */
  rest(): void {
    if (!this.#parser.isMidFrame) this.frameBegunAt = undefined;
    else this.frameBegunAt ??= this.#now();
  }

  /** Pauses reading, or goes on: what the peer said meanwhile is then still to be read. */
  pause(isPaused: boolean): void {
    if (isPaused === this.#isPaused) return;
    this.#isPaused = isPaused;
    if (isPaused) {
      this.#connection.pause();
      return;
    }
    this.heard();
    this.#connection.resume();
  }
}
