/** Which peers count as proxies that TRUST_PROXY should have named; nobody on the Internet becomes one by a header. */
import { beforeEach, expect, it } from "vitest";
import { UnnamedProxies } from "../../../src/adapters/http/unnamed-proxies.ts";

let warnings: string[];
let proxies: UnnamedProxies;

beforeEach(() => {
  warnings = [];
  proxies = new UnnamedProxies((text) => warnings.push(text));
});

it.each(["127.0.0.1", "127.8.8.8", "::1"])("%s is this machine, and many may come from there", (address) => {
  expect(proxies.has(address)).toBe(true);
});

it.each([
  "10.1.2.3",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.0.1",
  "169.254.1.1",
  "100.64.0.1",
  "fd00::1",
  "fe80::1",
])("%s is a private address: a proxy once it sent X-Forwarded-For", (address) => {
  expect(proxies.has(address)).toBe(false);
  proxies.saw(address);
  expect(proxies.has(address)).toBe(true);
});

it.each(["203.0.113.9", "172.32.0.1", "100.128.0.1", "11.0.0.1", "2001:db8::1", "fec0::1", "", "unknown"])(
  "%j is nobody's proxy, whatever it sends",
  (address) => {
    proxies.saw(address);
    expect(proxies.has(address)).toBe(false);
  },
);

it("one private address says nothing of another", () => {
  proxies.saw("10.0.0.1");
  expect(proxies.has("10.0.0.2")).toBe(false);
});

it("no more than 64 are remembered", () => {
  for (let last = 1; last <= 65; last += 1) proxies.saw(`10.0.0.${last}`);
  expect([proxies.has("10.0.0.64"), proxies.has("10.0.0.65")]).toEqual([true, false]);
});

it("the first one is warned of by its address, and no other", () => {
  proxies.saw("192.0.2.1");
  proxies.saw("10.0.0.1");
  expect(warnings).toEqual([expect.stringMatching(/^X-Forwarded-For of 192\.0\.2\.1 .*TRUST_PROXY/)]);
});
