/** What the console shows, without a browser to show it: its state against a real server. */
import { vi } from "vitest";
import { AGENT_PASSCODE, until } from "./running-server.ts";
import type { ConversationSummary } from "../../src/chat/wire.ts";
import type { DeskState } from "../../src/web/client/index.ts";
import type { RunningServer } from "./running-server.ts";

type Value<Of> = { value: Of; readonly subscribe: (seen: (value: Of) => void) => () => void };
type Row = { readonly summary: ConversationSummary; readonly preview: string };

/** The part of `console/state.ts` that tests look at: as a browser's module it has types of its own. */
export type ConsoleState = {
  readonly connection: Value<{ readonly status: string }>;
  readonly lists: Value<Readonly<Record<"mine" | "waiting" | "all", readonly Row[]>>>;
  readonly desk: Value<DeskState | undefined>;
  readonly current: Value<ConversationSummary | undefined>;
  readonly select: (id: string | undefined) => Promise<void>;
  readonly connect: (signedIn: unknown) => () => void;
};

const CONSOLE = new URL("../../src/web/console/", import.meta.url);
const load = async <Module>(file: string): Promise<Module> =>
  (await import(new URL(file, CONSOLE).pathname)) as Module;

/** Signs an agent in and waits until the lists were read; `end` signs out, and there is one at a time. */
export async function openConsole(
  server: RunningServer,
  login: string,
): Promise<{ readonly state: ConsoleState; readonly end: () => void }> {
  vi.stubGlobal("location", { origin: server.url });
  const [state, { session }] = await Promise.all([
    load<ConsoleState>("state.ts"),
    load<{ session: Value<unknown> }>("session.ts"),
  ]);
  const { body } = await server.post("/api/sessions", { login, passcode: AGENT_PASSCODE });
  session.value = body;
  const disconnect = state.connect(body);
  await until("the console is online", () => state.connection.value.status === "online");
  const end = (): void => {
    disconnect();
    session.value = undefined;
    vi.unstubAllGlobals();
  };
  return { state, end };
}
