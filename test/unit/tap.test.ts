/** The tap on what customers are sent: it looks at all of it, and finds what is not for them. */
import { afterEach, expect, it } from "vitest";
import { composeBody, Message } from "../../src/broker/message.ts";
import { Tap } from "../helpers/tap/tap.ts";
import { tapped } from "../helpers/tap/this-process.ts";
import { settled, TestChat } from "../helpers/test-chat.ts";
import type { Note } from "../../src/chat/wire.ts";

const GUEST = { id: "guest-1", kind: "guest" } as const;
const AGENT = { id: "agent-1", kind: "agent", role: "agent", name: "Anna" } as const;
const SUMMARY = {
  id: "c1",
  state: "active",
  customer: GUEST,
  assignee: AGENT,
  lastSeq: 1,
  version: 2,
} as const;
const NOTE: Note = {
  id: "n1",
  conversation: "c1",
  number: 1,
  author: AGENT,
  note: 'knows "nothing" of it',
  writtenAt: "",
  afterSeq: 1,
};
const BODY = {
  userFrom: AGENT.id,
  userTo: GUEST.id,
  message: "hello",
  id: "m1",
  conversation: "c1",
  seq: 1,
  sentAt: "",
};

let chat: TestChat | undefined;
afterEach(() => chat?.close());

/** A MESSAGE to the guest, as the broker writes it. */
function frame(destination: string, body: unknown, headers: readonly [string, string][] = []): string {
  const recipient = {
    version: "1.2",
    destination,
    subscription: "s",
    ack: undefined,
    carriesBinary: true,
  } as const;
  return new Message("id", headers, composeBody(body)).frameFor(recipient).text ?? "";
}

const event = (type: string, data: unknown): string => frame("/user/queue/events", { type, at: "", data });

function found(...frames: readonly string[]): readonly string[] {
  const tap = new Tap();
  for (const one of frames) tap.sawFrame(one, GUEST, false);
  return tap.takeFindings();
}

it("lets pass what a customer may see", () => {
  expect(
    found(
      frame("/user/queue/messages", BODY),
      event("conversation.assigned", { conversation: SUMMARY, by: AGENT, afterSeq: 0 }),
      event("typing", { conversation: "c1", user: AGENT, typing: true }),
      "\n",
    ),
  ).toEqual([]);
});

it.each([
  ["a topic of the desk", frame("/chat/topic/support", { type: "snapshot" })],
  ["a general destination", frame("/topic/prices", {})],
  ["a command that there is not", "NEWS\n\n\0"],
  ["an event about the team", event("agent.status", { user: AGENT, status: "away" })],
  ["a note as an event", event("note.written", NOTE)],
  ["a note in place of a message", frame("/user/queue/messages", NOTE)],
  [
    "a member of an event more than there should be",
    event("typing", { conversation: "c1", user: AGENT, typing: true, login: "anna" }),
  ],
  [
    "what is known of an agent",
    event("typing", { conversation: "c1", user: { ...AGENT, login: "anna" }, typing: true }),
  ],
  [
    "the desk's preview",
    event("conversation.opened", { conversation: SUMMARY, afterSeq: 0, preview: "hello" }),
  ],
  [
    "a header of the desk's",
    frame("/user/queue/events", { type: "support.availability", at: "", data: { available: true } }, [
      ["rev", "a-1"],
    ]),
  ],
  [
    "another customer",
    event("typing", { conversation: "c1", user: { id: "guest-2", kind: "guest" }, typing: true }),
  ],
  ["a message between others", frame("/user/queue/messages", { ...BODY, userTo: "guest-2" })],
])("finds %s", (_, stray) => {
  expect(found(stray)).toHaveLength(1);
});

it("finds the text of a note in a message that came before it was known, and in one behind it", () => {
  const tap = new Tap();
  const leak = frame("/user/queue/messages", { ...BODY, message: `${NOTE.note}, really` });
  tap.sawFrame(leak, GUEST, false);
  tap.sawFact({ type: "note.written", note: NOTE });
  tap.sawFrame(leak, GUEST, false);
  expect(tap.takeFindings()).toHaveLength(2);
});

it("looks at the answers to customers, and to those who show no token", () => {
  const tap = new Tap();
  tap.sawToken("of a guest", GUEST);
  tap.sawToken("of an agent", AGENT);
  const notes = { path: "/api/conversations/c1/notes", status: 200, body: JSON.stringify({ items: [NOTE] }) };
  tap.sawAnswer(notes, "of an agent");
  expect(tap.takeFindings()).toEqual([]);
  tap.sawAnswer(notes, "of a guest");
  tap.sawAnswer(notes, undefined);
  const detail = { ...SUMMARY, deliveredSeq: 0, readSeq: 0, unread: 0, openedAt: "", position: "e-0" };
  const path = "/api/conversations/c1";
  tap.sawAnswer({ path, status: 200, body: JSON.stringify(detail) }, "of a guest");
  expect(tap.takeFindings()).toHaveLength(2);
  const context = { userAgent: "a browser" };
  tap.sawAnswer({ path, status: 200, body: JSON.stringify({ ...detail, context }) }, "of a guest");
  const refusal = { code: "NOT_FOUND", message: "", note: NOTE.note };
  tap.sawAnswer({ path, status: 404, body: JSON.stringify(refusal) }, "of a guest");
  expect(tap.takeFindings()).toHaveLength(2);
});

it("finds nothing wrong with words of a note that somebody said in a message", () => {
  const tap = new Tap();
  tap.sawFact({ type: "note.written", note: NOTE });
  const message = { ...BODY, message: NOTE.note };
  tap.sawFrame(frame("/user/queue/messages", message), GUEST, false);
  tap.sawFact({ type: "message.posted", message, entries: [], conversation: SUMMARY });
  expect(tap.takeFindings()).toEqual([]);
});

it("is on in this very process, for every chat there is", async () => {
  chat = new TestChat();
  const guest = await chat.connect(chat.guest());
  const other = await chat.connect(chat.guest());
  const before = tapped.frames;
  await guest.say("support", "hello");
  expect(tapped.frames).toBeGreaterThan(before);
  expect(tapped.takeFindings()).toEqual([]);
  const [opened] = guest.events("conversation.opened");
  const stray = composeBody({ type: "conversation.opened", at: "", data: opened?.data });
  chat.broker
    .sessionsOf(other.id)[0]
    ?.subscriptions.of("/user/queue/events")[0]
    ?.send(new Message("id", [], stray));
  await settled();
  expect(tapped.takeFindings()).toHaveLength(1);
});
