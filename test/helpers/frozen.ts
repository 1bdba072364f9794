/** A page whose scripts stand still while the browser goes on, as browsers do with tabs that nobody looks at. */
import type { Page } from "playwright-core";

const BUSY_MS = 500;

/** Stops the process that runs the page's scripts; nothing may be asked of the page until the returned function was called. */
export async function freeze(page: Page): Promise<() => void> {
  const pid = await processOf(page);
  process.kill(pid, "SIGSTOP");
  return () => {
    process.kill(pid, "SIGCONT");
  };
}

/** The process that works while the page does. */
async function processOf(page: Page): Promise<number> {
  const session = await page.context().browser()?.newBrowserCDPSession();
  if (session === undefined) throw new Error("the page has no browser");
  const times = async (): Promise<ReadonlyMap<number, number>> => {
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    const renderers = processInfo.filter(({ type }) => type === "renderer");
    return new Map(renderers.map(({ id, cpuTime }) => [id, cpuTime]));
  };
  const before = await times();
  await page.evaluate(`for (const end = performance.now() + ${BUSY_MS}; performance.now() < end; );`);
  const worked = [...(await times())].map(([id, time]) => [id, time - (before.get(id) ?? 0)] as const);
  await session.detach();
  const [busiest] = worked.toSorted(([, one], [, other]) => other - one);
  if (busiest === undefined) throw new Error("the browser has no process of a page");
  return busiest[0];
}
