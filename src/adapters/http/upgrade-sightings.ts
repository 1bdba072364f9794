/** Whether a WebSocket attempt of somebody who asks reached this server, and with its Upgrade header. */
import type { IncomingMessage } from "node:http";
import type { UpgradeSighting } from "../../chat/wire.ts";

/** The oldest are forgotten: who asks does so at once. */
const MAX_KEPT = 256;
const NAME = /^\/chat(?:\/websocket)?\/?\?check=([\w-]{8,64})$/;

/** Remembers the attempts that named themselves: `/chat?check=<name>`. */
export class UpgradeSightings {
  readonly #seen = new Map<string, UpgradeSighting>();

  /** A request that came as an upgrade. */
  sawUpgrade(request: IncomingMessage): void {
    this.#keep(request, "passed");
  }

  /** A request that came without one. */
  sawRequest(request: IncomingMessage): void {
    this.#keep(request, "dropped");
  }

  of(name: string): UpgradeSighting {
    return this.#seen.get(name) ?? "unseen";
  }

  #keep({ url = "" }: IncomingMessage, sighting: UpgradeSighting): void {
    const name = NAME.exec(url)?.[1];
    if (name === undefined) return;
    this.#seen.set(name, sighting);
    const [oldest] = this.#seen.keys();
    if (this.#seen.size > MAX_KEPT && oldest !== undefined) this.#seen.delete(oldest);
  }
}
