/** What became of the questions: what is stored, and what anybody was sent. */
import { bodyOf } from "../helpers/memory-connection.ts";
import type { World } from "./deeds.ts";
import type { Actor, Stage } from "./stage.ts";

type Stored = Omit<World, "seen" | "told">;

const CELL_ID = /cell-\d+/g;

/** Reads everything, once all was answered: what was accepted is stored by then. */
export async function look({ server, known }: Stage): Promise<Stored> {
  const { store, chat } = server.server;
  const { principal } = known("admin");
  const stored = new Set<string>();
  await Promise.all(
    (await conversationsOf({ server, known })).map(async (conversation) => {
      const asked = { principal, conversation, limit: 200 };
      const { items, events } = await store.execute("history", asked);
      for (const { message } of items) stored.add(message);
      for (const { type, by, reason = "" } of events) {
        stored.add(`${type} ${conversation} ${by?.id ?? ""} ${reason}`);
      }
      for (const { note } of await store.execute("notes", asked)) stored.add(note);
    }),
  );
  const statuses = await store.execute("agentStatuses", null);
  const responses = await store.execute("cannedResponses", { principal });
  return {
    stored,
    statuses: new Set(statuses.map(({ user }) => user)),
    shortcuts: new Set(responses.map(({ shortcut }) => shortcut)),
    pages: new Set(chat.presence.customers().flatMap(({ page }) => page?.url ?? [])),
  };
}

async function conversationsOf({ server, known }: Pick<Stage, "server" | "known">): Promise<string[]> {
  const ids: string[] = [];
  let before: string | undefined;
  do {
    const page = await server.server.store.execute("conversations", {
      ...{ principal: known("admin").principal, limit: 200 },
      ...(before === undefined ? {} : { before }),
    });
    ids.push(...page.items.map(({ id }) => id));
    before = page.next;
  } while (before !== undefined);
  return ids;
}

/** `listener` hears the events of every conversation that is taken. */
export function hear(actors: readonly Actor[], listener: Actor): Pick<World, "seen" | "told"> {
  const seen = new Set<string>();
  for (const { wire } of actors) {
    for (const { command, headers, body } of wire.frames) {
      // A refusal repeats what was asked, to who asked it.
      if (command !== "MESSAGE" || headers.has("code")) continue;
      const own = new Set(["subscription", "receipt-id"]);
      const sent = [...headers.entries()].flatMap(([name, value]) => (own.has(name) ? [] : value));
      for (const [id] of `${sent.join(" ")} ${Buffer.from(body).toString()}`.matchAll(CELL_ID)) seen.add(id);
    }
  }
  const events = listener.wire.frames.filter(({ headers }) => headers.get("subscription") === "events");
  const told = events.map((frame) => {
    const { type, data } = JSON.parse(bodyOf(frame)) as {
      readonly type: string;
      readonly data: { readonly conversation?: string; readonly user?: { readonly id: string } };
    };
    return `${type} ${String(data.conversation)} ${data.user?.id ?? ""}`;
  });
  return { seen, told: new Set(told) };
}
