/** The verbs of the command line, over an open store: the same on a running installation and a stopped one. */
import { z } from "zod";
import { addAgent, addService } from "./adapters/auth/accounts.ts";
import { accountVerbs } from "./account-verbs.ts";
import { auditVerbs } from "./audit-verbs.ts";
import { passcodeProblem } from "./adapters/auth/passcodes.ts";
import { Refusal } from "./broker/errors.ts";
import { eraseCustomer } from "./chat/erase-customer.ts";
import { counted } from "./counted.ts";
import { parse } from "./parse-input.ts";
import { exportInput, exportPart } from "./customer-export.ts";
import type { Passcodes } from "./adapters/auth/passcodes.ts";
import type { AdminVerb } from "./adapters/http/admin-socket.ts";
import type { DurableStore } from "./adapters/stores/sqlite-store.ts";

const LOGIN = /^[A-Za-z0-9._@+-]{1,64}$/;

const agentInput = z.strictObject({
  login: z.string().regex(LOGIN, "a login is 1 to 64 of A-Z a-z 0-9 . _ @ + -"),
  role: z.enum(["agent", "supervisor", "admin"], "one of agent, supervisor, admin"),
  name: z.string().min(1).max(100).optional(),
  passcode: z.string().optional(),
});
const serviceInput = z.strictObject({
  name: z.string().regex(LOGIN, "a name is 1 to 64 of A-Z a-z 0-9 . _ @ + -"),
  scopes: z
    .array(z.enum(["topics", "queues", "chat", "api"], "one or more of topics,queues,chat,api"))
    .min(1),
});

const customerInput = z.strictObject({ customer: z.string().min(1).max(255) });

/** How often to look whether a reader of the database has ended, and for how long in all. */
const READER_EVERY_MS = 250;
const READER_MS = 60_000;

/** Of refusals, those that tell of the storage. */
const TROUBLED = new Set(["STORAGE_FULL", "RETRY_LATER", "INTERNAL"]);

function explain(error: unknown, login: string): never {
  throw error instanceof Refusal && error.code === "CONFLICT" ? new Error(`${login}: it is taken`) : error;
}

function explainUnknown(error: unknown, customer: string): never {
  throw error instanceof Refusal && error.code === "UNKNOWN_USER"
    ? new Error(`${customer}: there is no such guest or customer`)
    : error;
}

/** Waits for those who read the database: they see what it was when they began. */
async function emptyLog(store: DurableStore): Promise<void> {
  const end = performance.now() + READER_MS;
  while (!(await store.emptyLog())) {
    if (performance.now() > end) {
      throw new Error(
        "nobody sees the customer any more, but the files still have it: another process reads the database, perhaps a backup; end it and do this again",
      );
    }
    await new Promise((resolve) => setTimeout(resolve, READER_EVERY_MS));
  }
}

const EARLIER = {
  none: [],
  unfinished: ["an earlier erasure of it was interrupted; now it is done"],
  done: ["it was erased before; nothing was left"],
} as const;

/** A Refusal of a store that cannot be written, in the store's own words: what it is, and what can be done about it. */
export function inWords({ trouble }: DurableStore, error: unknown): unknown {
  const isStored = !(error instanceof Refusal) || !TROUBLED.has(error.code);
  return trouble === undefined || isStored ? error : new Error(trouble, { cause: error });
}

/** Each verb takes its input as JSON and returns the lines to print; it throws Errors for the operator. */
export function adminVerbs(store: DurableStore, passcodes: Passcodes): Readonly<Record<string, AdminVerb>> {
  const verbs = Object.entries(verbsOf(store, passcodes)).map(([name, verb]): [string, AdminVerb] => [
    name,
    (input) =>
      verb(input).catch((error: unknown) => {
        throw inWords(store, error);
      }),
  ]);
  return Object.fromEntries(verbs);
}

function verbsOf(store: DurableStore, passcodes: Passcodes): Readonly<Record<string, AdminVerb>> {
  return {
    "add-agent": async (input) => {
      const { name, passcode, ...agent } = parse(agentInput, input);
      const problem = passcode === undefined ? undefined : passcodeProblem(passcode);
      if (problem !== undefined) throw new Error(problem);
      const added = await addAgent(store, passcodes, {
        ...agent,
        actor: "operator",
        ...(name === undefined ? {} : { name }),
        ...(passcode === undefined ? {} : { passcode }),
      }).catch((error: unknown) => explain(error, agent.login));
      const shown = passcode === undefined ? [`passcode ${added.passcode}`] : [];
      return [`added ${agent.role} ${agent.login}, id ${added.user.id}`, ...shown];
    },
    "add-service": async (input) => {
      const service = parse(serviceInput, input);
      const { user, token } = await addService(store, { ...service, actor: "operator" }).catch(
        (error: unknown) => explain(error, service.name),
      );
      return [
        `added service ${service.name}, id ${user.id}, scopes ${service.scopes.join(",")}`,
        `token ${token}`,
      ];
    },
    list: async () => {
      const accounts = await store.execute("accounts", null);
      return accounts.map(({ id, kind, role, login, scopes, disabled }) =>
        [kind, role ?? scopes?.join(",") ?? "", login ?? "", id, disabled === true ? "disabled" : ""]
          .join("\t")
          .trimEnd(),
      );
    },
    // The first line is where the next part begins: empty on the last.
    "export-customer": async (input) => {
      const asked = parse(exportInput, input);
      const part = await exportPart(store, asked, Date.now()).catch((error: unknown) =>
        explainUnknown(error, asked.customer),
      );
      return [part.next === undefined ? "" : JSON.stringify(part.next), part.text];
    },
    "erase-customer": async (input) => {
      const { customer } = parse(customerInput, input);
      const erasing = { now: Date.now(), emptyLog: () => emptyLog(store) };
      const erased = await eraseCustomer(store, customer, erasing).catch((error: unknown) =>
        explainUnknown(error, customer),
      );
      const { id, earlier, messages, notes, conversations } = erased;
      return [
        `erased customer ${id}: ${counted(messages, "message")} and ${counted(notes, "note")} in ${counted(conversations, "conversation")}`,
        ...EARLIER[earlier],
        "backups made before, and before-restore-* in the data directory, still have it",
      ];
    },
    ...accountVerbs(store, passcodes),
    ...auditVerbs(store),
  };
}
