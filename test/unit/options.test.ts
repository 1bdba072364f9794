/** The options of an embedding program are the configuration in another spelling. */
import { expect, it } from "vitest";
import { BOUNDS } from "../../src/broker/limits.ts";
import { VARIABLES } from "../../src/config.ts";
import { configOf, variableOf } from "../../src/options.ts";
import { configOf as configOfEnvironment } from "./loading.ts";
import type { ConfigOptions } from "../../src/options.ts";

const ALL: Required<ConfigOptions> = {
  dataDir: "/var/lib/chat",
  publicUrl: "https://chat.example.org",
  allowedOrigins: ["https://shop.example.org", "https://www.example.org"],
  trustProxy: ["10.0.0.0/8", "fd00::/8"],
  adminLogin: "root",
  adminPasscode: "twelve or more",
  guests: false,
  siteJwtSecret: "",
  siteJwtPublicKey: "",
  siteJwtAudience: "chat",
  stompTcpPort: 0,
  stompTlsCert: "cert.pem",
  stompTlsKey: "key.pem",
  rateLimits: false,
  mailboxMaxMessages: 500,
  mailboxMaxDays: 30,
  auditMaxDays: 3,
  topicOverflow: { "/topic/prices/*": "keep-last", "/topic/log/**": "drop-oldest" },
  limits: { maxHeaders: 64, maxFrameBodyBytes: 1024 },
};

/** Said to `listen`, to the logger, or not supported. */
const NO_OPTION = new Set(["PORT", "HOST", "LOG_LEVEL", "DATABASE_URL", "BACKPLANE_URL"]);

it("there is one for every variable, and the limits have the others", () => {
  const bounds = new Set<string>(Object.values(BOUNDS).map(({ env }) => env));
  const variables = [...VARIABLES.keys()].filter((name) => !NO_OPTION.has(name) && !bounds.has(name));
  const options = Object.keys(ALL).filter((name) => name !== "limits");
  expect(options.map(variableOf).sort()).toEqual(variables.sort());
});

it("none at all are the configuration of an empty environment", () => {
  expect(configOf({})).toMatchObject({ config: configOfEnvironment({}) });
});

it("give the configuration that their variables give", () => {
  const expected = configOfEnvironment({
    DATA_DIR: "/var/lib/chat",
    PUBLIC_URL: "https://chat.example.org",
    ALLOWED_ORIGINS: "https://shop.example.org,https://www.example.org",
    TRUST_PROXY: "10.0.0.0/8,fd00::/8",
    ADMIN_LOGIN: "root",
    ADMIN_PASSCODE: "twelve or more",
    GUESTS: "off",
    SITE_JWT_AUDIENCE: "chat",
    STOMP_TCP_PORT: "0",
    STOMP_TLS_CERT: "cert.pem",
    STOMP_TLS_KEY: "key.pem",
    RATE_LIMITS: "off",
    MAILBOX_MAX_MESSAGES: "500",
    MAILBOX_MAX_DAYS: "30",
    AUDIT_MAX_DAYS: "3",
    TOPIC_OVERFLOW: "/topic/prices/*=keep-last,/topic/log/**=drop-oldest",
    MAX_HEADERS: "64",
    MAX_FRAME_BODY_BYTES: "1024",
  });
  expect(configOf(ALL)).toMatchObject({ config: expected });
});

it("that are undefined, and empty lists, are absent", () => {
  const options = { publicUrl: undefined, limits: undefined, allowedOrigins: [], topicOverflow: {} };
  expect(configOf(options)).toMatchObject({ config: configOfEnvironment({}) });
});

it.each([
  [{ dataDir: 5 }, "dataDir: a string is expected"],
  [{ guests: "on" }, "guests: true or false is expected"],
  [{ mailboxMaxDays: "30" }, "mailboxMaxDays: a number is expected"],
  [{ mailboxMaxDays: NaN }, 'mailboxMaxDays: "NaN" is no whole number from 1 to 36500'],
  [{ allowedOrigins: "https://a.example" }, "allowedOrigins: an array of strings is expected"],
  [{ allowedOrigins: [5] }, "allowedOrigins: an array of strings is expected"],
  [{ topicOverflow: { "/topic/a": 1 } }, "topicOverflow: an object of strings is expected"],
  [{ topicOverflow: null }, "topicOverflow: an object of strings is expected"],
  [{ limits: 5 }, "limits: an object of numbers is expected"],
  [{ limits: { maxHeaders: 1.5 } }, 'limits.maxHeaders: "1.5" is no whole number from 8 to 1000'],
  [{ limits: { constructor: 1 } }, "limits.constructor: there is no such option"],
  [{ datadir: "x" }, "datadir: there is no such option"],
  [{ databaseUrl: "postgres://db" }, "databaseUrl: there is no such option"],
  [{ maxHeaders: 64 }, "maxHeaders: there is no such option"],
  [{ stompTlsCert: "a", stompTlsKey: "b" }, "stompTcpPort: required with stompTlsCert and stompTlsKey"],
  [{ stompTlsCert: "a", stompTcpPort: 0 }, "stompTlsCert, stompTlsKey: set both, or none"],
])("%o is told as a problem of the option", (options, problem) => {
  expect(configOf(options)).toEqual({ problems: [problem] });
});

it("warn in their own words", () => {
  expect(configOf({ rateLimits: false, limits: { heartbeatMs: 1000 } })).toMatchObject({
    warnings: [
      "limits.heartbeatMs: below 5000 costs battery and traffic",
      "rateLimits: off; rates, counts of addresses and login throttle are lifted",
    ],
  });
});
