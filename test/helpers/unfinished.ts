/** Thousands of sockets that begin what is legal before CONNECT and do not finish it: a process of its own. */
import { once } from "node:events";
import { connect } from "node:net";
import { INPUTS, LOT } from "./unfinished-inputs.ts";
import type { Socket } from "node:net";
import type {
  Input,
  Step,
  UnfinishedAnswer,
  UnfinishedCommand,
  UnfinishedOrder,
} from "./unfinished-inputs.ts";

/** As many new connections as one address may open at once. */
const PER_ADDRESS = 40;

class Unfinished {
  readonly #order: UnfinishedOrder;
  readonly #input: Input;
  #sockets: Socket[] = [];
  /** Ever opened. */
  #count = 0;
  #lastHeard = "";

  constructor(order: UnfinishedOrder) {
    this.#order = order;
    this.#input = INPUTS[order.input];
  }

  get answer(): UnfinishedAnswer {
    const open = this.#sockets.filter(({ destroyed }) => !destroyed).length;
    return { open, lastHeard: this.#lastHeard };
  }

  /** Opens a lot and sends each socket's part of it. */
  async openLot(): Promise<void> {
    const sockets = await Promise.all(Array.from({ length: LOT }, () => this.#connect()));
    this.#sockets.push(...sockets);
    await this.#areTaken();
    for (const step of this.#input.steps)
      await Promise.all(sockets.map((socket, index) => take(step, socket, this.#count - LOT + index)));
  }

  async close(): Promise<void> {
    const closed = this.#sockets.map((socket) => once(socket, "close"));
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets = [];
    await Promise.all(closed);
  }

  /** Resolves when the server has taken every connection so far: the one behind them is told that it makes no sense. */
  async #areTaken(): Promise<void> {
    const socket = connect({ port: this.#port, host: "127.0.0.1" });
    socket.write("X\r\n\r\n\0");
    await once(socket, "data");
    socket.destroy();
  }

  get #port(): number {
    return this.#input.wire === "tcp" ? this.#order.tcpPort : this.#order.port;
  }

  async #connect(): Promise<Socket> {
    const address = Math.floor(this.#count / PER_ADDRESS);
    this.#count += 1;
    const socket = connect({
      port: this.#port,
      host: "127.0.0.1",
      localAddress: `127.1.${Math.floor(address / 250)}.${1 + (address % 250)}`,
      noDelay: true,
    });
    await once(socket, "connect");
    socket.on("error", () => undefined);
    socket.on("data", (data) => {
      this.#lastHeard = data.toString("latin1");
    });
    return socket;
  }
}

async function take({ isAnswered, octetsOf }: Step, socket: Socket, index: number): Promise<void> {
  const octets = octetsOf(index);
  if (octets.length === 0) return;
  const heard = isAnswered ? once(socket, "data") : undefined;
  await new Promise<void>((resolve) => {
    socket.write(octets, () => {
      resolve();
    });
  });
  await heard;
}

const unfinished = new Unfinished(JSON.parse(process.argv[2] ?? "") as UnfinishedOrder);

async function obey({ lots, areKept }: UnfinishedCommand): Promise<void> {
  for (let lot = 0; lot < lots; lot += 1) {
    await unfinished.openLot();
    if (!areKept) await unfinished.close();
  }
  process.send?.(unfinished.answer);
}

process.on("message", (command: UnfinishedCommand) => void obey(command));
process.on("disconnect", () => process.exit(0));
