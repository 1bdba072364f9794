/** One attacker's socket: opened from an address of its own, cut by the server or not, and opened again. */
import { connect } from "node:net";
import type { Socket } from "node:net";

export type Target = { readonly port: number; readonly tcpPort: number };

/** What attackers met so far. */
export type Toll = { opened: number; refused: number; cut: number; heard: number };

export type Attack = {
  readonly wire: "http" | "tcp";
  /** Begins, and whatever it does from then on: `after` is what to do once the answer contains a text. */
  readonly begin: (socket: AttackSocket) => void;
  /** Called about every 100 ms. */
  readonly tick?: (socket: AttackSocket) => void;
  /** How long until it comes back when it is cut. */
  readonly backAfterMs: number;
};

const NO_OCTETS = Buffer.alloc(0);

export class AttackSocket {
  readonly localAddress: string;
  readonly #target: Target;
  readonly #attack: Attack;
  readonly #toll: Toll;
  #socket: Socket | undefined;
  #waits: { readonly text: string; readonly then: (heard: string) => void }[] = [];
  #heard = "";
  #isOver = false;
  /** Of the attack's own. */
  step = 0;

  constructor(target: Target, attack: Attack, localAddress: string, toll: Toll) {
    this.#target = target;
    this.#attack = attack;
    this.localAddress = localAddress;
    this.#toll = toll;
  }

  get isOpen(): boolean {
    return this.#socket !== undefined && !this.#socket.connecting && !this.#socket.destroyed;
  }

  open(): void {
    if (this.#isOver) return;
    this.step = 0;
    this.#heard = "";
    this.#waits = [];
    const port = this.#attack.wire === "tcp" ? this.#target.tcpPort : this.#target.port;
    const { localAddress } = this;
    const socket = connect({ port, host: "127.0.0.1", localAddress, noDelay: true });
    this.#socket = socket;
    socket.on("error", () => undefined);
    socket.once("connect", () => {
      this.#toll.opened += 1;
      this.#attack.begin(this);
    });
    socket.on("data", (data: Buffer) => {
      this.#hear(data);
    });
    socket.once("close", () => {
      this.#toll.cut += 1;
      if (this.#attack.backAfterMs === 0) setImmediate(() => this.open());
      else setTimeout(() => this.open(), this.#attack.backAfterMs);
    });
  }

  /** Calls `then` with all that was heard since the last time, once it contains a text. */
  after(text: string, then: (heard: string) => void): void {
    this.#waits.push({ text, then });
  }

  tick(): void {
    if (this.isOpen) this.#attack.tick?.(this);
  }

  /** True while the kernel takes it. */
  write(octets: string | Buffer): boolean {
    return this.isOpen && this.#socket?.write(octets) === true;
  }

  /** Nothing it was written is waiting for the kernel. */
  get hasRoom(): boolean {
    return this.isOpen && this.#socket?.writableLength === 0;
  }

  stopReading(): void {
    this.#socket?.pause();
  }

  end(): void {
    this.#isOver = true;
    this.#socket?.destroy();
  }

  #hear(data: Buffer): void {
    this.#toll.heard += 1;
    if (this.#waits.length === 0) return;
    this.#heard += data.toString("latin1");
    if (/^HTTP\/1\.1 [45]/.test(this.#heard)) this.#toll.refused += 1;
    const [wait] = this.#waits;
    if (wait === undefined || !this.#heard.includes(wait.text)) return;
    this.#waits.shift();
    const heard = this.#heard;
    this.#heard = "";
    wait.then(heard);
  }
}

/** As a proxy on this machine passes it on, which is believed: loopback itself is never closed out. */
export function upgradeTo(path: string, localAddress: string): string {
  const client = localAddress.replace(/^127\.2/, "198.18");
  return (
    `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    `X-Forwarded-For: ${client}\r\n` +
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
  );
}

/** A text message of a client, with a mask of zeros. */
export function webSocketMessage(...texts: readonly string[]): Buffer {
  return Buffer.concat(
    texts.flatMap((text) => {
      const payload = Buffer.from(text);
      const isShort = payload.length < 126;
      const head = Buffer.alloc(isShort ? 6 : 8);
      head[0] = 0x81;
      head[1] = 0x80 | (isShort ? payload.length : 126);
      if (!isShort) head.writeUInt16BE(payload.length, 2);
      return [head, payload, NO_OCTETS];
    }),
  );
}
