/** The network gone for half a minute while both sides write, in real browsers. */
import { setTimeout as pause } from "node:timers/promises";
import { expect, it } from "vitest";
import { AGENT, CUSTOMER, openMine, ownTexts, startChat, texts, write } from "../helpers/people.ts";
import { NETWORK_ERRORS, useSite } from "../helpers/site.ts";
import type { FaultProxy } from "../helpers/fault-proxy.ts";

const GONE_MS = 30_000;
const WRITE_EVERY_MS = 2000;
const NOTICED = { timeout: 15_000 };
const BACK = { timeout: 60_000 };

type Fault = {
  readonly what: string;
  /** New connections get through: the pages find out that the present ones are dead, and replace them. */
  readonly isReplaced?: boolean;
  readonly begin: (proxy: FaultProxy) => void;
  readonly end: (proxy: FaultProxy) => void;
};

const FAULTS: readonly Fault[] = [
  {
    what: "stalls",
    begin: (proxy) => {
      proxy.stall();
    },
    end: (proxy) => {
      proxy.resume();
    },
  },
  {
    what: "stalls and then breaks",
    begin: (proxy) => {
      proxy.stall();
    },
    end: (proxy) => {
      proxy.reset();
      proxy.resume();
    },
  },
  {
    what: "swallows the answers and then breaks",
    isReplaced: true,
    begin: (proxy) => {
      proxy.stallAnswers();
    },
    end: (proxy) => {
      proxy.reset();
    },
  },
  {
    what: "is cut",
    begin: (proxy) => {
      proxy.refuse(true);
      proxy.cut();
    },
    end: (proxy) => {
      proxy.refuse(false);
    },
  },
];

const site = useSite();

it.each(FAULTS)(
  "the network $what for 30 s while both write: nothing is lost, doubled or out of order",
  async ({ begin, end, isReplaced = false }) => {
    const [shop, desk] = [await site.newPage(), await site.newPage()];
    site.expectErrors(NETWORK_ERRORS);
    const panel = await startChat(shop, desk, site.url, "before");
    begin(site.proxy);
    const until = performance.now() + GONE_MS;
    let count = 0;
    while (performance.now() < until) {
      count += 1;
      await write(panel, CUSTOMER, `customer ${count}`);
      await write(desk, AGENT, `agent ${count}`);
      await pause(WRITE_EVERY_MS);
    }
    // Whatever it is, both pages know by now, or with the next look at their heart-beats.
    for (const place of [panel, desk]) {
      if (isReplaced) await expect.poll(() => place.getByText("Sending…").count(), NOTICED).toBe(0);
      else await place.getByText(/^(?:No connection|Reconnecting)/).waitFor(NOTICED);
    }
    end(site.proxy);
    await expect.poll(() => panel.getByText("Sending…").count(), BACK).toBe(0);
    await expect.poll(() => desk.getByText("Sending…").count(), BACK).toBe(0);
    await write(panel, CUSTOMER, "customer after");
    await write(desk, AGENT, "agent after");
    await expect.poll(async () => (await texts(panel)).length, BACK).toBe(2 * count + 3);
    await expect.poll(() => texts(desk), BACK).toEqual(await texts(panel));
    const of = (side: string): string[] =>
      Array.from({ length: count }, (_, index) => `${side} ${index + 1}`);
    expect(await ownTexts(panel)).toEqual(["before", ...of("customer"), "customer after"]);
    expect(await ownTexts(desk)).toEqual([...of("agent"), "agent after"]);
    const whole = await texts(panel);
    await Promise.all([shop.reload(), desk.reload()]);
    await openMine(desk);
    for (const place of [panel, desk]) await expect.poll(() => texts(place), BACK).toEqual(whole);
  },
);
