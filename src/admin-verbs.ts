/** The verbs of the command line, over an open store: the same on a running installation and a stopped one. */
import { join, relative } from "node:path";
import { z } from "zod";
import { addAgent, addService } from "./adapters/auth/accounts.ts";
import { passcodeProblem } from "./adapters/auth/passcodes.ts";
import type { Passcodes } from "./adapters/auth/passcodes.ts";
import type { AdminVerb } from "./adapters/http/admin-socket.ts";
import type { DurableStore } from "./adapters/stores/sqlite-store.ts";

const LOGIN = /^[A-Za-z0-9._@+-]{1,64}$/;
const MAX_SOCKET_PATH = 100;

const agentInput = z.strictObject({
  login: z.string().regex(LOGIN, "a login is 1 to 64 of A-Z a-z 0-9 . _ @ + -"),
  role: z.enum(["agent", "supervisor", "admin"]),
  name: z.string().min(1).max(100).optional(),
  passcode: z.string().optional(),
});
const serviceInput = z.strictObject({
  name: z.string().regex(LOGIN, "a name is 1 to 64 of A-Z a-z 0-9 . _ @ + -"),
  scopes: z.array(z.enum(["topics", "queues", "chat", "api"])).min(1),
});

/** Unix socket paths are short; a long one is written from the working directory. */
export function adminSocketPath(dataDir: string): string {
  const path = join(dataDir, "admin.sock");
  const fromHere = relative(process.cwd(), path);
  return path.length > MAX_SOCKET_PATH && fromHere.length < path.length ? fromHere : path;
}

/** Each verb takes its input as JSON and returns the lines to print; it throws Errors for the operator. */
export function adminVerbs(store: DurableStore, passcodes: Passcodes): Readonly<Record<string, AdminVerb>> {
  return {
    "add-agent": async (input) => {
      const { name, passcode, ...agent } = agentInput.parse(input);
      const problem = passcode === undefined ? undefined : passcodeProblem(passcode);
      if (problem !== undefined) throw new Error(problem);
      const added = await addAgent(store, passcodes, {
        ...agent,
        ...(name === undefined ? {} : { name }),
        ...(passcode === undefined ? {} : { passcode }),
      });
      const shown = passcode === undefined ? [`passcode ${added.passcode}`] : [];
      return [`added ${agent.role} ${agent.login}, id ${added.user.id}`, ...shown];
    },
    "add-service": async (input) => {
      const service = serviceInput.parse(input);
      const { user, token } = await addService(store, service);
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
    doctor: async () => {
      const integrity = await store.checkIntegrity();
      await store.checkWritable();
      if (integrity.join() !== "ok") throw new Error(`the database is damaged: ${integrity.join("; ")}`);
      return ["database: whole and writable"];
    },
  };
}
