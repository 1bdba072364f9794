/** When a browser gives a reason to look after the connection. */
import { expect, it } from "vitest";
import { watchBrowser } from "../../../../src/web/client/browser-signs.ts";

function fakeWindow(): EventTarget & { document: EventTarget & { hidden: boolean } } {
  return Object.assign(new EventTarget(), { document: Object.assign(new EventTarget(), { hidden: false }) });
}

it("it is the network's return and the page's being seen again, until the end of it", () => {
  const window = fakeWindow();
  const { document } = window;
  let looks = 0;
  const end = watchBrowser(() => (looks += 1), window);
  window.dispatchEvent(new Event("online"));
  expect(looks).toBe(1);
  document.hidden = true;
  document.dispatchEvent(new Event("visibilitychange"));
  expect(looks).toBe(1);
  document.hidden = false;
  document.dispatchEvent(new Event("visibilitychange"));
  expect(looks).toBe(2);
  end();
  window.dispatchEvent(new Event("online"));
  document.dispatchEvent(new Event("visibilitychange"));
  expect(looks).toBe(2);
});

it("a program without a window goes without", () => {
  expect(() => {
    watchBrowser(() => undefined, {})();
  }).not.toThrow();
});
