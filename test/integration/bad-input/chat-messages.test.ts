/** Every ChatMessage of the catalogue is answered as it says, and what is refused is stored nowhere and reaches nobody. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { RawClient } from "../../helpers/raw-client.ts";
import { until } from "../../helpers/running-server.ts";
import { Canary } from "./canary.ts";
import { MESSAGE } from "./catalogue/message.ts";
import { playFrames } from "./frame-cases.ts";

/** The frames' own tests show that a body is the same over every transport. */
const OVER = ["WebSocket", "xhr-streaming"] as const;

let canary: Canary;

beforeAll(async () => {
  canary = await Canary.start();
});
afterAll(() => canary.stop());

for (const [number, { what, frames = [] }] of Object.entries(MESSAGE)) {
  it.each(frames.map((frameCase) => [frameCase.name, frameCase] as const))(
    `#${number} ${what}: %s`,
    (_name, frameCase) => playFrames(canary, { over: OVER, ...frameCase }),
  );
}

it("a text is stored and delivered as it was sent", async () => {
  const url = canary.server.webSocketUrl;
  const guest = await RawClient.connect(url);
  const tab = await RawClient.connect(url, { passcode: guest.connected.get("token") ?? "" });
  await tab.subscribe("messages", "/user/queue/messages");
  const texts = [
    "x".repeat(4000),
    "😀".repeat(4000),
    "<script>alert(1)</script> & \"quotes\" 'single' \\ / **bold**",
    `\u202eright to left\u202c, e\u0301 and \u00e9, a${"\u0300".repeat(1000)}`,
    "tab\tand\nline",
  ];
  for (const text of texts) await guest.say("support", text);
  await until("the other tab has all", () => tab.texts().length === texts.length);
  expect(tab.texts()).toEqual(texts);
  await Promise.all([guest.close(), tab.close()]);
});
