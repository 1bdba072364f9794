/** Rows 134 to 148: variables that are wrong, and what surrounds the program. */
import type { ConfigurationCase, Rows } from "./row.ts";

/** Every problem of a variable names it; this says what else it tells. */
const wrong = (set: Readonly<Record<string, string>>, problem: RegExp): ConfigurationCase => ({
  set,
  problem,
});
const all = (name: string, values: readonly string[], problem: RegExp): ConfigurationCase[] =>
  values.map((value) => wrong({ [name]: value }, problem));

const AUDIENCE = { SITE_JWT_AUDIENCE: "shop" };

export const CONFIGURATION: Rows = {
  134: {
    what: "a port that is none, or taken",
    configurations: all(
      "PORT",
      ["abc", "70000", "-1", "80a"],
      /^PORT: ".*" is no whole number from 0 to 65535$/,
    ),
    tests: [
      [
        "integration/process.test.ts",
        "that finds the port taken names it and exits with 1, and the next still shows the passcode",
      ],
    ],
  },
  135: {
    what: "a name that nearly matches",
    configurations: ["ALLOWED_ORIGIN", "MAX_HEADER", "SITE_JWT_SECRETS", "ADMIN_PASSWORD"].map((name) => ({
      set: { [name]: "x" },
      warning: new RegExp(`^${name}: unknown; did you mean [A-Z_]+\\?$`),
    })),
    tests: [["unit/config.test.ts", "%s nearly matches %s"]],
  },
  136: {
    what: "a site key that is too short, or has blanks around it",
    configurations: ["short", "x".repeat(31), ` ${"x".repeat(40)}`].map((secret) =>
      wrong({ ...AUDIENCE, SITE_JWT_SECRET: secret }, /^SITE_JWT_SECRET: (?!.*xxxx)/),
    ),
    tests: [["unit/config-values.test.ts", "refuses %s and shows nothing of it"]],
  },
  137: {
    what: "an origin that is none, or everybody's",
    configurations: [
      ...all("ALLOWED_ORIGINS", ["*", "https://*.example.com"], /^ALLOWED_ORIGINS: .*list the origins$/),
      wrong(
        { ALLOWED_ORIGINS: "https://shop.example.com/" },
        /^ALLOWED_ORIGINS: .* must be written https:\/\/shop\.example\.com$/,
      ),
      wrong(
        { ALLOWED_ORIGINS: "shop.example.com" },
        /^ALLOWED_ORIGINS: .* must be written https:\/\/shop\.example\.com$/,
      ),
    ],
  },
  138: {
    what: "trust in every proxy",
    configurations: all("TRUST_PROXY", ["true", "*", "all"], /^TRUST_PROXY: .*hop count.*CIDR/),
  },
  139: {
    what: "a database that is not SQLite",
    configurations: all(
      "DATABASE_URL",
      ["postgres://user:hunter2@db/chat", "mysql://db"],
      /^DATABASE_URL: (?!.*hunter2).*remove the variable$/,
    ),
    absent: "there is no database over the network to be unreachable",
  },
  140: {
    what: "two places to store in, or several nodes on one file",
    configurations: all("BACKPLANE_URL", ["nats://bus"], /^BACKPLANE_URL: .*remove the variable$/),
    tests: [["integration/process.test.ts", "is used by one process: a second says which one has it"]],
  },
  141: {
    what: "a data directory that is missing, of others, or not to be written",
    tests: [
      [
        "integration/process.test.ts",
        "has files for the owner alone, whatever the umask, while it runs and afterwards",
      ],
      ["integration/process.test.ts", "that may not be used is told in a line with its name"],
      ["integration/process.test.ts", "that is a file, or below one, is told in a line"],
    ],
    absent: "a network file system is not recognised",
  },
  142: {
    what: "a limit that is no number, or out of range",
    configurations: all(
      "MAX_FRAME_BODY_BYTES",
      ["-1", "0", "1e12", "1000000000000", "10kb"],
      /^MAX_FRAME_BODY_BYTES: ".*" is no whole number from 1024 to 9999999$/,
    ),
    tests: [
      ["unit/config.test.ts", "%s is at least %d and at most %d, and a problem names the range"],
      ["unit/config.test.ts", "%j is none"],
    ],
  },
  143: {
    what: "a heart-beat out of range, or costly",
    configurations: [
      ...all("HEARTBEAT_MS", ["99", "120001"], /^HEARTBEAT_MS: ".*" is no whole number from 100 to 120000$/),
      { set: { HEARTBEAT_MS: "4999" }, warning: /^HEARTBEAT_MS: below 5000/ },
    ],
  },
  144: {
    what: "a certificate without its key",
    configurations: ["STOMP_TLS_CERT", "STOMP_TLS_KEY"].map((name) =>
      wrong(
        { STOMP_TCP_PORT: "0", [name]: "file.pem" },
        /^STOMP_TLS_CERT, STOMP_TLS_KEY: set both, or none$/,
      ),
    ),
    absent: "an expired certificate is not told before a client sees it",
  },
  145: {
    what: "http to a production server",
    configurations: [
      {
        set: { NODE_ENV: "production", PUBLIC_URL: "http://chat.example.com" },
        warning: /^PUBLIC_URL: is http in production/,
      },
    ],
  },
  146: { what: "a broken configuration file", absent: "there is no configuration file, variables are all" },
  147: {
    what: "a retention of nothing",
    configurations: [
      ...all("MAILBOX_MAX_DAYS", ["0", "-1"], /^MAILBOX_MAX_DAYS: ".*" is no whole number from 1 to 36500$/),
      ...all("MAILBOX_MAX_MESSAGES", ["0", "99"], /^MAILBOX_MAX_MESSAGES: ".*" is no whole number from 100/),
    ],
  },
  148: {
    what: "a log level that is none",
    configurations: all("LOG_LEVEL", ["verbose!!", "INFO"], /^LOG_LEVEL: ".*" is none of trace, debug, info/),
  },
};
