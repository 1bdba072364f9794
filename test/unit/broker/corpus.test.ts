/** Every frame of the fuzzers' corpus, and every input that once crashed: cut at every octet it does what it does whole. */
import { expect, it } from "vitest";
import { CORPUS, frameText } from "../../fuzz/corpus.ts";
import { keptCrashes } from "../../fuzz/crashes.ts";
import { MemoryConnection } from "../../helpers/memory-connection.ts";
import { settled, TestChat } from "../../helpers/test-chat.ts";

const CONNECT =
  "CONNECT\naccept-version:1.2\nlogin:AGENT\n\n^@SUBSCRIBE\nid:e\ndestination:/user/queue/errors\n\n^@";

type Input = { readonly name: string; readonly before: string; readonly octets: Uint8Array };

/** Cutting a long input costs more than it shows. */
const MAX_CUTS = 400;

function inputs(): Input[] {
  const frames = CORPUS.map((frame) => ({
    name: frameText(frame).split("\n", 2).join(" "),
    // A CONNECT is a session's first frame.
    before: /^(?:CONNECT|STOMP)$/.test(frame.command) ? "" : CONNECT,
    octets: Buffer.from(frameText(frame)),
  }));
  const crashes = keptCrashes().map(({ name, input }) => ({ name, before: "", octets: input }));
  return [...frames, ...crashes];
}

/** Commands and codes of what was answered, and how it ended, for these pieces. */
async function outcome(input: Input, cut: number): Promise<unknown> {
  const chat = new TestChat();
  const agent = await chat.agent();
  const connection = new MemoryConnection(chat.broker);
  connection.send(input.before.replace("AGENT", agent.id));
  await settled(3);
  for (const piece of [input.octets.subarray(0, cut), input.octets.subarray(cut)]) {
    connection.send(piece);
    await settled(1);
  }
  await settled(6);
  const answers = connection.frames.map(({ command, headers }) => [command, headers.get("code")]);
  const { closedWith } = connection;
  expect(chat.errors).toEqual([]);
  chat.close();
  return { answers, closedWith };
}

it.each(inputs())("$name", async (input) => {
  const whole = await outcome(input, 0);
  const cuts = Array.from({ length: Math.min(input.octets.length, MAX_CUTS) }, (_, index) => index + 1);
  const outcomes = await Promise.all(cuts.map((cut) => outcome(input, cut)));
  expect(new Set(outcomes.map((one) => JSON.stringify(one)))).toEqual(new Set([JSON.stringify(whole)]));
});
