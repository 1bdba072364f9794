/** What was typed behind `npm run admin --`: a verb and its input, or the usage. */
import { parseArgs } from "node:util";
import { ACCOUNT_VERBS } from "./account-verbs.ts";

export const USAGE = `usage: npm run admin -- <verb>
  add-agent LOGIN [--role agent|supervisor|admin] [--name NAME]
                    passcode from standard input, or generated and printed
  add-service NAME --scopes topics,queues,chat,api
                    prints its token
  rotate-token NAME prints another token for a service; the one before ends, with the sessions that came with it
  set-passcode LOGIN
                    passcode from standard input, or generated and printed; all sessions of the agent end
  list-logins LOGIN an agent's login sessions: id, begun, last used, over at, from where
  sign-out LOGIN [--login ID]
                    ends all sessions of an agent or service, or one login session with what came with it;
                    takes a login or an id
  list-connections [--user LOGIN or ID]
                    who is connected: session, kind, login, id, since, transport, from where, login session
  kick SESSION | --user LOGIN or ID | --token   [--code SESSION_EXPIRED|REVOKED] [--reason TEXT]
                    ends a session, a user's, or those of the token on standard input; what they came with stays good
  disable LOGIN     ends all sessions, and nothing lets the account in any more
  enable LOGIN      takes it back
  rotate-key        another key for the tokens of guests and customers, all of which end; the server must be stopped
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

export type Command = { readonly verb: string; readonly input: unknown };

const OPTIONS = {
  role: { type: "string" },
  name: { type: "string" },
  scopes: { type: "string" },
  since: { type: "string" },
  user: { type: "string" },
  login: { type: "string" },
  token: { type: "boolean" },
  code: { type: "string" },
  reason: { type: "string" },
} as const;

/** Undefined for what is no command; rejects with TypeError for an option that nobody knows. */
export async function parseCommand(argv: readonly string[]): Promise<Command | undefined> {
  const args = idsAsValues(argv);
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: OPTIONS });
  const [verb = "", subject, ...rest] = positionals;
  if (rest.length > 0) return undefined;
  if (["list", "doctor", "rotate-key"].includes(verb) && subject === undefined) return { verb, input: {} };
  const { since, user, login } = values;
  if (verb === "audit" && subject === undefined) return { verb, input: given({ since, user }) };
  if (verb === "list-connections" && subject === undefined) return { verb, input: given({ user }) };
  if (verb === "kick") {
    const { code, reason } = values;
    const token = values.token === true ? await readFirstLine() : undefined;
    return { verb, input: given({ session: subject, user, token, code, reason }) };
  }
  if (subject === undefined) return undefined;
  if (verb === "backup" || verb === "restore") return { verb, input: { file: subject } };
  if (verb === "erase-customer" || verb === "export-customer") return { verb, input: { customer: subject } };
  if (verb === "set-passcode") return { verb, input: { account: subject, ...(await passcodeGiven()) } };
  const accountVerb = ACCOUNT_VERBS.find((one) => one === verb);
  if (accountVerb !== undefined)
    return { verb: accountVerb, input: { account: subject, ...given({ login }) } };
  if (verb === "add-service")
    return { verb, input: { name: subject, scopes: (values.scopes ?? "").split(",") } };
  if (verb !== "add-agent") return undefined;
  return {
    verb,
    input: {
      login: subject,
      role: values.role ?? "agent",
      ...given({ name: values.name }),
      ...(await passcodeGiven()),
    },
  };
}

/** Ids of users and sessions. */
const ID = /^[\w-]{22}$/;

/** One in 64 ids begins with a dash, and is no option for that. */
function idsAsValues(argv: readonly string[]): string[] {
  const [args, ids]: [string[], string[]] = [[], []];
  for (const word of argv) {
    const before = args.at(-1);
    if (!word.startsWith("-") || !ID.test(word)) args.push(word);
    else if (before === "--user") args.splice(-1, 1, `${before}=${word}`);
    else ids.push(word);
  }
  return ids.length === 0 ? args : [...args, "--", ...ids];
}

async function passcodeGiven(): Promise<{ readonly passcode?: string }> {
  const passcode = await readFirstLine();
  return passcode === "" ? {} : { passcode };
}

/** Without the members that are undefined. */
function given(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** Of standard input, unless it is a terminal: what is typed as an argument others on the machine can read. */
async function readFirstLine(): Promise<string> {
  if (process.stdin.isTTY) return "";
  let text = "";
  process.stdin.setEncoding("utf8");
  for await (const chunk of process.stdin as AsyncIterable<string>) text += chunk;
  return text.split("\n")[0]?.replace(/\r$/, "") ?? "";
}
