/** The HTTP responses that carry one SockJS session's output, and how much of it the kernel has taken. */
import { takenOctets } from "./taken-octets.ts";
import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

export type TrackedResponsesListener = {
  /** Something was written and the kernel has not taken it yet. */
  wrote(): void;
  /** The kernel took something. */
  flushed(): void;
  /** A response broke with output in it: the stream has a hole. */
  broke(): void;
};

type Tracked = { readonly socket: Duplex; readonly takenBefore: number };

export class TrackedResponses {
  readonly #listener: TrackedResponsesListener;
  readonly #live = new Map<ServerResponse, Tracked>();
  #takenByFinished = 0;
  #taken = 0;

  constructor(listener: TrackedResponsesListener) {
    this.#listener = listener;
  }

  /** Responses whose output is not taken to the end. */
  get size(): number {
    return this.#live.size;
  }

  get bufferedBytes(): number {
    let octets = 0;
    for (const response of this.#live.keys()) octets += response.writableLength;
    return octets;
  }

  /** Octets of all of them that the kernel has taken; never shrinks. */
  get writtenBytes(): number {
    let octets = this.#takenByFinished;
    for (const tracked of this.#live.values()) octets += progressOf(tracked);
    return (this.#taken = Math.max(this.#taken, octets));
  }

  /** Follows a response until it is finished; call it before anything is written. */
  track(response: ServerResponse, socket: Duplex): void {
    this.#live.set(response, { socket, takenBefore: takenOctets(socket) });
    const write = response.write.bind(response);
    // The library writes strings and looks at no answer; only a callback says that the octets are gone.
    response.write = ((chunk: string) => {
      const hasRoom = write(chunk, this.#onFlushed);
      this.#listener.wrote();
      return hasRoom;
    }) as typeof response.write;
    response.once("finish", () => {
      this.#forget(response);
      this.#listener.flushed();
    });
    response.once("close", () => {
      if (this.#forget(response)) this.#listener.broke();
    });
  }

  /** Cuts off the peers that have not taken what was written. */
  destroy(): void {
    for (const { socket } of this.#live.values()) socket.destroy();
  }

  readonly #onFlushed = (): void => {
    this.#listener.flushed();
  };

  #forget(response: ServerResponse): boolean {
    const tracked = this.#live.get(response);
    if (tracked === undefined) return false;
    this.#live.delete(response);
    this.#takenByFinished += progressOf(tracked);
    return true;
  }
}

function progressOf({ socket, takenBefore }: Tracked): number {
  return Math.max(0, takenOctets(socket) - takenBefore);
}
