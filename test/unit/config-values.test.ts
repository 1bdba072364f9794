/** Values with a grammar of their own: origins, proxies, site keys and the public URL. */
import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { configOf, problemsOf } from "./loading.ts";
import type { KeyObject } from "node:crypto";

const SECRET = "4f1c9a0be27d5836a1b2c3d4e5f60718";

const pem = (key: KeyObject): string => key.export({ type: "spki", format: "pem" });
const ED25519 = generateKeyPairSync("ed25519");
const ED25519_PEM = pem(ED25519.publicKey);
const RSA_PEM = pem(generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey);

describe("ALLOWED_ORIGINS", () => {
  it.each([
    ["https://shop.example.com", ["https://shop.example.com"]],
    ["https://a.example, http://localhost:8080", ["https://a.example", "http://localhost:8080"]],
    ["http://[::1]:8080", ["http://[::1]:8080"]],
  ])("%s is taken", (value, origins) => {
    expect(configOf({ ALLOWED_ORIGINS: value }).allowedOrigins).toEqual(origins);
  });

  it.each([
    ["https://shop.example.com/", "https://shop.example.com"],
    ["https://shop.example.com/chat", "https://shop.example.com"],
    ["https://SHOP.example.com", "https://shop.example.com"],
    ["HTTPS://shop.example.com", "https://shop.example.com"],
    ["https://shop.example.com:443", "https://shop.example.com"],
    ["https://shop.example.com?x", "https://shop.example.com"],
    ["shop.example.com", "https://shop.example.com"],
    ["shop.example.com:8443/x", "https://shop.example.com:8443"],
    ["https://a.example,b.example", "https://b.example"],
  ])("%s is refused with the corrected form", (value, corrected) => {
    const problems = problemsOf({ ALLOWED_ORIGINS: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^ALLOWED_ORIGINS: .* must be written /);
    expect(problems[0]?.endsWith(` ${corrected}`)).toBe(true);
  });

  it.each(["*", "https://*", "https://*.example.com", "https://a.example,*"])(
    "%s is refused: no wild cards",
    (value) => {
      expect(problemsOf({ ALLOWED_ORIGINS: value })[0]).toContain("list the origins");
    },
  );

  it.each([
    ",",
    "https://a.example,",
    "ftp://a.example",
    "file:///x",
    "https://",
    "javascript:alert(1)",
    "  ",
  ])("%j is refused", (value) => {
    expect(problemsOf({ ALLOWED_ORIGINS: value })).toHaveLength(1);
  });
});

describe("PUBLIC_URL", () => {
  it.each([
    ["https://chat.example.com", "https://chat.example.com"],
    ["https://chat.example.com/", "https://chat.example.com"],
    ["http://127.0.0.1:3000", "http://127.0.0.1:3000"],
    ["https://example.com/support/", "https://example.com/support"],
  ])("%s is taken as %s", (value, url) => {
    expect(configOf({ PUBLIC_URL: value }).publicUrl).toBe(url);
  });

  it.each([
    ["https://CHAT.example.com", "https://chat.example.com"],
    [" https://chat.example.com", "https://chat.example.com"],
    ["https:chat.example.com", "https://chat.example.com"],
    ["https://chat.example.com:443", "https://chat.example.com"],
    ["https://chat.example.com/?x=1", "https://chat.example.com"],
    ["https://chat.example.com/#top", "https://chat.example.com"],
    ["https://chat.example.com/a/../b", "https://chat.example.com/b"],
  ])("%j is refused with the corrected form", (value, corrected) => {
    const problems = problemsOf({ PUBLIC_URL: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]?.endsWith(`must be written ${corrected}`)).toBe(true);
  });

  it.each([
    "chat.example.com",
    "localhost:3000",
    "ws://chat.example.com",
    "https://",
    "/chat",
    "https://*.a.b",
  ])("%s is refused", (value) => {
    expect(problemsOf({ PUBLIC_URL: value })).toHaveLength(1);
  });

  it("with a login in it is refused without showing it", () => {
    const problems = problemsOf({ PUBLIC_URL: "https://anna:hunter2@chat.example.com" });
    expect(problems).toHaveLength(1);
    expect(problems[0]).not.toContain("hunter2");
  });
});

describe("TRUST_PROXY", () => {
  it.each([
    ["loopback", { kind: "networks", networks: ["127.0.0.0/8", "::1/128"] }],
    ["0", { kind: "hops", hops: 0 }],
    ["2", { kind: "hops", hops: 2 }],
    ["10.0.0.0/8", { kind: "networks", networks: ["10.0.0.0/8"] }],
    ["10.0.0.7", { kind: "networks", networks: ["10.0.0.7"] }],
    ["10.0.0.0/8, fd00::/8", { kind: "networks", networks: ["10.0.0.0/8", "fd00::/8"] }],
  ])("%s is taken", (value, trust) => {
    expect(configOf({ TRUST_PROXY: value }).trustProxy).toEqual(trust);
  });

  it.each([
    ...["true", "false", "yes", "all", "*", "none", "-1", "1.5", "100", "1e1"],
    ...["10.0.0.0/33", "fd00::/129", "300.0.0.1", "10.0.0", "10.0.0.0/", "10.0.0.0/8/8", "10.0.0.0/-1"],
    ...["::::", "...", "fe80::1%eth0", "proxy.example.com", "10.0.0.0/8,", "loopback,10.0.0.0/8", "1,2"],
  ])("%s is refused", (value) => {
    const problems = problemsOf({ TRUST_PROXY: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^TRUST_PROXY: .*hop count.*CIDR/);
  });
});

describe("SITE_JWT_SECRET", () => {
  const audience = { SITE_JWT_AUDIENCE: "shop" };
  const keysOf = (value: string): unknown => configOf({ SITE_JWT_SECRET: value, ...audience }).siteKeys;

  it.each([
    ["one value", SECRET, [{ value: SECRET }]],
    ["one with a comma", `${SECRET},more`, [{ value: `${SECRET},more` }]],
    ["base64 with padding", `${"Ab1".repeat(18)}==`, [{ value: `${"Ab1".repeat(18)}==` }]],
    ["one with a kid", `a=${SECRET}`, [{ kid: "a", value: SECRET }]],
    [
      "two with kids",
      `a=${SECRET},b-2=${SECRET}==`,
      [
        { kid: "a", value: SECRET },
        { kid: "b-2", value: `${SECRET}==` },
      ],
    ],
  ])("takes %s", (_name, value, keys) => {
    expect(keysOf(value)).toEqual(keys.map((key) => ({ kind: "secret", ...key })));
  });

  it.each([
    ["31 octets", SECRET.slice(1)],
    ["white space before it", ` ${SECRET}`],
    ["white space behind it", `${SECRET}\n`],
    ["white space behind a kid", `a= ${SECRET}`],
    ["an example value", "the-secret-of-your-site-in-32-octets"],
    ["an example value, in capitals", "CHANGEME-CHANGEME-CHANGEME-CHANGEME"],
    ["a short second one", `a=${SECRET},b=short`],
    ["three keys", `a=${SECRET},b=${SECRET},c=${SECRET}`],
    ["one kid twice", `a=${SECRET},a=${SECRET.toUpperCase()}`],
    ["a public key, which everybody knows", RSA_PEM.trim()],
  ])("refuses %s and shows nothing of it", (_name, value) => {
    const problems = problemsOf({ SITE_JWT_SECRET: value, ...audience });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^SITE_JWT_SECRET: /);
    for (const shown of [SECRET.slice(1, 9), "-secret-of-", "CHANGEME", "short", RSA_PEM.slice(60, 70)]) {
      expect(problems[0]).not.toContain(shown);
    }
  });
});

describe("SITE_JWT_PUBLIC_KEY", () => {
  const audience = { SITE_JWT_AUDIENCE: "shop" };

  it.each([
    ["Ed25519", ED25519_PEM],
    ["RSA", RSA_PEM],
  ])("takes %s, also with \\n for its line ends and with a kid", (_name, key) => {
    const keysOf = (value: string): unknown => configOf({ SITE_JWT_PUBLIC_KEY: value, ...audience }).siteKeys;
    expect(keysOf(key)).toEqual([{ kind: "public", value: key }]);
    expect(keysOf(key.replaceAll("\n", "\\n"))).toEqual([{ kind: "public", value: key }]);
    expect(keysOf(`new=${key},old=${key}`)).toEqual([
      { kind: "public", kid: "new", value: key },
      { kind: "public", kid: "old", value: key },
    ]);
  });

  it.each([
    ["no PEM", SECRET],
    ["a private key", ED25519.privateKey.export({ type: "pkcs8", format: "pem" })],
    ["a PEM of garbage", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"],
    ["a PEM cut short", RSA_PEM.slice(0, 200)],
    ["an elliptic curve", pem(generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey)],
    ["RSA of 1024 bits", pem(generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey)],
  ])("refuses %s and shows nothing of it", (_name, value) => {
    const problems = problemsOf({ SITE_JWT_PUBLIC_KEY: value, ...audience });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^SITE_JWT_PUBLIC_KEY: .*\(not shown\)$/);
    expect(problems[0]).not.toContain(value.split("\n")[1] ?? value);
  });
});

describe("the audience of site tokens", () => {
  it("is SITE_JWT_AUDIENCE, else PUBLIC_URL", () => {
    const url = { PUBLIC_URL: "https://chat.example.com" };
    const audienceOf = (more: object): unknown =>
      configOf({ SITE_JWT_SECRET: SECRET, ...url, ...more }).siteAudience;
    expect(audienceOf({})).toBe("https://chat.example.com");
    expect(audienceOf({ SITE_JWT_AUDIENCE: "shop" })).toBe("shop");
  });

  it("is required with either kind of key", () => {
    const problem = "SITE_JWT_AUDIENCE: required with a site key unless PUBLIC_URL is set";
    expect(problemsOf({ SITE_JWT_SECRET: SECRET })).toEqual([problem]);
    expect(problemsOf({ SITE_JWT_PUBLIC_KEY: ED25519_PEM })).toEqual([problem]);
    expect(problemsOf({ SITE_JWT_AUDIENCE: "shop" })).toEqual([]);
  });

  it("comes with one kind of key, not both", () => {
    expect(
      problemsOf({
        SITE_JWT_SECRET: SECRET,
        SITE_JWT_PUBLIC_KEY: ED25519_PEM,
        SITE_JWT_AUDIENCE: "shop",
      }),
    ).toEqual(["SITE_JWT_SECRET, SITE_JWT_PUBLIC_KEY: set one of them, not both"]);
  });
});

describe("TOPIC_OVERFLOW", () => {
  it("is a list of patterns and choices, in order", () => {
    expect(configOf({ TOPIC_OVERFLOW: "/topic/a/*=keep-last, /topic/**=drop-oldest" }).topicOverflow).toEqual(
      [
        { pattern: "/topic/a/*", overflow: "keep-last" },
        { pattern: "/topic/**", overflow: "drop-oldest" },
      ],
    );
  });

  it.each([
    "/topic/a",
    "/topic/a=drop",
    "/topic/a=close=close",
    "/queue/a=close",
    "/topic/a*=close",
    "=close",
  ])("%s is refused", (value) => {
    expect(problemsOf({ TOPIC_OVERFLOW: value })).toHaveLength(1);
  });
});
