/** Queries that the server wants to have later. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Api } from "../../../../src/web/client/api.ts";
import type { ChatRefusal } from "../../../../src/web/client/refusal.ts";

const PAGE = { items: [], events: [], position: "p" };

let answers: Response[];
let asked: number[];
let api: Api;

beforeEach(() => {
  vi.useFakeTimers();
  answers = [];
  asked = [];
  const fetch = (): Promise<Response> => {
    asked.push(Date.now());
    return Promise.resolve(answers.shift() ?? tooFast(2));
  };
  api = new Api("http://chat.test", fetch, () => "token");
});
afterEach(() => {
  vi.useRealTimers();
});

function tooFast(seconds: number): Response {
  const headers = { "retry-after": String(seconds) };
  return new Response(JSON.stringify({ code: "RATE_LIMITED", message: "Too many requests." }), {
    status: 429,
    headers,
  });
}

const codeOf = (query: Promise<unknown>): Promise<string> =>
  query.then(
    () => "answered",
    (error: unknown) => (error as ChatRefusal).code,
  );

it("are asked again when the server says, and nobody hears of it", async () => {
  answers = [tooFast(2), tooFast(1), new Response(JSON.stringify(PAGE))];
  const began = Date.now();
  const page = api.history("c", {});
  await vi.advanceTimersByTimeAsync(3000);
  expect(await page).toEqual(PAGE);
  expect(asked.map((at) => at - began)).toEqual([0, 2000, 3000]);
});

it("are given up after ten attempts", async () => {
  const outcome = codeOf(api.history("c", {}));
  await vi.advanceTimersByTimeAsync(60_000);
  expect([await outcome, asked.length]).toEqual(["RATE_LIMITED", 10]);
});

it("are not asked again for somebody who has gone, nor after any other refusal", async () => {
  const outcome = codeOf(api.history("c", {}));
  await vi.advanceTimersByTimeAsync(0);
  api.abandon();
  await vi.advanceTimersByTimeAsync(60_000);
  expect([await outcome, asked.length]).toEqual(["CONNECTION_LOST", 1]);
  answers = [new Response(JSON.stringify({ code: "NOT_FOUND", message: "-" }), { status: 404 })];
  asked = [];
  expect([await codeOf(api.history("c", {})), asked.length]).toEqual(["NOT_FOUND", 1]);
});
