/** A database that breaks is told as a defect: INTERNAL with the id of the log's line, on every way in. */
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createSqliteStore } from "../../../src/adapters/stores/sqlite-store.ts";
import { RawClient } from "../../helpers/raw-client.ts";
import { embedAndListen } from "../../helpers/embedded.ts";
import { Desk } from "../../contract/desk.ts";

type Line = { readonly requestId?: string };

let directory: string;
let file: string;
let lines: Line[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "customer-chat-"));
  file = join(directory, "chat.db");
  lines = [];
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** Overwrites messages; the tables and what is small stay readable. */
function damage(): void {
  const database = openSync(file, "r+");
  writeSync(database, Buffer.alloc(20 * 4096, 0x5a), 0, 20 * 4096, statSync(file).size - 24 * 4096);
  closeSync(database);
}

it("in REST and on STOMP", async () => {
  const whole = await createSqliteStore({ file });
  const desk = new Desk(whole);
  const guest = desk.guest();
  let conversation = "";
  for (let count = 1; count <= 200; count += 1)
    ({ conversation } = await desk.post(guest, "support", "x".repeat(1000)));
  await whole.close();
  damage();

  const store = await createSqliteStore({ file });
  const silent = (): void => undefined;
  const logger = { debug: silent, info: silent, warn: silent, error: (line: Line) => void lines.push(line) };
  const { url, webSocketUrl } = await embedAndListen({
    store,
    logger,
    authenticate: () => ({ kind: "agent", login: "anna" }),
  });
  const anna = await RawClient.connect(webSocketUrl, { passcode: "any" });
  await anna.subscribeAll();
  const path = `${url}/api/conversations/${conversation}/messages?after=0&limit=200`;
  const answer = await fetch(path, { headers: { authorization: "Bearer any" } });
  const body = (await answer.json()) as { code: string; requestId: string };
  expect([answer.status, body]).toEqual([
    500,
    { code: "INTERNAL", message: expect.any(String), requestId: expect.any(String) },
  ]);
  await anna.post("/chat/history", { conversation, after: 0, limit: 200 });
  const refused = anna.bodies("errors").at(-1) as { code: string; requestId: string };
  expect(refused.code).toBe("INTERNAL");
  expect(lines.map(({ requestId }) => requestId)).toEqual([body.requestId, refused.requestId]);
});
