/** 2M: what the product promises over STOMP. */
import { expect } from "vitest";
import { point } from "./point.ts";
import { headerOf, tell, useStage } from "./stage.ts";
import type { Version } from "../../src/stomp/commands.ts";
import type { TestClient } from "../helpers/test-chat.ts";

const stage = useStage();

const guest = (version: Version): Promise<TestClient> => stage.chat.connect(stage.chat.guest(), { version });
const agent = async (version: Version): Promise<TestClient> =>
  stage.chat.connect(await stage.chat.agent(), { version });

point(
  "#103 a ChatMessage reaches every session of its receiver, stored before its RECEIPT",
  async (version) => {
    const customer = await guest(version);
    const anna = await agent(version);
    await customer.say("support", "hello");
    await anna.say(customer.id, "welcome");
    const annasPhone = await stage.chat.connect(anna.principal, { version });
    const receipt = await customer.say("support", "how are you?");
    expect(headerOf(receipt, "seq")).toBe("3");
    const shown = { userFrom: customer.id, userTo: "support", message: "how are you?", seq: 3 };
    for (const client of [anna, annasPhone]) {
      expect(client.bodiesOn("messages").at(-1)).toMatchObject(shown);
    }
    const query = {
      principal: anna.principal,
      conversation: headerOf(receipt, "conversation") ?? "",
      limit: 10,
    };
    const { items } = await stage.chat.store.execute("history", query);
    expect(items.map(({ message }) => message)).toEqual(["hello", "welcome", "how are you?"]);
  },
);

point("#103 what is no ChatMessage is refused, and stored nowhere", async (version) => {
  const customer = await guest(version);
  const good = { userFrom: customer.id, userTo: "support", message: "hello" };
  for (const [body, code] of [
    ["", "EMPTY_BODY"],
    ["{", "BAD_JSON"],
    [[], "BAD_TYPE"],
    [{ ...good, message: undefined }, "MISSING_FIELD"],
    [{ ...good, message: 1 }, "BAD_TYPE"],
    [{ ...good, message: " " }, "EMPTY_MESSAGE"],
    [{ ...good, message: "x".repeat(4001) }, "MESSAGE_TOO_LONG"],
    [{ ...good, colour: "blue" }, "UNKNOWN_FIELD"],
    [{ ...good, userFrom: "A".repeat(22) }, "FORBIDDEN_SENDER"],
    [{ ...good, userTo: "A".repeat(22) }, "FORBIDDEN_RECEIVER"],
  ] as const) {
    expect(await customer.send("/chat/message", body), code).toBeUndefined();
    expect(customer.refusals().at(-1)).toBe(code);
  }
  expect(headerOf(await customer.say("support", "hello"), "seq")).toBe("1");
});

point("#104 /user/queue/messages is the caller's own", async (version) => {
  const [one, other] = [await guest(version), await guest(version)];
  const anna = await agent(version);
  await one.say("support", "hello");
  await anna.say(one.id, "for one alone");
  expect([one.texts(), other.texts()]).toEqual([["for one alone"], []]);
});

point("#104 any other spelling, another user's queue and patterns are refused", async (version) => {
  const victim = await guest(version);
  for (const curious of [await guest(version), await agent(version)]) {
    const spellings = [
      `/user/${victim.id}/queue/messages`,
      `/user/queue/messages/${victim.id}`,
      `/user/queue/messages-user${victim.id}`,
      "/user/queue/*",
      "/user/**",
      "/user/queue/messages/",
      "/user//queue/messages",
      "/user/./queue/messages",
      "/User/queue/messages",
      "/user/queue/%6dessages",
      "/user/queue/none",
      "user/queue/messages",
    ];
    for (const destination of spellings) {
      expect(await curious.subscribe("x", destination), destination).toBeUndefined();
      expect(await curious.send(destination, "{}"), destination).toBeUndefined();
    }
    const codes = ["FORBIDDEN_DESTINATION", "BAD_DESTINATION", "UNKNOWN_DESTINATION"];
    expect(curious.refusals()).toHaveLength(2 * spellings.length);
    expect(codes).toEqual(expect.arrayContaining(curious.refusals()));
  }
});

point("#105 MESSAGE shows the name that was subscribed", async (version) => {
  const customer = await guest(version);
  const anna = await agent(version);
  await customer.say("support", "hello");
  await anna.say(customer.id, "welcome");
  await tell(customer, "SEND\ndestination:/nowhere\n\nx^@");
  for (const name of ["messages", "events", "errors"]) {
    const shown = customer.messagesOn(name).map((frame) => headerOf(frame, "destination"));
    expect(new Set(shown)).toEqual(new Set([`/user/queue/${name}`]));
  }
});

point("#106 the topic tells of each session's connect and disconnect once", async (version) => {
  const desk = await agent(version);
  await desk.subscribe("desk", "/chat/topic/support");
  const customer = stage.chat.guest();
  const [one, two] = [
    await stage.chat.connect(customer, { version }),
    await stage.chat.connect(customer, { version }),
  ];
  one.connection.vanish();
  await tell(two, "DISCONNECT\n\n^@");
  two.connection.vanish();
  await tell(desk);
  const events = desk.bodiesOn("desk").map((event) => {
    const { user, sessions } = event["data"] as { user?: { id: string }; sessions?: number };
    return [event["type"], user?.id, sessions];
  });
  expect(events).toEqual([
    ["snapshot", undefined, undefined],
    ["customer.connected", customer.id, 1],
    ["customer.connected", customer.id, 2],
    ["customer.disconnected", customer.id, 1],
    ["customer.disconnected", customer.id, 0],
  ]);
});

point("#106 it tells nothing of a CONNECT that fails", async (version) => {
  const desk = await agent(version);
  await desk.subscribe("desk", "/chat/topic/support");
  await stage.open("CONNECT\naccept-version:1.2\nlogin:nobody\npasscode:x\n\n^@");
  await stage.open("CONNECT\naccept-version:9.9\n\n^@");
  expect(desk.bodiesOn("desk").map(({ type }) => type)).toEqual(["snapshot"]);
});

point("#106 staff alone subscribe, nobody may SEND", async (version) => {
  const topic = "/chat/topic/support";
  for (const role of ["agent", "supervisor", "admin"] as const) {
    const client = await stage.chat.connect(await stage.chat.agent(role), { version });
    expect(await client.subscribe("desk", topic), role).toBeDefined();
    expect(await client.send(topic, "{}"), role).toBeUndefined();
    expect(client.refusals()).toEqual(["FORBIDDEN_DESTINATION"]);
  }
  const bot = await stage.chat.connect(stage.chat.service("chat"), { version });
  expect(await bot.subscribe("desk", topic)).toBeDefined();
  const outsiders = [stage.chat.guest(), stage.chat.service("topics", "queues", "api")];
  for (const outsider of outsiders) {
    const client = await stage.chat.connect(outsider, { version });
    expect(await client.subscribe("desk", topic)).toBeUndefined();
    expect(await client.send(topic, "{}")).toBeUndefined();
    expect(client.refusals().slice(-2)).toEqual(["FORBIDDEN_DESTINATION", "FORBIDDEN_DESTINATION"]);
  }
});
