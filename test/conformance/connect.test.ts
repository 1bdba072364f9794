/** 2C: how a session begins. */
import { expect } from "vitest";
import { bodyOf } from "../helpers/memory-connection.ts";
import { point } from "./point.ts";
import { accept, expectEnd, headerOf, tell, useStage } from "./stage.ts";

const stage = useStage();

point("#27 CONNECT and STOMP begin a session", async (version) => {
  for (const command of ["CONNECT", "STOMP"]) {
    const connection = await stage.open(`${command}\n${accept(version)}host:x\n\n^@`);
    expect(connection.frames.map((frame) => [frame.command, headerOf(frame, "version")])).toEqual([
      ["CONNECTED", version],
    ]);
  }
});

point("#27 any other first frame ends the connection without effect", async (version) => {
  const reader = await stage.listen(version);
  for (const input of [
    "SEND\ndestination:/topic/a\n\nx^@",
    "SUBSCRIBE\nid:1\ndestination:/topic/a\n\n^@",
    "DISCONNECT\nreceipt:1\n\n^@",
  ]) {
    const connection = await stage.open(`${input}CONNECT\n${accept(version)}\n^@`);
    expectEnd(connection, "NOT_CONNECTED", 1008, input);
    expect(connection.frames).toHaveLength(1);
  }
  expect(reader.messagesOn("s")).toEqual([]);
});

point("#28 the highest version in common is chosen", async (version) => {
  const offers = {
    "1.0": [undefined, "1.0", "1.0,9.9", "0.9,1.0,"],
    "1.1": ["1.1", "1.0,1.1", "1.1,1.0", " 1.0 , 1.1 ", "1.1,2.0"],
    "1.2": ["1.2", "1.0,1.1,1.2", "1.2,1.1,1.0", "1.1, 1.2, 1.0", "1.3,1.2"],
  }[version];
  for (const offer of offers) {
    const line = offer === undefined ? "" : `accept-version:${offer}\n`;
    const connection = await stage.open(`CONNECT\n${line}\n^@`);
    expect(headerOf(connection.of("CONNECTED")[0], "version"), offer).toBe(version);
  }
});

point("#29 no version in common is told with ours, then the connection closes", async () => {
  for (const offer of ["9.9", "2.0,3.0", "1.20", ""]) {
    const connection = await stage.open(`CONNECT\naccept-version:${offer}\n\n^@`);
    expectEnd(connection, "UNSUPPORTED_VERSION", 1002, offer);
    const [error] = connection.of("ERROR");
    expect(headerOf(error, "version")).toBe("1.0,1.1,1.2");
    expect(bodyOf(error!)).toContain("No STOMP version in common.");
  }
});

point("#30 CONNECTED says version, session, server and heart-beat", async (version) => {
  const client = await stage.join(version);
  const [frame] = client.connection.frames;
  expect(headerOf(frame, "version")).toBe(version);
  expect(headerOf(frame, "session")).toMatch(/^[\w-]{22}$/);
  expect(headerOf(frame, "server")).toMatch(/^customer-chat\/\S+$/);
  expect(headerOf(frame, "heart-beat")).toMatch(/^\d+,\d+$/);
  const other = await stage.join(version);
  expect(headerOf(other.connection.frames[0], "session")).not.toBe(headerOf(frame, "session"));
});

point("#31 host may be missing, or be anything", async (version) => {
  for (const line of ["", "host:\n", "host:elsewhere.example\n"]) {
    const connection = await stage.open(`CONNECT\n${accept(version)}${line}\n^@`);
    expect(connection.of("CONNECTED"), line).toHaveLength(1);
  }
});

point("#32 a second CONNECT ends the connection, and what follows it has no effect", async (version) => {
  for (const command of ["CONNECT", "STOMP"]) {
    const client = await stage.listen(version);
    await tell(client, `${command}\n${accept(version)}\n^@SEND\ndestination:/topic/a\n\nx^@`);
    expectEnd(client, "ALREADY_CONNECTED", 1002, command);
    expect(client.messagesOn("s")).toEqual([]);
  }
});

point("#33 a login that is not valid is told, then the connection closes", async (version) => {
  const connection = await stage.open(`CONNECT\n${accept(version)}login:nobody\npasscode:wrong\n\n^@`);
  expectEnd(connection, "AUTH_FAILED", 1008);
  const [error] = connection.of("ERROR");
  expect(headerOf(error, "message")).toBe("AUTH_FAILED These credentials are not valid.");
  expect(bodyOf(error!)).not.toMatch(/nobody|wrong/);
});

point("#34 a receipt on CONNECT is ignored", async (version) => {
  const connection = await stage.open(`CONNECT\n${accept(version)}receipt:r\n\n^@`);
  expect(connection.frames.map(({ command }) => command)).toEqual(["CONNECTED"]);
  const long = await stage.open(`CONNECT\n${accept(version)}receipt:${"r".repeat(500)}\n\n^@`);
  expect(long.frames.map(({ command }) => command)).toEqual(["CONNECTED"]);
});

point("#35 no CONNECT in time ends the connection", async (version) => {
  const { connectTimeoutMs } = stage.chat.broker.limits;
  const silent = await stage.open();
  const slow = await stage.open("\n", `CONNECT\n${accept(version)}`);
  stage.pass(connectTimeoutMs - 1);
  slow.send("a:b\n");
  expect([silent, slow].map(({ closedWith }) => closedWith)).toEqual([undefined, undefined]);
  stage.pass(1);
  for (const connection of [silent, slow]) expectEnd(connection, "CONNECT_TIMEOUT", 1008);
});

point("#35 a login that takes too long ends the connection", async (version) => {
  const { connectTimeoutMs } = stage.chat.broker.limits;
  let judge = (): void => undefined;
  stage.chat.beforeAuthentication = new Promise((resolve) => {
    judge = resolve;
  });
  stage.pass(connectTimeoutMs - 1);
  const connection = await stage.open(`CONNECT\n${accept(version)}\n^@`);
  stage.pass(2 * connectTimeoutMs - 1);
  expect(connection.closedWith).toBeUndefined();
  stage.pass(1);
  expectEnd(connection, "RETRY_LATER", 1008);
  judge();
  await stage.open();
  expect(connection.of("CONNECTED")).toEqual([]);
  expect(stage.chat.broker.sessions.size).toBe(1);
});

point("#36 CONNECTED says who the user is", async (version) => {
  const client = await stage.join(version);
  expect(headerOf(client.connection.frames[0], "user-name")).toBe(client.id);
});
