/** A server's wall clock that jumps: an hour back, a day ahead, past 2038. Nothing is reordered, no session ends. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { preload } from "../helpers/preload.ts";
import { RawClient } from "../helpers/raw-client.ts";
import { until } from "../helpers/running-server.ts";
import { ServerProcess } from "../helpers/server-process.ts";

const HOUR_MS = 60 * 60 * 1000;
const BEAT_MS = 200;
/** Several times what ends a session without heart-beats. */
const STAY_MS = 1500;
const JUMPS = [
  { what: "an hour back", by: () => -HOUR_MS },
  { what: "a day ahead", by: () => 24 * HOUR_MS },
  { what: "past 2038", by: () => Date.UTC(2038, 0, 20) - Date.now() },
  { what: "home again", by: () => 0 },
] as const;

const folder = mkdtempSync(join(tmpdir(), "customer-chat-"));
const clockFile = join(folder, "clock");
writeFileSync(clockFile, "0");
const server = new ServerProcess(
  { CLOCK_FILE: clockFile, HEARTBEAT_MS: String(BEAT_MS) },
  preload("shifted-clock"),
);
const beats: NodeJS.Timeout[] = [];

beforeAll(async () => {
  await server.start();
  await server.addAgent("anna");
});
afterAll(async () => {
  for (const beat of beats) clearInterval(beat);
  await server.remove();
  rmSync(folder, { recursive: true });
});

/** Lives as long as it sends heart-beats. */
async function enter(passcode?: string): Promise<RawClient> {
  const heartBeat = { "heart-beat": `${BEAT_MS},${BEAT_MS}` };
  const client = await RawClient.connect(
    server.webSocketUrl,
    passcode === undefined ? heartBeat : { ...heartBeat, passcode },
  );
  beats.push(
    setInterval(() => {
      client.send("\n");
    }, BEAT_MS / 2),
  );
  return client.subscribeAll();
}

async function historyOf(conversation: string, token: string): Promise<readonly Record<string, unknown>[]> {
  const response = await fetch(`${server.url}/api/conversations/${conversation}/messages`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(response.status).toBe(200);
  return ((await response.json()) as { items: readonly Record<string, unknown>[] }).items;
}

it("is no reason to end a session, to refuse its token, to forget, or to reorder", async () => {
  const token = await server.openSession("anna");
  const [anna, guest] = [await enter(token), await enter()];
  const first = await anna.say(guest.id, "0");
  const conversation = first?.headers.get("conversation") ?? "";
  const since = `since:${first?.headers.get("position") ?? ""}\n`;
  const said = ["0"];

  for (const { what, by } of JUMPS) {
    writeFileSync(clockFile, String(by()));
    for (const speaker of [guest, anna]) {
      said.push(`${said.length} ${what}`);
      const receipt = await speaker.say(speaker === guest ? "support" : guest.id, said.at(-1) ?? "");
      expect(receipt?.headers.get("conversation")).toBe(conversation);
      expect(Number(receipt?.headers.get("seq"))).toBe(said.length);
    }
    await new Promise((resolve) => setTimeout(resolve, STAY_MS));
    expect({ what, anna: anna.closed, guest: guest.closed }).toEqual({ what });

    expect((await historyOf(conversation, token)).map(({ message }) => message)).toEqual(said);
    const guestToken = guest.connected.get("token");
    for (const passcode of [token, guestToken]) {
      const back = await RawClient.connect(server.webSocketUrl, { passcode: passcode ?? "" });
      expect(back.id).toBe(passcode === token ? anna.id : guest.id);
      const receipt = await back.subscribe("messages", "/user/queue/messages", since);
      expect(receipt?.headers.get("recovered")).toBe("true");
      await until("the replay", () => back.texts().length === said.length - 1);
      expect(back.texts()).toEqual(said.slice(1));
      await back.close();
    }
  }

  const times = (await historyOf(conversation, token)).map(({ sentAt }) => String(sentAt));
  expect(times.filter((time) => time.startsWith("2038-01-20"))).toHaveLength(2);
  expect(times).not.toEqual(times.toSorted());
});
