/** One line per request, readable also where it failed. */
import { createServer } from "node:http";
import { Writable } from "node:stream";
import { pino } from "pino";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createRequestLog } from "../../../src/adapters/observability/logger.ts";
import type { AddressInfo } from "node:net";

const lines: string[] = [];
const sink = new Writable({
  write: (chunk, _encoding, done) => {
    lines.push(String(chunk));
    done();
  },
});
const log = createRequestLog(pino({ level: "debug" }, sink));
const server = createServer((request, response) => {
  log(request, response);
  response.statusCode = request.url?.startsWith("/readyz") === true ? 503 : 200;
  response.end();
});

beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => {
  server.close();
});

const lineOf = async (path: string): Promise<Record<string, unknown>> => {
  lines.length = 0;
  await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
  return JSON.parse(
    await expect
      .poll(() => lines[0])
      .toBeDefined()
      .then(() => lines[0] ?? "{}"),
  ) as never;
};

it("has the method, the path without its query and the status", async () => {
  expect(await lineOf("/api/conversations?token=secret")).toMatchObject({
    req: { method: "GET", path: "/api/conversations" },
    res: { statusCode: 200 },
  });
  expect(lines.join("")).not.toContain("secret");
});

it("says in words what failed", async () => {
  expect(await lineOf("/readyz")).toMatchObject({
    res: { statusCode: 503 },
    err: { name: "Error", message: "failed with status code 503" },
  });
});
