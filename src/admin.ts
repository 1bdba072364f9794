/** `npm run admin -- <verb>`: accounts and diagnosis, on a running installation or a stopped one. */
import { once } from "node:events";
import { parseArgs } from "node:util";
import { adminSocketPath, askAdmin } from "./adapters/http/admin-socket.ts";
import { ACCOUNT_VERBS } from "./account-verbs.ts";
import { auditBackup, printAudit } from "./admin-audit.ts";
import { printExport } from "./admin-export.ts";
import { loadConfig } from "./config.ts";
import type { AuditQuery } from "./admin-audit.ts";
import type { AdminAnswer } from "./adapters/http/admin-socket.ts";
import type { Config } from "./config.ts";

const USAGE = `usage: npm run admin -- <verb>
  add-agent LOGIN [--role agent|supervisor|admin] [--name NAME]
                    passcode from standard input, or generated and printed
  add-service NAME --scopes topics,queues,chat,api
                    prints its token
  sign-out LOGIN    ends all sessions of an agent or service, wherever they are; takes a login or an id
  disable LOGIN     the same, and nothing lets the account in any more
  enable LOGIN      takes it back
  list              accounts: kind, role or scopes, login, id
  backup FILE       everything in one file, also while the server runs
  restore FILE      what a backup holds, in place of what is there; the server must be stopped
  export-customer ID
                    prints everything that is stored of a guest or customer, as JSON
  erase-customer ID erases a guest or customer, by id or by the host site's sub, with all they wrote and were told;
                    it cannot be taken back
  audit [--since DATE] [--user LOGIN or ID]
                    who did what, oldest first: time, who, what, on whom, about what, outcome, address, more, how often
  doctor            says what is wrong with this installation and what to do`;
const EXIT_USAGE = 64;
const EXIT_CONFIG = 78;

process.umask(0o077);
process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  if (argv.includes("--help") || argv.includes("-h")) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const command = await parseCommand(argv).catch(() => undefined);
  if (command === undefined) {
    process.stderr.write(`${USAGE}\n`);
    return EXIT_USAGE;
  }
  const loaded = loadConfig();
  if (command.verb === "doctor") {
    const { runDoctor } = await import("./doctor/doctor.ts");
    return runDoctor(loaded);
  }
  if ("problems" in loaded) {
    for (const problem of loaded.problems) process.stderr.write(`${problem}\n`);
    return EXIT_CONFIG;
  }
  const answer = await ask(loaded.config, command);
  (answer.ok ? process.stdout : process.stderr).write(answer.lines.map((line) => `${line}\n`).join(""));
  return answer.ok ? 0 : 1;
}

type Command = { readonly verb: string; readonly input: unknown };

async function parseCommand(argv: readonly string[]): Promise<Command | undefined> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      role: { type: "string" },
      name: { type: "string" },
      scopes: { type: "string" },
      since: { type: "string" },
      user: { type: "string" },
    },
  });
  const [verb, subject, ...rest] = positionals;
  if (rest.length > 0) return undefined;
  if ((verb === "list" || verb === "doctor") && subject === undefined) return { verb, input: {} };
  const { since, user } = values;
  if (verb === "audit" && subject === undefined) {
    return {
      verb,
      input: { ...(since === undefined ? {} : { since }), ...(user === undefined ? {} : { user }) },
    };
  }
  if (subject === undefined) return undefined;
  if (verb === "backup" || verb === "restore") return { verb, input: { file: subject } };
  if (verb === "erase-customer" || verb === "export-customer") return { verb, input: { customer: subject } };
  const accountVerb = ACCOUNT_VERBS.find((one) => one === verb);
  if (accountVerb !== undefined) return { verb: accountVerb, input: { account: subject } };
  if (verb === "add-service")
    return { verb, input: { name: subject, scopes: (values.scopes ?? "").split(",") } };
  if (verb !== "add-agent") return undefined;
  const passcode = await readPasscode();
  return {
    verb,
    input: {
      login: subject,
      role: values.role ?? "agent",
      ...(values.name === undefined ? {} : { name: values.name }),
      ...(passcode === "" ? {} : { passcode }),
    },
  };
}

/** The first line of standard input, unless it is a terminal. */
async function readPasscode(): Promise<string> {
  if (process.stdin.isTTY) return "";
  let text = "";
  process.stdin.setEncoding("utf8");
  for await (const chunk of process.stdin as AsyncIterable<string>) text += chunk;
  return text.split("\n")[0]?.replace(/\r$/, "") ?? "";
}

async function ask(config: Config, { verb, input }: Command): Promise<AdminAnswer> {
  const askStore = (what: string, about: unknown): Promise<AdminAnswer> => askOpen(config, what, about);
  if (verb === "audit") {
    return printAudit(askStore, input as AuditQuery, (lines) => {
      process.stdout.write(lines.map((line) => `${line}\n`).join(""));
    });
  }
  if (verb === "export-customer")
    return printExport(askStore, (input as { customer: string }).customer, print);
  if (verb === "backup" || verb === "restore") {
    const { askForCopy } = await import("./admin-copies.ts");
    const { file } = input as { file: string };
    const answer = await askForCopy(config, verb, { file });
    const problem = verb === "backup" ? await auditBackup(askStore, { ok: answer.ok, file }) : undefined;
    if (problem !== undefined && answer.ok) process.stderr.write(`${problem}\n`);
    return answer;
  }
  return askStore(verb, input);
}

/** Resolves when standard output takes more. */
async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, "drain");
}

/** Of the store: a running installation's, or a stopped one's that is opened for it. */
async function askOpen(config: Config, verb: string, input: unknown): Promise<AdminAnswer> {
  const running = await askAdmin(adminSocketPath(config.dataDir), verb, input);
  if (running !== undefined) return running;
  // Loaded only where it is needed: a running installation does the work itself.
  const { askStopped } = await import("./admin-stopped.ts");
  return askStopped(config, verb, input);
}
