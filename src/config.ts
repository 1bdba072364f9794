/** The configuration: the only place that reads the environment, with every problem told at once. */
import { BOUNDS } from "./broker/limits.ts";
import {
  parseHost,
  parseOrigins,
  parseProxies,
  parsePublicUrl,
  parseSiteKeys,
  parseTopicOverflow,
} from "./config-values.ts";
import { excerpt } from "./stomp/errors.ts";
import type { Limits } from "./broker/limits.ts";
import type { SiteKey, TopicOverflow, TrustProxy } from "./config-values.ts";

export type Config = {
  readonly port: number;
  readonly host: string;
  readonly publicUrl: string | undefined;
  readonly dataDir: string;
  readonly allowedOrigins: readonly string[];
  readonly trustProxy: TrustProxy;
  readonly adminLogin: string;
  readonly adminPasscode: string | undefined;
  readonly guests: boolean;
  readonly siteKeys: readonly SiteKey[];
  readonly siteAudience: string | undefined;
  readonly tcp: TcpConfig | undefined;
  readonly logLevel: string;
  readonly rateLimits: boolean;
  readonly retention: { readonly maxMessages: number; readonly maxDays: number };
  readonly auditMaxDays: number;
  /** In order: the first that covers a topic counts. */
  readonly topicOverflow: readonly TopicOverflow[];
  readonly limits: Limits;
};

/** STOMP over TCP; with files over TLS. */
export type TcpConfig = {
  readonly port: number;
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
};

export type LoadedConfig =
  | { readonly config: Config; readonly warnings: readonly string[] }
  | { readonly problems: readonly string[] };

/** A row of docs/CONFIGURATION.md. */
export type Variable = { readonly fallback: string; readonly unit: string; readonly meaning: string };

const boundRows = Object.values(BOUNDS).map(({ env, fallback, unit, meaning }): [string, Variable] => [
  env,
  { fallback: String(fallback), unit, meaning },
]);

/** Every variable there is. */
export const VARIABLES: ReadonlyMap<string, Variable> = new Map<string, Variable>([
  ["PORT", { fallback: "3000", unit: "port", meaning: "port to listen on; 0 takes any free one" }],
  [
    "HOST",
    { fallback: "127.0.0.1", unit: "address", meaning: "address to listen on; 0.0.0.0 is every interface" },
  ],
  ["PUBLIC_URL", { fallback: "none", unit: "URL", meaning: "where browsers reach this server" }],
  ["DATA_DIR", { fallback: "./data", unit: "path", meaning: "database and secrets" }],
  [
    "DATABASE_URL",
    { fallback: "none", unit: "URL", meaning: "SQLite in DATA_DIR; nothing else is supported yet" },
  ],
  ["BACKPLANE_URL", { fallback: "none", unit: "URL", meaning: "one process; nothing else is supported yet" }],
  [
    "ALLOWED_ORIGINS",
    { fallback: "none", unit: "origins", meaning: "sites that embed the chat, comma separated" },
  ],
  ["TRUST_PROXY", { fallback: "none", unit: "proxies", meaning: "`loopback`, a hop count, or CIDRs" }],
  ["ADMIN_LOGIN", { fallback: "admin", unit: "login", meaning: "login of the first admin" }],
  ["ADMIN_PASSCODE", { fallback: "generated", unit: "passcode", meaning: "passcode of the first admin" }],
  ["GUESTS", { fallback: "on", unit: "on or off", meaning: "whether anonymous visitors may chat" }],
  ["SITE_JWT_SECRET", { fallback: "none", unit: "secret", meaning: "HS256 key of the host site's tokens" }],
  [
    "SITE_JWT_PUBLIC_KEY",
    { fallback: "none", unit: "PEM", meaning: "RS256 or EdDSA key of the host site's tokens" },
  ],
  ["SITE_JWT_AUDIENCE", { fallback: "PUBLIC_URL", unit: "text", meaning: "`aud` of the host site's tokens" }],
  ["STOMP_TCP_PORT", { fallback: "off", unit: "port", meaning: "STOMP over TCP too, on this port of HOST" }],
  [
    "STOMP_TLS_CERT",
    { fallback: "none", unit: "path", meaning: "certificate chain (PEM) for STOMP over TLS" },
  ],
  ["STOMP_TLS_KEY", { fallback: "none", unit: "path", meaning: "private key (PEM) of that certificate" }],
  [
    "LOG_LEVEL",
    { fallback: "info", unit: "level", meaning: "trace, debug, info, warn, error, fatal or silent" },
  ],
  ["RATE_LIMITS", { fallback: "on", unit: "on or off", meaning: "rates, login throttle, lock-outs" }],
  [
    "MAILBOX_MAX_MESSAGES",
    { fallback: "100000", unit: "messages", meaning: "messages a mailbox can replay" },
  ],
  ["MAILBOX_MAX_DAYS", { fallback: "365", unit: "days", meaning: "days a mailbox can replay" }],
  ["AUDIT_MAX_DAYS", { fallback: "400", unit: "days", meaning: "days a line of the audit log is kept" }],
  [
    "TOPIC_OVERFLOW",
    { fallback: "none", unit: "pattern=choice", meaning: "what becomes of topics' slow subscribers" },
  ],
  ...boundRows,
]);

const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"];

/** Reads the environment; either a configuration with warnings, or every problem, a line each. */
export function loadConfig(environment: NodeJS.ProcessEnv = process.env): LoadedConfig {
  const problems: string[] = [];
  const text = (name: string): string | undefined => {
    const value = environment[name];
    return value === undefined || value === "" ? undefined : value;
  };
  const check = <Value>(name: string, fallback: Value, parse: (value: string) => Value): Value => {
    const value = text(name);
    if (value === undefined) return fallback;
    try {
      return parse(value);
    } catch (error) {
      problems.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      return fallback;
    }
  };
  const number = (name: string, fallback: number, min: number, max: number): number =>
    check(name, fallback, (value) => parseNumber(value, min, max));
  const oneOf = (name: string, fallback: string, values: readonly string[]): string =>
    check(name, fallback, (value) => {
      if (!values.includes(value)) throw new Error(`${excerpt(value)} is none of ${values.join(", ")}`);
      return value;
    });
  for (const [name, why] of NOT_YET) {
    if (text(name) !== undefined) problems.push(`${name}: ${why}`);
  }
  const publicUrl = check("PUBLIC_URL", undefined as string | undefined, parsePublicUrl);
  const config: Config = {
    port: number("PORT", 3000, 0, 65_535),
    host: check("HOST", "127.0.0.1", parseHost),
    publicUrl,
    dataDir: text("DATA_DIR") ?? "./data",
    allowedOrigins: check("ALLOWED_ORIGINS", [] as readonly string[], parseOrigins),
    trustProxy: check("TRUST_PROXY", { kind: "none" }, parseProxies),
    adminLogin: check("ADMIN_LOGIN", "admin", parseLogin),
    adminPasscode: check("ADMIN_PASSCODE", undefined as string | undefined, parsePasscode),
    guests: oneOf("GUESTS", "on", ["on", "off"]) === "on",
    siteKeys: siteKeys(check, problems, text),
    siteAudience: text("SITE_JWT_AUDIENCE") ?? publicUrl,
    tcp: tcpConfig(number, problems, text),
    logLevel: oneOf("LOG_LEVEL", "info", LOG_LEVELS),
    rateLimits: oneOf("RATE_LIMITS", "on", ["on", "off"]) === "on",
    retention: {
      maxMessages: number("MAILBOX_MAX_MESSAGES", 100_000, 100, 100_000_000),
      maxDays: number("MAILBOX_MAX_DAYS", 365, 1, 36_500),
    },
    auditMaxDays: number("AUDIT_MAX_DAYS", 400, 1, 36_500),
    topicOverflow: check("TOPIC_OVERFLOW", [] as readonly TopicOverflow[], parseTopicOverflow),
    limits: Object.fromEntries(
      Object.entries(BOUNDS).map(([name, { env, fallback, min, max }]) => [
        name,
        number(env, fallback, min, max),
      ]),
    ) as Limits,
  };
  return problems.length > 0 ? { problems } : { config, warnings: warningsOf(config, environment) };
}

const NOT_YET: readonly (readonly [string, string])[] = [
  ["DATABASE_URL", "only the embedded SQLite database in DATA_DIR is supported; remove the variable"],
  ["BACKPLANE_URL", "several nodes are not supported yet; remove the variable"],
];

type Check = <Value>(name: string, fallback: Value, parse: (value: string) => Value) => Value;

function siteKeys(
  check: Check,
  problems: string[],
  text: (name: string) => string | undefined,
): readonly SiteKey[] {
  const secrets = check("SITE_JWT_SECRET", [] as readonly SiteKey[], (value) =>
    parseSiteKeys("secret", value),
  );
  const keys = check("SITE_JWT_PUBLIC_KEY", [] as readonly SiteKey[], (value) =>
    parseSiteKeys("public", value),
  );
  const set = [text("SITE_JWT_SECRET"), text("SITE_JWT_PUBLIC_KEY")].filter((value) => value !== undefined);
  if (set.length > 1) problems.push("SITE_JWT_SECRET, SITE_JWT_PUBLIC_KEY: set one of them, not both");
  if (set.length > 0 && text("SITE_JWT_AUDIENCE") === undefined && text("PUBLIC_URL") === undefined) {
    problems.push("SITE_JWT_AUDIENCE: required with a site key unless PUBLIC_URL is set");
  }
  return [...secrets, ...keys];
}

function tcpConfig(
  number: (name: string, fallback: number, min: number, max: number) => number,
  problems: string[],
  text: (name: string) => string | undefined,
): TcpConfig | undefined {
  const [certFile, keyFile] = [text("STOMP_TLS_CERT"), text("STOMP_TLS_KEY")];
  if ((certFile === undefined) !== (keyFile === undefined)) {
    problems.push("STOMP_TLS_CERT, STOMP_TLS_KEY: set both, or none");
  }
  const hasPort = text("STOMP_TCP_PORT") !== undefined && text("STOMP_TCP_PORT") !== "off";
  if (!hasPort && (certFile ?? keyFile) !== undefined) {
    problems.push("STOMP_TCP_PORT: required with STOMP_TLS_CERT and STOMP_TLS_KEY");
  }
  if (!hasPort) return undefined;
  const tls = certFile === undefined || keyFile === undefined ? undefined : { certFile, keyFile };
  return { port: number("STOMP_TCP_PORT", 0, 0, 65_535), tls };
}

function parseNumber(value: string, min: number, max: number): number {
  const parsed = /^[0-9]{1,12}$/.test(value) ? Number(value) : NaN;
  if (!(parsed >= min && parsed <= max)) {
    throw new Error(`${excerpt(value)} is no whole number from ${min} to ${max}`);
  }
  return parsed;
}

function parseLogin(value: string): string {
  if (!/^[A-Za-z0-9._@+-]{1,64}$/.test(value)) throw new Error("1 to 64 of A-Z a-z 0-9 . _ @ + -");
  return value;
}

function parsePasscode(value: string): string {
  if (value.length < 12 || value.length > 256) throw new Error("12 to 256 characters (not shown)");
  if (value.startsWith("cc_")) throw new Error("may not begin with cc_ (not shown)");
  return value;
}

function warningsOf(config: Config, environment: NodeJS.ProcessEnv): readonly string[] {
  const warnings: string[] = [];
  const { heartbeatMs, maxOutboxBytes, maxFrameBodyBytes } = config.limits;
  if (maxOutboxBytes < 2 * maxFrameBodyBytes) {
    warnings.push("MAX_OUTBOX_BYTES: below twice MAX_FRAME_BODY_BYTES; the largest messages reach nobody");
  }
  if (heartbeatMs < 5000) warnings.push("HEARTBEAT_MS: below 5000 costs battery and traffic");
  if (!config.rateLimits)
    warnings.push("RATE_LIMITS: off; rates, counts of addresses and login throttle are lifted");
  if (environment["NODE_ENV"] === "production" && config.publicUrl?.startsWith("http:") === true) {
    warnings.push("PUBLIC_URL: is http in production; passcodes and tokens travel in the clear");
  }
  if (config.tcp !== undefined && config.tcp.tls === undefined && !isLoopbackHost(config.host)) {
    warnings.push("STOMP_TCP_PORT: without STOMP_TLS_CERT passcodes and tokens travel in the clear");
  }
  for (const name of Object.keys(environment)) {
    const meant = VARIABLES.has(name) ? undefined : nearest(name);
    if (meant !== undefined) warnings.push(`${name}: unknown; did you mean ${meant}?`);
  }
  return warnings;
}

/** A name or address that only this machine itself reaches. */
export function isLoopbackHost(host: string): boolean {
  return /^(?:127\.[0-9.]+|\[?::1\]?|localhost)$/.test(host);
}

/** Names that look like one of ours may be further off. */
const OUR_SHAPE = /^(?:MAX|SITE|ADMIN|MAILBOX|STOMP)_|_MS$/;

/** The variable that a misspelt name may mean: two letters away, a third of them in a name of our shape. */
function nearest(name: string): string | undefined {
  if (name.length < 5) return undefined;
  const spelt = name.toUpperCase();
  const limit = OUR_SHAPE.test(spelt) ? Math.max(2, Math.floor(spelt.length / 3)) : 2;
  const known = [...VARIABLES.keys()].filter((candidate) => candidate.length > 5);
  const distances = known.map((candidate) => distance(spelt, candidate));
  const least = Math.min(...distances);
  return least <= limit ? known[distances.indexOf(least)] : undefined;
}

/** Letters to add, drop or change. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const cost = one[i - 1] === other[j - 1] ? 0 : 1;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + cost));
    }
    row = next;
  }
  return row[other.length] ?? Infinity;
}
