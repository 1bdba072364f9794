/** Histories as a client walks them: to their end, whatever the pages hold. */
import { expect, it } from "vitest";
import { Api } from "../../../../src/web/client/api.ts";
import { History } from "../../../../src/web/client/history.ts";
import { Transcripts } from "../../../../src/web/client/transcripts.ts";
import type { MessageBody } from "../../../../src/chat/wire.ts";

/** Of long messages, in pages of a server that sends no more. */
const ON_SERVER = 100;
const FITTING = 32;

const bodyOf = (seq: number): MessageBody => ({
  userFrom: "other",
  userTo: "support",
  message: `m${seq}`,
  id: `id-${seq}`,
  conversation: "c1",
  seq,
  sentAt: new Date(seq * 1000).toISOString(),
});

it("is walked on behind a page that has fewer messages than were asked for", async () => {
  const api = new Api(
    "http://127.0.0.1",
    (url) => {
      const after = Number(new URL(new Request(url).url).searchParams.get("after"));
      const count = Math.min(FITTING, ON_SERVER - after);
      const items = Array.from({ length: count }, (_, index) => bodyOf(after + index + 1));
      return Promise.resolve(Response.json({ items, events: [], position: "e-0" }));
    },
    () => undefined,
  );
  const transcripts = new Transcripts();
  transcripts.merge("c1", { items: [bodyOf(1)], events: [], isFirst: true }, "me");
  const history = new History(
    api,
    transcripts,
    () => "me",
    () => undefined,
  );
  await history.catchUp("c1");
  expect(transcripts.lastSeq("c1")).toBe(ON_SERVER);
});
