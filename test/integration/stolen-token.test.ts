/** A guest's token that somebody stole: what it opens, on every way in, and until when. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { ALL_TRANSPORTS, Wire } from "../authorisation/wires.ts";
import { bodyOf } from "../helpers/memory-connection.ts";
import { RawClient } from "../helpers/raw-client.ts";
import { AGENT_PASSCODE, until } from "../helpers/running-server.ts";
import { Stage } from "../helpers/stage.ts";

const SECOND = 1000;
const MORE_THAN_A_MINUTE = 61 * SECOND;
const FEED_EVERY_MS = 10;
const EVERYWHERE = [...ALL_TRANSPORTS, "HTTP"];

let stage: Stage;
let agent: RawClient;

beforeAll(async () => {
  stage = await Stage.start({ STOMP_TCP_PORT: "0" });
  agent = await RawClient.connect(stage.server.webSocketUrl, { login: "anna", passcode: AGENT_PASSCODE });
});
afterAll(() => stage.close());

const connect = (token: string): Promise<RawClient> =>
  RawClient.connect(stage.server.webSocketUrl, { passcode: token });
const nextToken = ({ connected }: RawClient): string => connected.get("token") ?? "";

/** A guest who has written, and with whom an agent is talking. */
async function newGuest(): Promise<RawClient> {
  const guest = await (await connect("")).subscribeAll();
  await guest.say("support", "hello");
  await agent.say(guest.id, "good day");
  return guest;
}

/** A session on each transport, listening where it is let in. */
function enter(token: string): Promise<Wire[]> {
  const ports = { http: stage.server.port, tcp: stage.server.tcpPort };
  const opened = ALL_TRANSPORTS.map(async (transport) => {
    const wire = await Wire.open(transport, ports);
    wire.send([
      `CONNECT\naccept-version:1.2\nAuthorization:Bearer ${token}\n\n^@`,
      "SUBSCRIBE\nid:messages\ndestination:/user/queue/messages\nreceipt:subscribed\n\n^@",
    ]);
    await wire.answered(["subscribed"]);
    return wire;
  });
  return Promise.all(opened);
}

/** Where the token is somebody's. */
async function opens(token: string): Promise<string[]> {
  const wires = await enter(token);
  const { status } = await stage.server.get("/api/conversations", token);
  for (const wire of wires) wire.close();
  return EVERYWHERE.filter(
    (_, index) =>
      wires[index]?.frames[0]?.command === "CONNECTED" || (index === wires.length && status === 200),
  );
}

/** The status of exchanging the guest's token for the identity of a customer. */
async function identify(customer: string, guestToken: string): Promise<number> {
  const jwt = await stage.siteToken(customer);
  return (await stage.server.post("/api/identify", { jwt, guestToken })).status;
}

const heard = (wires: readonly Wire[], text: string): boolean =>
  wires.every(({ frames }) => frames.some((frame) => bodyOf(frame).includes(text)));

it("opens nothing a minute after the owner used the newer one; sessions that are open go on", async () => {
  let [stolen, newer, thieves]: [string, string, Wire[]] = ["", "", []];
  let owner: RawClient | undefined;
  await stage.ago(MORE_THAN_A_MINUTE, async () => {
    owner = await newGuest();
    stolen = nextToken(owner);
    thieves = await enter(stolen);
    newer = nextToken(await connect(stolen));
    expect((await connect(newer)).id).toBe(owner.id);
    expect(await opens(stolen)).toEqual(EVERYWHERE);
  });
  expect(await opens(stolen)).toEqual([]);
  expect(await identify("mallory", stolen)).toBe(401);
  expect(await opens(newer)).toEqual(EVERYWHERE);

  await agent.say(owner?.id ?? "", "still there?");
  await until("the owner's first tab has it", () => owner?.texts().at(-1) === "still there?");
  await until("so do all that came with the older token", () => heard(thieves, "still there?"));
  for (const wire of thieves) wire.close();
  await owner?.close();
});

it("is nothing within a second of the owner's identifying, whatever its generation, and its sessions are over", async () => {
  const owner = await newGuest();
  const stolen = nextToken(owner);
  const thieves = await enter(stolen);
  const newer = nextToken(await connect(stolen));
  const feed = setInterval(() => void agent.say(owner.id, "in flight"), FEED_EVERY_MS);
  await until("messages are in flight", () => heard(thieves, "in flight"));

  const began = performance.now();
  expect(await identify("carla", newer)).toBe(200);
  await Promise.all(thieves.map((wire) => wire.until(() => false)));
  expect(performance.now() - began).toBeLessThan(SECOND);
  clearInterval(feed);
  const ends = thieves.map(({ frames }) => frames.at(-1)?.headers.get("code"));
  expect(ends).toEqual(ALL_TRANSPORTS.map(() => "REVOKED"));
  await until("so is the owner's as a guest", () => owner.closed !== undefined);
  for (const token of [stolen, newer]) {
    expect(await opens(token)).toEqual([]);
    expect(await identify("mallory", token)).toBe(401);
  }
  expect(await identify("carla", newer)).toBe(200);
});
