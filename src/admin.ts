/** `npm run admin -- <verb>`: accounts and diagnosis, on a running installation or a stopped one. */
import { once } from "node:events";
import { adminSocketPath, askAdmin } from "./adapters/http/admin-socket.ts";
import { parseCommand, USAGE } from "./admin-command.ts";
import { auditBackup, printAudit } from "./admin-audit.ts";
import { printExport } from "./admin-export.ts";
import { loadConfig } from "./config.ts";
import type { AuditQuery } from "./admin-audit.ts";
import type { Command } from "./admin-command.ts";
import type { AdminAnswer } from "./adapters/http/admin-socket.ts";
import type { Config } from "./config.ts";

const EXIT_USAGE = 64;
const EXIT_CONFIG = 78;

/** Standard output takes no more: its disk is full, or its reader had enough. */
const output = { isCutOff: false };
process.stdout.on("error", ({ code, message }: NodeJS.ErrnoException) => {
  if (!output.isCutOff && code !== "EPIPE")
    process.stderr.write(`standard output: ${message}; what was printed is not whole\n`);
  output.isCutOff = true;
  process.exitCode = 1;
});

process.umask(0o077);
const exitCode = await main(process.argv.slice(2));
process.exitCode = output.isCutOff ? 1 : exitCode;

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

async function ask(config: Config, { verb, input }: Command): Promise<AdminAnswer> {
  const askStore = (what: string, about: unknown): Promise<AdminAnswer> => askOpen(config, what, about);
  if (verb === "audit") {
    return printAudit(askStore, input as AuditQuery, (lines) =>
      print(lines.map((line) => `${line}\n`).join("")),
    );
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
  if (verb === "rotate-key") {
    const { rotateKey } = await import("./admin-stopped.ts");
    return rotateKey(config);
  }
  return askStore(verb, input);
}

/** Resolves with whether standard output takes more, as soon as it does. */
async function print(text: string): Promise<boolean> {
  if (!process.stdout.write(text)) await once(process.stdout, "drain").catch(() => undefined);
  return !output.isCutOff;
}

/** Of the store: a running installation's, or a stopped one's that is opened for it. */
async function askOpen(config: Config, verb: string, input: unknown): Promise<AdminAnswer> {
  const running = await askAdmin(adminSocketPath(config.dataDir), verb, input);
  if (running !== undefined) return running;
  // Loaded only where it is needed: a running installation does the work itself.
  const { askStopped } = await import("./admin-stopped.ts");
  return askStopped(config, verb, input);
}
