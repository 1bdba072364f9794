/** The page that a visitor looks at: what is told of it, and when. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { connectionLost, ChatRefusal } from "../../../../src/web/client/refusal.ts";
import { fitPage, Visits } from "../../../../src/web/client/visits.ts";

const SHOP = "https://shop.example.com/";

describe("a page", () => {
  it("is told with title and referrer", () => {
    const page = { url: `${SHOP}tea?kind=green#new`, title: "Tea", referrer: "https://search.example/" };
    expect(fitPage(page)).toEqual(page);
  });

  it("is told without credentials", () => {
    const page = { url: "https://me:secret@shop.example.com/", referrer: "http://me@other.example/" };
    expect(fitPage(page)).toEqual({ url: SHOP, referrer: "http://other.example/" });
  });

  it("loses its query and fragment where it would be too long, and is not told where that is not enough", () => {
    expect(fitPage({ url: `${SHOP}?${"q".repeat(2048)}#x` })).toEqual({ url: SHOP });
    expect(fitPage({ url: SHOP + "p".repeat(2048) })).toBeUndefined();
    expect(fitPage({ url: SHOP, referrer: SHOP + "p".repeat(2048) })).toEqual({ url: SHOP });
  });

  it.each(["", "tea", "/tea", "about:blank", "file:///home/me", "javascript:alert(1)", "data:,x"])(
    "of the address %j is none, and no referrer",
    (url) => {
      expect(fitPage({ url })).toBeUndefined();
      expect(fitPage({ url: SHOP, referrer: url })).toEqual({ url: SHOP });
    },
  );

  it("has a title that is not empty, not too long and made of whole characters", () => {
    expect(fitPage({ url: SHOP, title: "  " })).toEqual({ url: SHOP });
    expect(fitPage({ url: SHOP, title: "x".repeat(300) })?.title).toHaveLength(256);
    expect(fitPage({ url: SHOP, title: `${"x".repeat(255)}🍵` })?.title).toBe("x".repeat(255));
  });
});

describe("telling it", () => {
  const told: string[] = [];
  let isOnline = true;
  let answer: () => Promise<unknown> = () => Promise.resolve();
  const visits = (): Visits =>
    new Visits({
      isOnline: () => isOnline,
      send: (destination, body) => {
        told.push(`${destination} ${(JSON.parse(body) as { url: string }).url}`);
        return answer();
      },
    });
  const settled = (): Promise<void> => vi.advanceTimersByTimeAsync(0).then(() => undefined);

  beforeEach(() => {
    vi.useFakeTimers();
    told.length = 0;
    isOnline = true;
    answer = () => Promise.resolve();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("waits for a connection, and is done again with each", async () => {
    const mine = visits();
    isOnline = false;
    mine.set({ url: `${SHOP}1` });
    mine.set({ url: `${SHOP}2` });
    expect(told).toEqual([]);
    isOnline = true;
    mine.connected();
    await settled();
    mine.connected();
    await settled();
    expect(told).toEqual([`/chat/page ${SHOP}2`, `/chat/page ${SHOP}2`]);
  });

  it("is done once for a page, one page at a time, and skips those that were left meanwhile", async () => {
    let done = (): void => undefined;
    answer = () => new Promise<void>((resolve) => (done = resolve));
    const mine = visits();
    for (const name of ["1", "2", "3", "3"]) mine.set({ url: SHOP + name });
    expect(told).toEqual([`/chat/page ${SHOP}1`]);
    done();
    await settled();
    done();
    await settled();
    mine.set({ url: `${SHOP}3` });
    await settled();
    expect(told).toEqual([`/chat/page ${SHOP}1`, `/chat/page ${SHOP}3`]);
  });

  it("is tried again, with the page of then, when the server has no time for it", async () => {
    answer = () =>
      Promise.reject(new ChatRefusal({ code: "RATE_LIMITED", message: "slower", retryAfterMs: 5000 }));
    const mine = visits();
    mine.set({ url: `${SHOP}1` });
    await settled();
    answer = () => Promise.resolve();
    await vi.advanceTimersByTimeAsync(4999);
    expect(told).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(told).toEqual([`/chat/page ${SHOP}1`, `/chat/page ${SHOP}1`]);
  });

  it("is left at that when it is refused, and the next page is told", async () => {
    answer = () => Promise.reject(new ChatRefusal({ code: "FORBIDDEN", message: "no" }));
    const mine = visits();
    mine.set({ url: `${SHOP}1` });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told).toHaveLength(1);
    mine.set({ url: `${SHOP}2` });
    await settled();
    expect(told).toHaveLength(2);
  });

  it("stops with the connection and goes on with the next", async () => {
    answer = () => {
      isOnline = false;
      return Promise.reject(connectionLost());
    };
    const mine = visits();
    mine.set({ url: `${SHOP}1` });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told).toHaveLength(1);
    [isOnline, answer] = [true, () => Promise.resolve()];
    mine.connected();
    await settled();
    expect(told).toHaveLength(2);
  });
});
