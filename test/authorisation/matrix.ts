/** Asks a running server every question of the matrix over one transport, all in flight at once, and judges the answers. */
import { until } from "../helpers/running-server.ts";
import { cellOf, ROLES, ROWS, SPELLED, spelledCell } from "./cells.ts";
import { judge } from "./tables.ts";
import { hear, look } from "./world.ts";
import { TRANSPORTS } from "./wires.ts";
import { randomId } from "../../src/adapters/auth/tokens.ts";
import type { Cell, Entry } from "./cells.ts";
import type { Asked, World } from "./deeds.ts";
import type { Subject } from "./conversations.ts";
import type { Actor, Stage } from "./stage.ts";
import type { Row, Verdict } from "./tables.ts";
import type { Transport } from "./wires.ts";

export type Lane = { readonly name: string; readonly transport: Transport; readonly entry: Entry };

export const LANES: readonly Lane[] = [
  ...TRANSPORTS.map((transport) => ({ name: transport, transport, entry: "frame" as const })),
  { name: "websocket, in a transaction", transport: "websocket", entry: "transaction" },
];

/** Those who are not asked about: they hear what others are not to hear, and answer. */
type Watchers = Readonly<Record<"victim" | "second" | "publisher" | "mate", Actor>>;

/** Asks everything over connections of its own, one for each role, and closes them. */
export async function runLane(stage: Stage, lane: Lane): Promise<Verdict> {
  const watchers = await watch(stage);
  const shared = { taken: await stage.conversations.taken(), waiting: await stage.conversations.waiting() };
  const asking = await Promise.all(
    ROLES.map(async (role) => prepare(stage, lane, role, watchers.victim, shared)),
  );
  const cells = asking.flatMap((asked) => asked.cells);
  const actors = [...Object.values(watchers), ...asking.map(({ actor }) => actor)];
  await Promise.all(
    asking.map(async ({ actor: { wire }, cells: own }) => {
      wire.send(own.flatMap(({ frames }) => frames));
      await wire.answered(own.flatMap(({ receipts }) => receipts));
    }),
  );
  await probe(stage, watchers.publisher, actors, cells);
  let world: World = { ...(await look(stage)), ...hear(actors, watchers.second) };
  // What was said may still be on its way; what has not come by then does not.
  await until("everything that was allowed is seen", () => {
    world = { ...world, ...hear(actors, watchers.second) };
    return cells.every((cell) => cell.letter !== "Y" || cell.happened(world));
  }).catch(() => undefined);
  for (const { wire } of actors) wire.close();
  return judge(
    cells.map((cell) => ({
      name: cell.name,
      letter: cell.letter,
      told: cell.told,
      happened: cell.letter === "Y" ? cell.happened(world) : cell.leaked(world),
    })),
  );
}

async function watch(stage: Stage): Promise<Watchers> {
  const open = async (name: string): Promise<Actor> => stage.connect(name, "websocket", stage.known(name));
  const [victim, second, publisher, mate] = await Promise.all([
    stage.customer().then((known) => stage.connect("victim", "websocket", known)),
    open("second"),
    open("publisher"),
    open("mate"),
  ]);
  const session = victim.wire.frames[0]?.headers.get("session") ?? "";
  const general = ["/topic/**", "/queue/matrix", `/queue/messages-user${session}`, "/queue/ask"];
  publisher.wire.send(
    general.map((name) => `SUBSCRIBE\nid:${name}\ndestination:${name}\nreceipt:${name}\n\n^@`),
  );
  await publisher.wire.answered(general);
  return { victim, second, publisher, mate };
}

type Shared = { readonly taken: Subject; readonly waiting: Subject };

/** The questions of one role. What is not allowed is asked about shared conversations, which nothing may change. */
async function prepare(
  stage: Stage,
  { transport, entry }: Lane,
  role: string,
  victim: Actor,
  shared: Shared,
): Promise<{ readonly actor: Actor; readonly cells: readonly Cell[] }> {
  const isCustomer = role === "owner" || role === "other";
  const actor = await stage.connect(
    role,
    transport,
    isCustomer ? await stage.customer() : stage.staff.get(role),
  );
  const own = role === "owner" ? await stage.conversations.taken(actor.principal) : undefined;
  if (role === "other") await stage.conversations.waiting(actor.principal);
  const ask = (subjects: Shared): Asked => ({ id: stage.nextId(), actor, stage, victim, ...subjects });
  const rows = await Promise.all(
    ROWS.map(async (row) => {
      const asked = ask(
        await subjectsOf(stage, row, role, own === undefined ? shared : { ...shared, taken: own }),
      );
      if (row.name.includes("/delete-")) await stage.keepResponse(asked.id);
      return cellOf(row, asked, entry) ?? [];
    }),
  );
  const spelled = SPELLED.flatMap((spelling) =>
    (["SEND", "SUBSCRIBE"] as const).map((verb) => spelledCell(verb, spelling, ask(shared))),
  );
  return { actor, cells: [...rows.flat(), ...(entry === "frame" ? spelled : [])] };
}

/** Conversations of its own for what is allowed; the owner has one alone. */
async function subjectsOf(stage: Stage, row: Row, role: string, shared: Shared): Promise<Shared> {
  if (!row.name.startsWith("SEND /chat/") || row.expected.get(role) !== "Y") return shared;
  const isWaiting = /waiting$|one who waits$/.test(row.name);
  if (isWaiting) return { ...shared, waiting: await stage.conversations.waiting() };
  return /taken$|the customer$/.test(row.name) && role !== "owner"
    ? { ...shared, taken: await stage.conversations.taken() }
    : shared;
}

/** Says something to everything that may have been subscribed to. */
async function probe(
  stage: Stage,
  { wire }: Actor,
  actors: readonly Actor[],
  cells: readonly Cell[],
): Promise<void> {
  const sender = stage.known("admin").principal;
  const customers = actors.filter(({ principal: { kind } }) => kind === "guest" || kind === "customer");
  await Promise.all(
    customers.map(({ principal: { id } }) => stage.conversations.post(sender, id, randomId())),
  );
  const general = cells.flatMap(({ frames: [frame = ""] }) =>
    frame.startsWith("SUBSCRIBE") ? (/destination:(\/(?:topic|queue)\/cell-\d+)/.exec(frame)?.[1] ?? []) : [],
  );
  wire.send(["/topic/probe", ...general].map((name) => `SEND\ndestination:${name}\n\na word^@`));
  // Temporary queues are heard by an answer: each who may ask does, and the publisher answers.
  const asking = cells.filter(({ name, told }) => name.includes("/temp-queue/{cell}") && told === "allowed");
  for (const { asked } of asking) {
    const head = `SEND\ndestination:/queue/ask\nreply-to:/temp-queue/${asked.id}\nreceipt:${asked.id}-ask\n`;
    asked.actor.wire.send([`${head}\n?^@`]);
  }
  await Promise.all(asking.map(async ({ asked }) => asked.actor.wire.answered([`${asked.id}-ask`])));
  const addresses = (): string[] => wire.frames.flatMap(({ headers }) => headers.get("reply-to") ?? []);
  await wire.until(() => addresses().length >= asking.length);
  wire.send(addresses().map((address) => `SEND\ndestination:${address}\n\n!^@`));
}
