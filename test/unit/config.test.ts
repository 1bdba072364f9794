/** The configuration: defaults, bounds, every problem at once and a line each, near-miss names. */
import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../src/broker/limits.ts";
import { loadConfig, VARIABLES } from "../../src/config.ts";
import { configOf, problemsOf, warningsOf } from "./loading.ts";

describe("an empty environment", () => {
  it("gives the defaults, without a warning", () => {
    const { limits, ...config } = configOf({});
    expect(config).toEqual({
      port: 3000,
      host: "127.0.0.1",
      publicUrl: undefined,
      dataDir: "./data",
      allowedOrigins: [],
      trustProxy: { kind: "none" },
      adminLogin: "admin",
      adminPasscode: undefined,
      guests: true,
      siteKeys: [],
      siteAudience: undefined,
      logLevel: "info",
      rateLimits: true,
      retention: { maxMessages: 100_000, maxDays: 365 },
      auditMaxDays: 400,
      topicOverflow: [],
    });
    expect(limits).toEqual(
      Object.fromEntries(Object.entries(BOUNDS).map(([name, { fallback }]) => [name, fallback])),
    );
    expect(warningsOf({})).toEqual([]);
  });

  it("is what variables set to nothing give, too", () => {
    const empty = Object.fromEntries([...VARIABLES.keys()].map((name) => [name, ""]));
    expect(loadConfig(empty)).toEqual(loadConfig({}));
  });
});

describe("several problems", () => {
  const environment = {
    PORT: "abc",
    HOST: "256.1.1.1",
    PUBLIC_URL: "chat.example.com",
    DATABASE_URL: "postgres://chat:hunter2@db/chat",
    BACKPLANE_URL: "nats://bus",
    ALLOWED_ORIGINS: "*",
    TRUST_PROXY: "true",
    ADMIN_LOGIN: "the admin",
    ADMIN_PASSCODE: "short",
    GUESTS: "maybe",
    SITE_JWT_SECRET: "short too",
    SITE_JWT_PUBLIC_KEY: "no PEM",
    STOMP_TCP_PORT: "sixty",
    LOG_LEVEL: "verbose!!",
    RATE_LIMITS: "0",
    MAILBOX_MAX_MESSAGES: "0",
    MAILBOX_MAX_DAYS: "-1",
    ...Object.fromEntries(Object.values(BOUNDS).map(({ env }) => [env, "10kb"])),
  };

  it("are all told at once, each in a line of its own that begins with the variable", () => {
    const problems = problemsOf(environment);
    for (const name of Object.keys(environment)) {
      expect(
        problems.filter((problem) => problem.startsWith(`${name}: `)),
        name,
      ).toHaveLength(1);
    }
    expect(problems.filter((problem) => problem.includes("\n"))).toEqual([]);
  });

  it("stay a line each, whatever the value holds", () => {
    for (const name of VARIABLES.keys()) {
      const problems = problemsOf({ PORT: "-1", [name]: "a\nPORT: fine\u001b[2J\r" });
      expect(problems.join(""), name).not.toMatch(/[^\x20-\x7e]/);
    }
  });

  it("name both site keys when both are set, and the audience, even where the keys are wrong", () => {
    const problems = problemsOf({ SITE_JWT_SECRET: "short", SITE_JWT_PUBLIC_KEY: "no PEM" });
    expect(problems).toContain("SITE_JWT_SECRET, SITE_JWT_PUBLIC_KEY: set one of them, not both");
    expect(problems).toContain("SITE_JWT_AUDIENCE: required with a site key unless PUBLIC_URL is set");
  });
});

describe("numbers", () => {
  const numbers: [string, number, number][] = [
    ["PORT", 0, 65_535],
    ["MAILBOX_MAX_MESSAGES", 100, 100_000_000],
    ["MAILBOX_MAX_DAYS", 1, 36_500],
    ...Object.values(BOUNDS).map(({ env, min, max }): [string, number, number] => [env, min, max]),
  ];

  it.each(numbers)("%s is at least %d and at most %d, and a problem names the range", (name, min, max) => {
    expect(problemsOf({ [name]: String(min) })).toEqual([]);
    expect(problemsOf({ [name]: String(max) })).toEqual([]);
    for (const value of [String(min - 1), String(max + 1)]) {
      expect(problemsOf({ [name]: value })).toEqual([
        `${name}: "${value}" is no whole number from ${min} to ${max}`,
      ]);
    }
  });

  it.each(Object.entries(BOUNDS))("bound %s takes its variable's value", (name, { env, min }) => {
    expect(configOf({ [env]: String(min) }).limits).toMatchObject({ [name]: min });
  });

  it.each([
    "abc",
    "-1",
    "1e4",
    "1e12",
    "10kb",
    "0x2000",
    "8192.5",
    " 8192",
    "8192 ",
    "+8192",
    "8_192",
    "NaN",
  ])("%j is none", (value) => {
    for (const [name] of numbers) expect(problemsOf({ [name]: value }), name).toHaveLength(1);
  });

  it("of retention are set", () => {
    expect(configOf({ MAILBOX_MAX_MESSAGES: "500", MAILBOX_MAX_DAYS: "7" }).retention).toEqual({
      maxMessages: 500,
      maxDays: 7,
    });
  });
});

describe("words", () => {
  it.each(["GUESTS", "RATE_LIMITS"])("%s is on or off, nothing else", (name) => {
    for (const value of ["true", "ON", "1", "yes", "on "]) {
      expect(problemsOf({ [name]: value })).toEqual([`${name}: "${value}" is none of on, off`]);
    }
    expect(problemsOf({ [name]: "on" })).toEqual([]);
  });

  it("GUESTS=off and RATE_LIMITS=off are heard, and the latter is announced", () => {
    expect(configOf({ GUESTS: "off" }).guests).toBe(false);
    expect(configOf({ RATE_LIMITS: "off" }).rateLimits).toBe(false);
    expect(warningsOf({ RATE_LIMITS: "off" })).toEqual([
      "RATE_LIMITS: off; rates, counts of addresses and login throttle are lifted",
    ]);
  });

  it("LOG_LEVEL is one of the levels", () => {
    for (const level of ["trace", "debug", "info", "warn", "error", "fatal", "silent"]) {
      expect(configOf({ LOG_LEVEL: level }).logLevel).toBe(level);
    }
    expect(problemsOf({ LOG_LEVEL: "verbose!!" })[0]).toContain("trace, debug, info");
    expect(problemsOf({ LOG_LEVEL: "INFO" })).toHaveLength(1);
  });
});

describe("the first admin", () => {
  it.each(["anna", "a", "anna.b_c-d@shop+1", "a".repeat(64)])("may have the login %s", (login) => {
    expect(configOf({ ADMIN_LOGIN: login }).adminLogin).toBe(login);
  });

  it.each(["two words", "anna\n", "a".repeat(65), "änna", "a:b"])("may not have the login %j", (login) => {
    expect(problemsOf({ ADMIN_LOGIN: login })).toHaveLength(1);
  });

  it.each(["twelve chars", "x".repeat(256)])("may have the passcode %j", (passcode) => {
    expect(configOf({ ADMIN_PASSCODE: passcode }).adminPasscode).toBe(passcode);
  });

  it.each(["eleven char", "x".repeat(257), "cc_a_long_enough_one"])(
    "may not have the passcode %j, which is not shown",
    (passcode) => {
      const problems = problemsOf({ ADMIN_PASSCODE: passcode });
      expect(problems).toHaveLength(1);
      expect(problems.join("")).not.toContain(passcode);
    },
  );
});

describe("HOST", () => {
  it.each(["127.0.0.1", "0.0.0.0", "::", "::1", "localhost", "chat.internal", "node-1"])(
    "%s is taken",
    (host) => {
      expect(configOf({ HOST: host }).host).toBe(host);
    },
  );

  it.each(["not a host", "256.1.1.1", "127.1", "http://127.0.0.1", "127.0.0.1:80", "-a", "a..b", "[::1]"])(
    "%s is refused",
    (host) => {
      expect(problemsOf({ HOST: host })).toHaveLength(1);
    },
  );
});

describe("STOMP over TCP", () => {
  it("is off, or on a port, with TLS where there are two files", () => {
    expect(configOf({}).tcp).toBeUndefined();
    expect(configOf({ STOMP_TCP_PORT: "off" }).tcp).toBeUndefined();
    expect(configOf({ STOMP_TCP_PORT: "61613" }).tcp).toEqual({ port: 61_613, tls: undefined });
    const files = { STOMP_TLS_CERT: "cert.pem", STOMP_TLS_KEY: "key.pem" };
    expect(configOf({ STOMP_TCP_PORT: "0", ...files }).tcp).toEqual({
      port: 0,
      tls: { certFile: "cert.pem", keyFile: "key.pem" },
    });
  });

  it.each<Record<string, string>>([
    { STOMP_TCP_PORT: "1", STOMP_TLS_CERT: "cert.pem" },
    { STOMP_TCP_PORT: "1", STOMP_TLS_KEY: "key.pem" },
    { STOMP_TLS_CERT: "cert.pem", STOMP_TLS_KEY: "key.pem" },
    { STOMP_TCP_PORT: "65536" },
  ])("of %j is refused", (environment) => {
    expect(problemsOf(environment)).toHaveLength(1);
  });
});

describe("what is not supported yet", () => {
  it.each([
    ["DATABASE_URL", "postgres://chat:hunter2@db/chat"],
    ["DATABASE_URL", "sqlite:other.db"],
    ["BACKPLANE_URL", "nats://token:hunter2@bus"],
  ])("%s=%s is refused rather than ignored, without its value", (name, value) => {
    const problems = problemsOf({ [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name}: .* remove the variable$`));
    expect(problems[0]).not.toContain(value);
  });
});

describe("warnings", () => {
  it.each([
    ["PUBLIC_ULR", "PUBLIC_URL"],
    ["ALLOWED_ORIGIN", "ALLOWED_ORIGINS"],
    ["TRUSTPROXY", "TRUST_PROXY"],
    ["LOGLEVEL", "LOG_LEVEL"],
    ["ADMIN_PASSWORD", "ADMIN_PASSCODE"],
    ["SITE_JWT_SECRETS", "SITE_JWT_SECRET"],
    ["SITE_JWT_AUDIANCE", "SITE_JWT_AUDIENCE"],
    ["MAX_HEADER", "MAX_HEADERS"],
    ["MAX_HEADER_BYTE", "MAX_HEADER_BYTES"],
    ["MAX_FRAMEBODY_BYTE", "MAX_FRAME_BODY_BYTES"],
    ["HEART_BEAT_MS", "HEARTBEAT_MS"],
    ["CONNECTION_TIMEOUT_MS", "CONNECT_TIMEOUT_MS"],
    ["guests", "GUESTS"],
  ])("%s nearly matches %s", (name, meant) => {
    expect(warningsOf({ [name]: "a value of it" })).toEqual([`${name}: unknown; did you mean ${meant}?`]);
  });

  it.each([
    "PATH",
    "HOME",
    "HOSTNAME",
    "NODE_ENV",
    "LANG",
    "SHLVL",
    "npm_config_cache",
    "DATA",
    "XDG_DATA_DIRS",
  ])("%s is no near miss", (name) => {
    expect(warningsOf({ [name]: "x" })).toEqual([]);
  });

  it("speak of a heart-beat below 5,000 ms", () => {
    expect(warningsOf({ HEARTBEAT_MS: "4999" })).toHaveLength(1);
    expect(warningsOf({ HEARTBEAT_MS: "5000" })).toEqual([]);
  });

  it("speak of an outbox that has no room for the largest body", () => {
    const bodies = { MAX_FRAME_BODY_BYTES: "1048576" };
    expect(warningsOf({ ...bodies, MAX_OUTBOX_BYTES: "2097151" })).toHaveLength(1);
    expect(warningsOf({ ...bodies, MAX_OUTBOX_BYTES: "2097152" })).toEqual([]);
  });

  it("speak once of a production server that browsers reach over http", () => {
    const production = { NODE_ENV: "production" };
    expect(warningsOf({ ...production, PUBLIC_URL: "http://chat.example.com" })).toHaveLength(1);
    expect(warningsOf({ ...production, PUBLIC_URL: "https://chat.example.com" })).toEqual([]);
    expect(warningsOf(production)).toEqual([]);
  });
});
