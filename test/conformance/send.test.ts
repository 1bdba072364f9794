/** 2F: what becomes of a SEND. */
import { expect } from "vitest";
import { point } from "./point.ts";
import { expectEnd, headerOf, tell, textsOn, useStage } from "./stage.ts";

const stage = useStage();

point("#52 a missing or blank destination ends the connection", async (version) => {
  for (const line of ["", "destination:\n", "destination: \n", "Destination:/topic/a\n"]) {
    const client = await stage.join(version);
    await tell(client, `SEND\n${line}\nx^@`);
    expectEnd(client, "MISSING_DESTINATION", 1002, line);
  }
});

point(
  "#53 the sender's headers pass, those that are the server's or about the SEND do not",
  async (version) => {
    for (const destination of ["/topic/a", "/queue/a"]) {
      const client = await stage.listen(version, destination);
      await client.request("BEGIN\ntransaction:t\n", "");
      const own = "colour:blue\ncontent-type:text/plain\npriority:9\n";
      const kept = "transaction:t\nlogin:me\npasscode:secret\nmessage-id:m\nsubscription:x\nack:y\n";
      await client.request(`SEND\ndestination:${destination}\n${own}${kept}content-length:1\n`, "x");
      await client.request("COMMIT\ntransaction:t\n", "");
      const headers = Object.fromEntries(client.messagesOn("s")[0]?.headers.entries() ?? []);
      expect(headers, destination).toEqual({
        destination,
        subscription: "s",
        "message-id": expect.stringMatching(/^[\w-]{22}$/),
        colour: "blue",
        "content-type": "text/plain",
        priority: "9",
        "content-length": "1",
      });
    }
  },
);

point("#53 reply-to of a temporary queue becomes an address, any other passes", async (version) => {
  const client = await stage.listen(version, "/queue/a");
  for (const name of ["/temp-queue/answers", "/queue/answers"]) {
    await client.request(`SEND\ndestination:/queue/a\nreply-to:${name}\n`, "x");
  }
  const [first, second] = client.messagesOn("s").map((frame) => headerOf(frame, "reply-to"));
  expect(first).toMatch(/^\/queue\/reply-to\/[\w-]{22,}$/);
  expect(second).toBe("/queue/answers");
});

point("#53 chat destinations pass none", async (version) => {
  const guest = await stage.chat.connect(stage.chat.guest(), { version });
  const agent = await stage.chat.connect(await stage.chat.agent(), { version });
  await guest.say("support", "hello");
  const body = JSON.stringify({ userFrom: agent.id, userTo: guest.id, message: "hi" });
  await tell(agent, `SEND\ndestination:/chat/message\ncolour:blue\nown:true\nseq:99\n\n${body}^@`);
  const [message] = guest.messagesOn("messages");
  expect([...(message?.headers.entries() ?? [])].map(([name]) => name).sort()).toEqual([
    "content-length",
    "content-type",
    "conversation",
    "destination",
    "message-id",
    "position",
    "seq",
    "subscription",
  ]);
  expect(headerOf(message, "seq")).toBe("2");
});

/** SENDs of an agent that fail, each with what it is told. */
const REFUSED = [
  ["SEND\ndestination:/nowhere\n\nx^@", "UNKNOWN_DESTINATION"],
  ["SEND\ndestination:/topic/a//b\n\nx^@", "BAD_DESTINATION"],
  ["SEND\ndestination:/chat/topic/support\n\nx^@", "FORBIDDEN_DESTINATION"],
  ["SEND\ndestination:/user/queue/messages\n\nx^@", "FORBIDDEN_DESTINATION"],
  ["SEND\ndestination:/chat/message\n\n{}^@", "MISSING_FIELD"],
  ["SEND\ndestination:/chat/message\n\nnot json^@", "BAD_JSON"],
] as const;

point("#54 a SEND that fails is ERROR and close for a session that takes no refusals", async (version) => {
  for (const [input, code] of REFUSED) {
    const client = await stage.join(version);
    await tell(client, input);
    expectEnd(client, code, 1008, input);
  }
});

point("#54 one that subscribed to refusals gets them, and goes on", async (version) => {
  const client = await stage.listen(version);
  await client.subscribe("errors", "/user/queue/errors");
  await tell(client, ...REFUSED.map(([input]) => input), "SEND\ndestination:/topic/a\n\nstill here^@");
  expect(client.refusals()).toEqual(REFUSED.map(([, code]) => code));
  expect([textsOn(client), client.connection.closedWith]).toEqual([["still here"], undefined]);
});

point("#54 a frame over its limit is ERROR and close for every session", async (version) => {
  const client = await stage.join(version);
  await client.subscribe("errors", "/user/queue/errors");
  const { maxFrameBodyBytes } = stage.chat.broker.limits;
  await tell(client, `SEND\ndestination:/topic/a\n\n${"x".repeat(maxFrameBodyBytes + 1)}^@`);
  expectEnd(client, "FRAME_TOO_LARGE", 1009);
});

point("#55 a transaction that is not open ends the connection", async (version) => {
  const client = await stage.listen(version);
  await tell(client, "SEND\ndestination:/topic/a\ntransaction:none\n\nx^@");
  expectEnd(client, "UNKNOWN_TRANSACTION", 1002);
  expect(client.messagesOn("s")).toEqual([]);
});

point("#56 MESSAGE has the destination of the SEND", async (version) => {
  const client = await stage.listen(version, "/topic/**");
  await client.subscribe("q", "/queue/a");
  for (const destination of ["/topic/a", "/topic/a/b", "/queue/a"]) {
    await client.request(`SEND\ndestination:${destination}\n`, "x");
  }
  const destinations = ["s", "q"]
    .flatMap((id) => client.messagesOn(id))
    .map((frame) => headerOf(frame, "destination"));
  expect(destinations).toEqual(["/topic/a", "/topic/a/b", "/queue/a"]);
});

point("#57 a subscriber gets its own messages too", async (version) => {
  for (const destination of ["/topic/a", "/queue/a"]) {
    const client = await stage.listen(version, destination);
    await client.request(`SEND\ndestination:${destination}\n`, "mine");
    expect(textsOn(client), destination).toEqual(["mine"]);
    client.connection.vanish();
  }
});

point("#57 a mailbox gives them to the user's other sessions", async (version) => {
  const guest = stage.chat.guest();
  const [writing, other] = [
    await stage.chat.connect(guest, { version }),
    await stage.chat.connect(guest, { version }),
  ];
  await writing.say("support", "mine");
  expect([writing.texts(), other.texts()]).toEqual([[], ["mine"]]);
});
