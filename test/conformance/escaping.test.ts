/** 2B: what is escaped, in which version, and what a version cannot write. */
import { expect } from "vitest";
import { settled } from "../helpers/test-chat.ts";
import { point } from "./point.ts";
import { accept, expectEnd, headerOf, tell, textsOn, useStage } from "./stage.ts";

const stage = useStage();

point(
  "#22 escapes are decoded: a 1.0 subscriber, who knows none, is shown what they stand for",
  async (version) => {
    const plain = await stage.listen("1.0", "/topic/a:b\\c");
    const client = await stage.join(version);
    await tell(client, "SEND\ndestination:/topic/a\\cb\\\\c\nlines:one\\ntwo\nnot:\\\\n\n\nx^@");
    const [message] = plain.messagesOn("s");
    expect(headerOf(message, "not")).toBe("\\n");
    // 1.0 cannot write the LF that it was decoded to.
    expect(headerOf(message, "lines")).toBe("one two");
  },
);

point(
  "#22 1.2 decodes an escaped CR",
  async (version) => {
    const old = await stage.listen("1.1");
    await tell(await stage.join(version), "SEND\ndestination:/topic/a\nlines:one\\r\\ntwo\n\nx^@");
    expect(headerOf(old.messagesOn("s")[0], "lines")).toBe("one \ntwo");
  },
  ["1.2"],
);

point("#22 an escape that the version does not define ends the connection", async (version) => {
  const wrong = ["\\t", "a\\", "\\N", "\\0", "\\:", ...(version === "1.1" ? ["\\r"] : [])];
  for (const value of wrong) {
    const client = await stage.listen(version);
    await tell(client, `SEND\ndestination:/topic/a\nk:${value}\n\nx^@`);
    expectEnd(client, "BAD_ESCAPE", 1002, value);
    expect(textsOn(client)).toEqual([]);
  }
});

point("#23 nothing is escaped or decoded", async (version) => {
  const client = await stage.listen(version);
  await tell(client, "SEND\ndestination:/topic/a\npath:C:\\new\\rest\\t\\\n\n^@");
  expect(client.connection.wire).toContain("\npath:C:\\new\\rest\\t\\\n");
});

point("#24 CONNECT, STOMP and CONNECTED are never escaped", async (version) => {
  stage.chat.guest("a\\cb\\t:c");
  for (const command of ["CONNECT", "STOMP"]) {
    const connection = await stage.open(`${command}\n${accept(version)}login:a\\cb\\t:c\n\n^@`);
    expect(connection.wire).toMatch(/^CONNECTED\n(?:.+\n)*user-name:a\\cb\\t:c\n/);
  }
});

point("#25 each subscriber gets the message in its own version's encoding", async (version) => {
  const reader = await stage.listen(version);
  const sender = await stage.join("1.2");
  await tell(sender, "SEND\ndestination:/topic/a\nlines:1\\r\\n2\npath:C\\c\\\\new\n\nbody^@");
  await tell(sender, "SEND\ndestination:/topic/a\na\\cb:colon\nc\\nd:line\n\nnames^@");
  expect(textsOn(reader)).toEqual(["body", "names"]);
  const expected = {
    "1.0": ["\nlines:1  2\n", "\npath:C:\\new\n"],
    "1.1": ["\nlines:1 \\n2\n", "\npath:C\\c\\\\new\n", "\na\\cb:colon\n", "\nc\\nd:line\n"],
    "1.2": ["\nlines:1\\r\\n2\n", "\npath:C\\c\\\\new\n", "\na\\cb:colon\n", "\nc\\nd:line\n"],
  }[version];
  for (const line of expected) expect(reader.connection.wire).toContain(line);
  if (version === "1.0") expect(reader.connection.wire).not.toMatch(/colon|\bline\b/);
});

point("#25 a CR that is legal in the sender's version breaks no receiver's frame", async (version) => {
  const reader = await stage.listen(version);
  for (const from of ["1.0", "1.1"] as const) {
    await tell(await stage.join(from), "SEND\ndestination:/topic/a\nk:a\rb\n\nx^@");
  }
  expect(textsOn(reader)).toEqual(["x", "x"]);
  expect(reader.connection.wire).not.toContain("\r");
});

point("#26 names are decoded and escaped like values", async (version) => {
  const client = await stage.listen(version);
  const receipt = client.pipeline("SEND\ndestination:/topic/a\nna\\cme\\\\:value\n", "x");
  await settled();
  expect(client.receiptOf(receipt)).toBeDefined();
  expect(headerOf(client.messagesOn("s")[0], "na:me\\")).toBe("value");
  expect(client.connection.wire).toContain("\nna\\cme\\\\:value\n");
  await tell(client, "SEND\ndestination:/topic/a\nna\\tme:value\n\nx^@");
  expectEnd(client, "BAD_ESCAPE");
});
