/** Whether something is still heard on a connection, by a clock that nobody sets: a wall clock may jump an hour back. */

/** Intervals of silence that are no reason to ask: browsers run timers late. */
const PATIENCE = 2;

export class Pulse {
  readonly #overdue: () => void;
  #socket: WebSocket | undefined;
  #heardAt = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** `overdue` is called in each interval in which, for twice its length, nothing was heard. */
  constructor(overdue: () => void) {
    this.#overdue = overdue;
  }

  /** Listens to this socket instead of the one before; returns it. */
  listen(socket: WebSocket): WebSocket {
    this.end();
    this.#socket = socket;
    socket.addEventListener("message", () => {
      if (this.#socket === socket) this.#heardAt = performance.now();
    });
    return socket;
  }

  /** From now on something has to be heard every `ms`; 0: nothing has. */
  start(ms: number): void {
    clearInterval(this.#timer);
    if (ms === 0) return;
    this.#heardAt = performance.now();
    this.#timer = setInterval(() => {
      if (performance.now() - this.#heardAt > ms * PATIENCE) this.#overdue();
    }, ms);
  }

  end(): void {
    clearInterval(this.#timer);
    this.#socket = undefined;
  }
}

/** How often the server is heard from, in ms, by its `heart-beat`: the greater of what it can and what is `wanted`; 0 for never. */
export function agreedBeat(header: string | undefined, wanted: number): number {
  const offered = Number(header?.split(",")[0] ?? 0);
  return offered > 0 ? Math.max(offered, wanted) : 0;
}
