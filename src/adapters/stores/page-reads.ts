/** Reads of pages take turns: few are with the writer's thread at once, so that no commit waits behind a hundred of them. */
import type { Request } from "./sqlite-protocol.ts";

/** One that is read while the other one's answer is taken. */
const AT_ONCE = 2;

export class PageReads {
  readonly #send: (request: Request) => void;
  readonly #waiting: Request[] = [];
  readonly #sent = new Set<number>();

  constructor(send: (request: Request) => void) {
    this.#send = send;
  }

  /** Sends it when its turn comes, in the order in which all were asked for. */
  ask(request: Request): void {
    this.#waiting.push(request);
    this.#advance();
  }

  /** A request was answered, of whatever kind it is. */
  answered(id: number): void {
    if (this.#sent.delete(id)) this.#advance();
  }

  /** Sends all that wait: nothing comes behind them. */
  finish(): void {
    for (const request of this.#waiting.splice(0)) this.#send(request);
  }

  #advance(): void {
    while (this.#sent.size < AT_ONCE) {
      const request = this.#waiting.shift();
      if (request === undefined) return;
      this.#sent.add(request.id);
      this.#send(request);
    }
  }
}
