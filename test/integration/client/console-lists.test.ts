/** The console's lists while much happens at once, against the real server. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { openConsole } from "../../helpers/console-state.ts";
import { guestsWrote } from "../../helpers/guests.ts";
import { connectClient } from "../../helpers/people.ts";
import { AGENT_PASSCODE, RunningServer, until } from "../../helpers/running-server.ts";
import type { ChatClient } from "../../../src/web/client/index.ts";

let server: RunningServer;
let bert: ChatClient;
/** A chat that began before anna came. */
let earlier: string;
let anna: Awaited<ReturnType<typeof openConsole>>;

const credentials = (login: string): Parameters<typeof connectClient>[1] => ({
  credentials: { login, passcode: AGENT_PASSCODE },
  desk: true,
});

beforeEach(async () => {
  server = await RunningServer.start();
  for (const login of ["anna", "bert"]) await server.addAgent(login);
  bert = await connectClient(server.url, credentials("bert"));
  [earlier = ""] = await guestsWrote(server.server.store, 1);
  await bert.claim(earlier);
  anna = await openConsole(server, "anna");
  // What the page reads for itself is there: from now on events alone tell of more.
  await until("the list was read", () => all().includes(earlier));
});
afterEach(async () => {
  anna.end();
  await bert.stop();
  await server.remove();
});

const all = (): string[] => anna.state.lists.value.all.map(({ summary }) => summary.id);
const counts = (): unknown => anna.state.desk.value?.counts;

it("a chat that began after the page was loaded never leaves its lists, nor the pane, when a colleague takes it", async () => {
  const [chat = ""] = await guestsWrote(server.server.store, 1);
  await until("it waits", () => all().includes(chat));
  void anna.state.select(chat);
  const seen = new Set<string>();
  const ends = [
    anna.state.lists.subscribe((lists) => seen.add(`${lists.all.length} chats`)),
    anna.state.current.subscribe((current) => seen.add(`${current?.id} is open`)),
  ];
  await bert.claim(chat);
  await until("nobody waits", () => anna.state.desk.value?.counts.waiting === 0);
  for (const end of ends) end();
  expect([...seen]).toEqual(["2 chats", `${chat} is open`]);
  expect(anna.state.current.value?.assignee?.name).toBe("bert");
  expect(counts()).toMatchObject({ waiting: 0, active: 2 });
});

it("each chat says what was written last, whether it was there before, is a colleague's or has just begun, the newest first", async () => {
  const [mine = ""] = await guestsWrote(server.server.store, 1);
  await until("it waits", () => all().includes(mine));
  const cleo = await connectClient(server.url, credentials("anna"));
  await cleo.claim(mine);
  await cleo.stop();
  const rows = (): unknown[] => anna.state.lists.value.all.map(({ preview }) => preview);
  await until("it was read", () => rows().includes("question 0") && all().length === 2);
  anna.end();
  anna = await openConsole(server, "anna");
  await until("the lists were read", () => all().length === 2);
  expect([all(), rows()]).toEqual([
    [mine, earlier],
    ["question 0", "question 0"],
  ]);
});

it("of 300 chats that a colleague takes at once the newest hundred are listed, after a query every two seconds at most, and the selected one stays", async () => {
  const asked = vi.fn<typeof fetch>(fetch);
  vi.stubGlobal("fetch", asked);
  const start = performance.now();
  const chats = await guestsWrote(server.server.store, 300);
  await until("all wait", () => chats.every((chat) => all().includes(chat)));
  await anna.state.select(chats[150]);
  await Promise.all(chats.map((chat) => bert.claim(chat)));
  await until("nobody waits", () => anna.state.desk.value?.counts.waiting === 0);
  await until("the page was read", () => all().length === 100);
  expect(new Set(all())).toEqual(new Set(chats.slice(-100)));
  expect(anna.state.lists.value.all.map(({ summary }) => summary.assignee?.name)).toEqual(
    Array.from({ length: 100 }, () => "bert"),
  );
  await until("the selected one is bert's", () => anna.state.current.value?.assignee?.name === "bert");
  expect(anna.state.current.value?.id).toBe(chats[150]);
  const queries = asked.mock.calls.filter(
    ([url]) => typeof url === "string" && url.includes("/api/conversations?"),
  );
  expect(queries.length).toBeLessThanOrEqual(1 + (performance.now() - start) / 2000);
});
