/** What an embedding program may set: the configuration in its own spelling, validated as the environment is. */
import { BOUNDS } from "./broker/limits.ts";
import { loadConfig, VARIABLES } from "./config.ts";
import type { Overflow } from "./broker/general/topics.ts";
import type { Limits } from "./broker/limits.ts";
import type { Log } from "./broker/log.ts";
import type { LoadedConfig } from "./config.ts";
import type { Address } from "./endpoints.ts";

/** Each is the variable of its name in docs/CONFIGURATION.md: `dataDir` is DATA_DIR. The environment is not read. */
export type ConfigOptions = {
  /** Database and secrets; default `./data`, and with a `store` of your own nothing is kept. */
  readonly dataDir?: string;
  /** Where browsers reach this server, such as `https://chat.example.com`. */
  readonly publicUrl?: string;
  /** Other sites whose pages may use this chat. */
  readonly allowedOrigins?: readonly string[];
  /** Whose X-Forwarded-For is believed: `"loopback"`, the number of proxies, or their CIDRs. */
  readonly trustProxy?: "loopback" | number | readonly string[];
  /** Login of the first admin; default `admin`. */
  readonly adminLogin?: string;
  /** Where there is no agent yet, an admin with this passcode is made; without it none is. */
  readonly adminPasscode?: string;
  /** Whether anonymous visitors may chat; default true. */
  readonly guests?: boolean;
  readonly siteJwtSecret?: string;
  readonly siteJwtPublicKey?: string;
  readonly siteJwtAudience?: string;
  /** STOMP over TCP, opened by `listen`; 0 takes any free port. */
  readonly stompTcpPort?: number;
  readonly stompTlsCert?: string;
  readonly stompTlsKey?: string;
  /** Rates, login throttle and lock-outs; default true. */
  readonly rateLimits?: boolean;
  readonly mailboxMaxMessages?: number;
  readonly mailboxMaxDays?: number;
  readonly auditMaxDays?: number;
  /** What becomes of slow subscribers, by topic or pattern; the first that covers a topic counts. */
  readonly topicOverflow?: Readonly<Record<string, Overflow>>;
  /** Bounds on what a peer can make grow. */
  readonly limits?: Partial<Limits>;
};

/** Pino's way of logging, which other loggers and the console have too. */
export type ServerLog = Log & {
  debug(fields: Readonly<Record<string, unknown>>, text: string): void;
};

type Kind = "text" | "number" | "switch" | "list" | "proxies" | "choices";
type Name = Exclude<keyof ConfigOptions, "limits">;

const KINDS: Readonly<Record<Name, Kind>> = {
  dataDir: "text",
  publicUrl: "text",
  allowedOrigins: "list",
  trustProxy: "proxies",
  adminLogin: "text",
  adminPasscode: "text",
  guests: "switch",
  siteJwtSecret: "text",
  siteJwtPublicKey: "text",
  siteJwtAudience: "text",
  stompTcpPort: "number",
  stompTlsCert: "text",
  stompTlsKey: "text",
  rateLimits: "switch",
  mailboxMaxMessages: "number",
  mailboxMaxDays: "number",
  auditMaxDays: "number",
  topicOverflow: "choices",
};

/** What each kind looks like to whoever wrote something else. */
const EXPECTED: Readonly<Record<Kind, string>> = {
  text: "a string",
  number: "a number",
  switch: "true or false",
  list: "an array of strings",
  proxies: '"loopback", a number of proxies, or an array of CIDRs',
  choices: "an object of strings",
};

/** Options that a server cannot be made of; `problems` has a line for each, as the message has. */
export class OptionsError extends Error {
  override readonly name = "OptionsError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

/** The configuration of these options, or every problem; names are those of the options. */
export function configOf(options: Readonly<Record<string, unknown>>): LoadedConfig {
  const problems: string[] = [];
  const environment: Record<string, string> = {};
  const { limits = {}, ...others } = options;
  const set = (name: string, variable: string | undefined, kind: Kind | undefined, value: unknown): void => {
    if (value === undefined) return;
    if (variable === undefined || kind === undefined) {
      problems.push(`${name}: there is no such option`);
      return;
    }
    const text = textOf(kind, value);
    if (text === undefined) problems.push(`${name}: ${EXPECTED[kind]} is expected`);
    else environment[variable] = text;
  };
  for (const [name, value] of Object.entries(others)) {
    const kind = Object.hasOwn(KINDS, name) ? KINDS[name as Name] : undefined;
    set(name, variableOf(name), kind, value);
  }
  if (!isRecord(limits)) problems.push("limits: an object of numbers is expected");
  else {
    for (const [name, value] of Object.entries(limits)) {
      const bound = Object.hasOwn(BOUNDS, name) ? BOUNDS[name as keyof Limits] : undefined;
      set(`limits.${name}`, bound?.env, "number", value);
    }
  }
  const loaded = loadConfig(environment);
  if ("problems" in loaded) problems.push(...loaded.problems.map(inOptions));
  if (problems.length > 0 || "problems" in loaded) return { problems };
  return { config: loaded.config, warnings: loaded.warnings.map(inOptions) };
}

/** Where to listen; throws OptionsError. */
export function addressOf(address: unknown): Address {
  if (!isRecord(address)) throw new OptionsError(["an address is an object of port and host"]);
  const { port, host, ...others } = address;
  const unknown = Object.keys(others).map((name) => `${name}: there is no such option`);
  if (unknown.length > 0) throw new OptionsError(unknown);
  const environment: Record<string, string> = {};
  if (port !== undefined) environment["PORT"] = textOf("number", port) ?? "no number";
  if (host !== undefined) environment["HOST"] = textOf("text", host) ?? "no string";
  const loaded = loadConfig(environment);
  if ("problems" in loaded) {
    throw new OptionsError(loaded.problems.map((problem) => problem.replace(/^[A-Z]+/, lowerCase)));
  }
  return loaded.config;
}

/** The value as the environment would have it; undefined when it is not of its kind. */
function textOf(kind: Kind, value: unknown): string | undefined {
  switch (kind) {
    case "text":
      return typeof value === "string" ? value : undefined;
    case "number":
      return typeof value === "number" ? String(value) : undefined;
    case "switch":
      return typeof value === "boolean" ? (value ? "on" : "off") : undefined;
    case "list":
      return isTexts(value) ? value.join(",") : undefined;
    case "proxies":
      if (value === "loopback" || typeof value === "number") return String(value);
      return isTexts(value) ? value.join(",") : undefined;
    case "choices":
      if (!isRecord(value) || !isTexts(Object.values(value))) return undefined;
      return Object.entries(value)
        .map((entry) => entry.join("="))
        .join(",");
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === "string");
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** DATA_DIR of dataDir. */
export function variableOf(option: string): string {
  return option.replace(/[A-Z]/g, "_$&").toUpperCase();
}

/** A problem or warning that names variables, with the options instead. */
function inOptions(text: string): string {
  return text.replace(/\b[A-Z]+(?:_[A-Z]+)*\b/g, (word) => (VARIABLES.has(word) ? optionOf(word) : word));
}

function optionOf(variable: string): string {
  const bound = Object.entries(BOUNDS).find(([, { env }]) => env === variable);
  if (bound !== undefined) return `limits.${bound[0]}`;
  return lowerCase(variable).replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function lowerCase(text: string): string {
  return text.toLowerCase();
}
