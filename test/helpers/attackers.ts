/** Thousands of attackers in a process of their own, each kind from addresses of its own. */
import { setPriority } from "node:os";
import { AttackSocket } from "./attack-socket.ts";
import { FLOODERS, nonReaders, SLOW_LORISES } from "./attacks.ts";
import type { Attack, Target, Toll } from "./attack-socket.ts";

export type AttackOrder = Target & {
  readonly slow: number;
  readonly flooders: number;
  /** Of agents, whose sessions are every second one of those who do not read. */
  readonly tokens: readonly string[];
};
/** Tells the toll so far; `begin` and `end` are what they say. */
export type AttackCommand = "begin" | "look" | "end";
export type AttackAnswer = Readonly<
  Record<"slow" | "flooders" | "nonReaders", Toll & { readonly open: number }>
>;

const TICK_MS = 100;
/** They come within four seconds. */
const ARRIVAL_TICKS = 40;
/** Lowest of this machine's: attackers have machines of their own, and may not starve what they attack. */
const NICE = 19;

class Crowd {
  readonly sockets: readonly AttackSocket[];
  readonly toll: Toll = { opened: 0, refused: 0, cut: 0, heard: 0 };

  /** `network` is the third number of the addresses; as many of the crowd share one as `perAddress` says. */
  constructor(
    target: Target,
    attacks: readonly Attack[],
    count: number,
    network: number,
    perAddress: number,
  ) {
    this.sockets = Array.from({ length: count }, (_, index) => {
      const address = `127.2.${network}.${1 + Math.floor(index / perAddress)}`;
      const attack = attacks[index % attacks.length];
      if (attack === undefined) throw new Error("no attack");
      return new AttackSocket(target, attack, address, this.toll);
    });
  }

  get answer(): Toll & { readonly open: number } {
    return { ...this.toll, open: this.sockets.filter(({ isOpen }) => isOpen).length };
  }
}

setPriority(NICE);
const order = JSON.parse(process.argv[2] ?? "") as AttackOrder;
const notReading = nonReaders(order.tokens);
const crowds = {
  slow: new Crowd(order, SLOW_LORISES, order.slow, 1, 20),
  flooders: new Crowd(order, FLOODERS, order.flooders, 2, 10),
  nonReaders: new Crowd(order, notReading, notReading.length, 3, 10),
};
/** In the order in which they come: all kinds evenly. */
const everybody = Object.values(crowds)
  .flatMap(({ sockets }) => sockets.map((socket, index) => ({ socket, turn: index / sockets.length })))
  .toSorted((one, other) => one.turn - other.turn)
  .map(({ socket }) => socket);

function tell(): void {
  const { slow, flooders, nonReaders: silent } = crowds;
  process.send?.({
    slow: slow.answer,
    flooders: flooders.answer,
    nonReaders: silent.answer,
  } satisfies AttackAnswer);
}

process.on("message", (command: AttackCommand) => {
  if (command === "begin") {
    let begun = 0;
    setInterval(() => {
      const more = Math.ceil(everybody.length / ARRIVAL_TICKS);
      for (const socket of everybody.slice(begun, begun + more)) socket.open();
      begun += more;
      for (const socket of everybody) socket.tick();
    }, TICK_MS);
  } else if (command === "end") {
    for (const socket of everybody) socket.end();
  }
  tell();
});
process.on("disconnect", () => process.exit(0));
