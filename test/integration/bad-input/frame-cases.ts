/** Plays a frame case against a server and looks at the answer. */
import { expect } from "vitest";
import { bodyOf } from "../../helpers/memory-connection.ts";
import { AGENT_PASSCODE, until } from "../../helpers/running-server.ts";
import { TRANSPORTS } from "./catalogue/row.ts";
import { openPeer } from "./peers.ts";
import type { Frame } from "../../../src/stomp/frame.ts";
import type { Canary } from "./canary.ts";
import type { Accepts, FrameCase, Refuses, TransportName } from "./catalogue/row.ts";
import type { Peer } from "./peers.ts";

const LISTEN = "SUBSCRIBE\nid:errors\ndestination:/user/queue/errors\n\n^@";
/** Refused by itself: its refusal says that all before it is answered. */
const LAST = "SEND\ndestination:/nowhere\nreceipt:last\n\n^@";

/**
 * Plays it over all its transports at once, a refusal also to sessions that do not listen to errors; then nothing is
 * stored that should not be, and the canary sings.
 */
export async function playFrames(canary: Canary, frameCase: FrameCase): Promise<void> {
  const { answer, over = TRANSPORTS } = frameCase;
  const before = canary.rows;
  const plays = over.map((transport) => play(canary, frameCase, transport, true));
  if ("refuses" in answer && frameCase.isListening !== true)
    plays.push(...over.map((transport) => play(canary, frameCase, transport, false)));
  await Promise.all(plays);
  if (!("accepts" in answer && answer.stores)) expect(canary.rows, "nothing was stored").toEqual(before);
  await canary.isWell();
}

async function play(
  canary: Canary,
  frameCase: FrameCase,
  over: TransportName,
  isListening: boolean,
): Promise<void> {
  const peer = await openPeer(canary.server, over);
  try {
    await tell(canary, peer, frameCase, isListening);
    await expectAnswer(peer, frameCase.answer, isListening);
  } catch (error) {
    throw new Error(`over ${over}${isListening ? "" : ", unheard"}: ${String(error)}`, { cause: error });
  } finally {
    peer.end();
  }
}

async function expectAnswer(peer: Peer, answer: FrameCase["answer"], isListening: boolean): Promise<void> {
  if ("ends" in answer) await expectEnd(peer, answer);
  else if ("accepts" in answer) await expectAcceptance(peer, answer);
  else if (isListening) await expectRefusal(peer, answer);
  else await expectEnd(peer, { ends: answer.refuses, close: 1008 });
}

async function tell(
  canary: Canary,
  peer: Peer,
  { input, isFirst, as, answer, version = "1.2" }: FrameCase,
  isListening: boolean,
): Promise<void> {
  let id = "";
  if (isFirst !== true) {
    const who = as === "agent" ? `login:canary\npasscode:${AGENT_PASSCODE}\n` : "";
    peer.send(`CONNECT\naccept-version:${version}\n${who}\n^@${isListening ? LISTEN : ""}`);
    await until("CONNECTED", () => peer.frames.length > 0);
    id = peer.frames[0]?.headers.get("user-name") ?? "";
  }
  for (const part of input) peer.send(typeof part === "string" ? filled(canary, part, id) : part);
  if ("refuses" in answer && isListening) peer.send(LAST);
}

function filled(canary: Canary, text: string, id: string): string {
  return text
    .replaceAll("STRANGER", canary.id)
    .replaceAll("AGENT", canary.agentId)
    .replaceAll("EPOCH", canary.epoch)
    .replaceAll(/"ME( ?)"/g, `"${id}$1"`);
}

const framesOf = (peer: Peer, command: string): Frame[] =>
  peer.frames.filter((frame) => frame.command === command);

/** What a peer is told says nothing of our insides, and of its own input 64 characters at most. */
function expectDenial(frame: Frame | undefined, code: string, hint: string | undefined): void {
  const text = bodyOf(frame!);
  expect(frame?.headers.get("code")).toBe(code);
  expect(frame?.headers.get("content-type")).toBe("application/json");
  expect(JSON.parse(text)).toMatchObject({ code, message: expect.any(String) });
  if (hint !== undefined) expect(String((JSON.parse(text) as { hint?: string }).hint)).toContain(hint);
  expect(text).not.toMatch(/\n\s*at |\.ts:|node_modules/);
  expect(text.length).toBeLessThan(600);
}

async function expectEnd(
  peer: Peer,
  { ends, close, hint }: { readonly ends: string; readonly close: number; readonly hint?: string },
): Promise<void> {
  await until(
    `ERROR ${ends}, and the close`,
    () => framesOf(peer, "ERROR").length > 0 && peer.closed() !== undefined,
  );
  const [error, ...more] = framesOf(peer, "ERROR");
  expectDenial(error, ends, hint);
  expect(error?.headers.get("message")?.split(" ")[0]).toBe(ends);
  expect(more).toEqual([]);
  expect(peer.frames.at(-1)).toBe(error);
  expect(framesOf(peer, "RECEIPT")).toEqual([]);
  expect([close, undefined]).toContain(peer.closed()?.code);
}

async function expectRefusal(peer: Peer, { refuses, field, hint }: Refuses): Promise<void> {
  const refusals = (): Frame[] =>
    framesOf(peer, "MESSAGE").filter(({ headers }) => headers.get("subscription") === "errors");
  await until("the refusal, and that of the last frame", () => refusals().length === 2);
  const [refusal, last] = refusals();
  expectDenial(refusal, refuses, hint);
  if (field !== undefined) expect(JSON.parse(bodyOf(refusal!))).toMatchObject({ field });
  expect(last?.headers.get("receipt-id")).toBe("last");
  expect(framesOf(peer, "ERROR")).toEqual([]);
  expect(peer.closed()).toBeUndefined();
}

async function expectAcceptance(peer: Peer, { accepts, connected = {} }: Accepts): Promise<void> {
  await until("the RECEIPT", () => framesOf(peer, "RECEIPT").length > 0);
  const receipt = framesOf(peer, "RECEIPT")[0]?.headers;
  expect(Object.fromEntries(receipt?.entries() ?? [])).toMatchObject({ ...accepts, "receipt-id": "ok" });
  const headers = [...(framesOf(peer, "CONNECTED")[0]?.headers.entries() ?? [])];
  expect(Object.fromEntries(headers)).toMatchObject(connected);
  expect(new Set(headers.map(([name]) => name)).size, "each header once").toBe(headers.length);
  expect(framesOf(peer, "ERROR")).toEqual([]);
}
