/** A connection without a port: what the broker writes is parsed at once, what the test sends is read at once. */
import { FrameParser } from "../../src/stomp/parser.ts";
import type { Broker } from "../../src/broker/broker.ts";
import type { Connection, ConnectionListener } from "../../src/broker/connection.ts";
import type { OutboundFrame } from "../../src/broker/outbound-frame.ts";
import type { Frame } from "../../src/stomp/frame.ts";
import type { Version } from "../../src/stomp/commands.ts";

/** Bounds that no frame of a test meets. */
export const GENEROUS = {
  maxBodyBytes: 64 << 20,
  maxHeaders: 100,
  maxHeaderLineBytes: 1 << 16,
  maxCredentialLineBytes: 1 << 16,
  maxHeaderBytes: 1 << 20,
};

export type MemoryOptions = {
  isBrowser?: boolean;
  hasPing?: boolean;
  carriesBinary?: boolean;
  userAgent?: string;
};

export class MemoryConnection implements Connection {
  readonly transport = "memory";
  readonly carriesBinary: boolean;
  readonly remoteAddress = "127.0.0.1";
  readonly isBrowser: boolean;
  readonly userAgent: string | undefined;
  readonly ping: (() => void) | undefined;
  bufferedBytes = 0;
  writtenBytes = 0;
  /** Every frame the broker wrote, heart-beats left out. */
  readonly frames: Frame[] = [];
  heartbeats = 0;
  pings = 0;
  writes = 0;
  isPaused = false;
  /** While stalled the peer's kernel takes nothing. */
  isStalled = false;
  closedWith: { code: number; reason: string } | undefined;
  readonly #parser = new FrameParser(GENEROUS, "server");
  readonly #written: Uint8Array[] = [];
  readonly #listener: ConnectionListener;

  constructor(
    broker: Broker,
    { isBrowser = false, hasPing = true, carriesBinary = true, userAgent }: MemoryOptions = {},
  ) {
    this.isBrowser = isBrowser;
    this.userAgent = userAgent;
    this.carriesBinary = carriesBinary;
    this.ping = hasPing
      ? () => {
          this.pings += 1;
        }
      : undefined;
    this.#listener = broker.open(this);
  }

  write(frames: readonly OutboundFrame[]): void {
    if (this.closedWith !== undefined) return;
    this.writes += 1;
    for (const frame of frames) {
      if (this.isStalled) this.bufferedBytes += frame.byteLength;
      else this.writtenBytes += frame.byteLength;
      if (frame.text === "\n") this.heartbeats += 1;
      this.#written.push(frame.octets);
      this.#parser.push(frame.octets);
    }
    for (let frame = this.#parser.next(); frame !== undefined; frame = this.#parser.next()) {
      if (frame.command === "CONNECTED") this.#parser.version = frame.headers.get("version") as Version;
      this.frames.push(frame);
    }
  }

  /** All octets that the broker wrote, as text; `^@` stands for NUL. */
  get wire(): string {
    return Buffer.concat(this.#written).toString().replaceAll("\0", "^@");
  }

  /** The peer takes what was buffered. */
  release(): void {
    this.isStalled = false;
    this.writtenBytes += this.bufferedBytes;
    this.bufferedBytes = 0;
    this.#listener.drained();
  }

  pong(): void {
    this.#listener.ponged();
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  close(code: number, reason: string): void {
    if (this.closedWith !== undefined) return;
    this.closedWith = { code, reason };
    queueMicrotask(() => {
      this.#listener.closed();
    });
  }

  /** The peer sends octets; `^@` in a string stands for NUL. */
  send(content: string | Uint8Array): void {
    this.#listener.receive(
      typeof content === "string" ? new TextEncoder().encode(content.replaceAll("^@", "\0")) : content,
    );
  }

  /** The peer says that nothing more comes. */
  end(): void {
    this.#listener.ended();
  }

  /** The peer vanishes. */
  vanish(): void {
    this.closedWith ??= { code: 1006, reason: "" };
    this.#listener.closed();
  }

  /** The frames of one command. */
  of(command: string): Frame[] {
    return this.frames.filter((frame) => frame.command === command);
  }
}

export function bodyOf(frame: Frame): string {
  return new TextDecoder().decode(frame.body);
}
