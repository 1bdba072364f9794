/** A hundred sessions that read up what they missed hold up nobody who is there. */
import { afterEach, expect, it } from "vitest";
import { WebSocket } from "ws";
import { LoadClient } from "../helpers/load-client.ts";
import { ServerProcess } from "../helpers/server-process.ts";

const SESSIONS = 100;
const MISSED = 1500;
/** Of the RECEIPTs of a session that is there, while they read. */
const P99_MS = 100;
/** A machine with other work may take four times as long. */
const PATIENCE = 4;
const QUIET_MESSAGES = 200;

let server: ServerProcess;
afterEach(async () => {
  await server.remove();
});

/** Reads as a plain client would and looks at nothing: resolves when as many messages have come. */
function replay(passcode: string, since: string): Promise<void> {
  const webSocket = new WebSocket(server.webSocketUrl, { perMessageDeflate: false });
  let messages = 0;
  webSocket.on("open", () => {
    webSocket.send(
      `CONNECT\naccept-version:1.2\npasscode:${passcode}\n\n\0` +
        `SUBSCRIBE\nid:m\ndestination:/user/queue/messages\nsince:${since}\n\n\0`,
    );
  });
  return new Promise((resolve, reject) => {
    webSocket.on("message", (data: Buffer) => {
      for (let at = data.indexOf("MESSAGE\n"); at >= 0; at = data.indexOf("MESSAGE\n", at + 1)) messages += 1;
      if (messages >= MISSED) {
        webSocket.close();
        resolve();
      }
    });
    webSocket.on("close", () => {
      if (messages < MISSED) reject(new Error(`the connection closed after ${messages} messages`));
    });
    webSocket.on("error", reject);
  });
}

/** Says one thing after the other until told to stop; the times of the RECEIPTs in ms. */
async function talk(client: LoadClient, isOver: (said: number) => boolean): Promise<readonly number[]> {
  const times: number[] = [];
  while (!isOver(times.length)) {
    const began = performance.now();
    await client.say("support", String(times.length));
    times.push(performance.now() - began);
  }
  return times;
}

function p99(times: readonly number[]): number {
  return times.toSorted((one, other) => one - other)[Math.floor(times.length * 0.99)] ?? Infinity;
}

it(`${SESSIONS} sessions that each read ${MISSED} messages let others write at once`, async () => {
  server = new ServerProcess({ RATE_LIMITS: "off" });
  await server.start();
  await server.addAgent("anna");
  const passcode = await server.openSession("anna");
  const [anna, customer, healthy] = await Promise.all([
    LoadClient.connect(server.webSocketUrl, { passcode }),
    LoadClient.connect(server.webSocketUrl),
    LoadClient.connect(server.webSocketUrl),
  ]);
  await customer.say("support", "Hello");
  const receipt = await anna.say(customer.id, "Hello");
  const since = receipt.headers.get("position") ?? "";
  anna.close();
  await Promise.all(Array.from({ length: MISSED }, (_, index) => customer.say("support", String(index))));

  const quiet = p99(await talk(healthy, (said) => said >= QUIET_MESSAGES));
  let isRead = false;
  const began = performance.now();
  const reading = Promise.all(Array.from({ length: SESSIONS }, () => replay(passcode, since)));
  const read = reading.then(() => {
    isRead = true;
    return Math.round(performance.now() - began);
  });
  const times = await talk(healthy, () => isRead);
  const busy = p99(times);
  console.log(
    `${SESSIONS} sessions read ${MISSED} messages each in ${await read} ms; RECEIPT p99 of another session ` +
      `${quiet.toFixed(1)} ms before, ${busy.toFixed(1)} ms meanwhile (${times.length} messages, most ${Math.max(...times).toFixed(0)} ms)`,
  );
  expect(busy).toBeLessThan(PATIENCE * P99_MS);
  healthy.close();
  customer.close();
});
