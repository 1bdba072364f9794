/** Which origins may talk to the server: listed ones and its own, compared exactly. */
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { describe, expect, it } from "vitest";
import { createOriginPolicy } from "../../../src/adapters/http/origins.ts";

function requestTo(host: string | undefined, { isTls = false } = {}): IncomingMessage {
  const socket = new Socket();
  const request = new IncomingMessage(isTls ? new TLSSocket(socket) : socket);
  if (host !== undefined) request.headers.host = host;
  return request;
}

const FOREIGN = [
  "null",
  "",
  "*",
  "https://evil.example",
  "http://shop.example.com",
  "https://shop.example.com:8443",
  "https://shop.example.com/",
  "https://shop.example.com.",
  "https://SHOP.example.com",
  "https://shop.example.com.evil.example",
  "https://evil.shop.example.com",
  "https://evilshop.example.com",
  "https://shop.example.com@evil.example",
  "https://shop.example.com, https://evil.example",
  "file://",
  "constructor",
];

describe("the listed origins", () => {
  const isAllowed = createOriginPolicy({
    publicUrl: undefined,
    allowedOrigins: ["https://shop.example.com", "http://localhost:8080"],
  });
  const request = requestTo("chat.example.com");

  it("are allowed, whatever the Host", () => {
    expect(isAllowed("https://shop.example.com", request)).toBe(true);
    expect(isAllowed("http://localhost:8080", requestTo(undefined))).toBe(true);
  });

  it.each(FOREIGN)("do not make %j one of them", (origin) => {
    expect(isAllowed(origin, request)).toBe(false);
  });
});

describe("the server's own origin", () => {
  const none = { publicUrl: undefined, allowedOrigins: [] };

  it.each<[string, string, boolean, boolean]>([
    ["http://127.0.0.1:3000", "127.0.0.1:3000", false, true],
    ["http://chat.example.com", "chat.example.com", false, true],
    ["https://chat.example.com", "chat.example.com", true, true],
    ["http://[::1]:3000", "[::1]:3000", false, true],
    ["http://127.0.0.1:3001", "127.0.0.1:3000", false, false],
    ["http://localhost:3000", "127.0.0.1:3000", false, false],
    ["https://chat.example.com", "chat.example.com", false, false],
    ["http://chat.example.com", "chat.example.com", true, false],
    ["null", "null", false, false],
  ])("without PUBLIC_URL is scheme and Host: %s at %s, TLS %s: %s", (origin, host, isTls, isOwn) => {
    expect(createOriginPolicy(none)(origin, requestTo(host, { isTls }))).toBe(isOwn);
  });

  it("is nobody's without a Host", () => {
    expect(createOriginPolicy(none)("http://undefined", requestTo(undefined))).toBe(false);
  });

  const publicUrl = "https://shop.example.com/support";
  const isAllowed = createOriginPolicy({ publicUrl, allowedOrigins: ["https://partner.example"] });

  it("is PUBLIC_URL's where that is set, besides the listed ones", () => {
    expect(isAllowed("https://shop.example.com", requestTo("127.0.0.1:3000"))).toBe(true);
    expect(isAllowed("https://partner.example", requestTo("127.0.0.1:3000"))).toBe(true);
  });

  it("is not the Host's where PUBLIC_URL is set: whoever points a name here chooses that", () => {
    expect(isAllowed("http://evil.example", requestTo("evil.example"))).toBe(false);
    expect(isAllowed("http://127.0.0.1:3000", requestTo("127.0.0.1:3000"))).toBe(false);
  });

  it.each(FOREIGN)("as PUBLIC_URL does not make %j its own", (origin) => {
    expect(isAllowed(origin, requestTo("shop.example.com"))).toBe(false);
  });
});
