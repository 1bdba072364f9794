/** A process full of guests, or of agents with their sessions: sends at its pace and writes down what happens. */
import { writeFileSync } from "node:fs";
import { Device } from "./device.ts";
import { FAULTS } from "./faults.ts";
import type { LoadRecord } from "./records.ts";

/** Somebody, and whom they write to; `token` and several devices for agents. */
export type Person = { readonly name: string; readonly token?: string; readonly devices: number };
export type LoadOrder = {
  readonly url: string;
  readonly log: string;
  readonly people: readonly Person[];
  readonly everyMs: number;
  /** Name of a fault that the first person's first device suffers. */
  readonly fault?: string | undefined;
};
/** Who writes to whom: the name of the other side and its id, which is unknown before it has connected. */
export type Peers = Readonly<Record<string, readonly (readonly [name: string, id: string])[]>>;

/** What the process is told, and what it tells when that is done. */
export type LoadCommand =
  | { readonly type: "greet" | "send"; readonly peers: Peers }
  | { readonly type: "identify"; readonly name: string }
  | { readonly type: "settle" | "end" };
export type LoadAnswer =
  | { readonly type: "online"; readonly ids: Readonly<Record<string, string>> }
  | { readonly type: "greeted" | "settled" };

const LOOK_MS = 50;
/** So long nothing new is shown before all is taken to be shown. */
const QUIET_MS = 800;

const order = JSON.parse(process.argv[2] ?? "") as LoadOrder;
const log: LoadRecord[] = [];
const fault = FAULTS[order.fault ?? ""]?.();
const devices = new Map(
  order.people.map(({ name, token, devices: count }, index) => [
    name,
    Array.from({ length: count }, (_, number) => {
      const meddle = number > 0 ? undefined : [fault?.meddle, fault?.first][index];
      const write = (record: LoadRecord): number => log.push(record);
      return new Device({ name: `${name}/${number}`, url: order.url, token, write, meddle });
    }),
  ]),
);
const everybody = [...devices.values()].flat();
const counts = new Map<string, number>();
let timers: NodeJS.Timeout[] = [];

function say(from: string, to: readonly [name: string, id: string]): void {
  const count = counts.get(from) ?? 0;
  counts.set(from, count + 1);
  const sessions = devices.get(from) ?? [];
  const isGuest = sessions.length === 1;
  sessions[count % sessions.length]?.say(isGuest ? "support" : to[1], `${from}_${to[0]}_${count}`);
}

async function until(isDone: () => boolean): Promise<void> {
  while (!isDone()) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}

function tell(answer: LoadAnswer): void {
  process.send?.(answer);
}

const isSettled = (): boolean => everybody.every((device) => device.isSettled);

async function settle(): Promise<void> {
  for (const timer of timers) clearInterval(timer);
  await until(isSettled);
  await until(() => isSettled() && Date.now() - (log.at(-1)?.at ?? 0) > QUIET_MS);
  tell({ type: "settled" });
}

process.on("message", (command: LoadCommand) => {
  if (command.type === "greet") {
    for (const [from, peers] of Object.entries(command.peers)) for (const peer of peers) say(from, peer);
    void until(isSettled).then(() => tell({ type: "greeted" }));
  } else if (command.type === "send") {
    // Not all at once: spread over the pause between two messages of one sender.
    timers = Object.entries(command.peers).map(([from, peers], index, all) => {
      let turn = Math.floor((index / all.length) * peers.length);
      return setInterval(() => say(from, peers[turn++ % peers.length] ?? ["", ""]), order.everyMs);
    });
  } else if (command.type === "identify") {
    for (const device of devices.get(command.name) ?? []) void device.identify();
  } else if (command.type === "settle") {
    void settle();
  } else {
    writeFileSync(order.log, log.map((record) => `${JSON.stringify(record)}\n`).join(""));
    process.exit(0);
  }
});

process.on("disconnect", () => process.exit(1));

await Promise.all(everybody.map((device) => device.connect()));
tell({
  type: "online",
  ids: Object.fromEntries([...devices].map(([name, [first]]) => [name, first?.id ?? ""])),
});
