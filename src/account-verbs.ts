/** What the command line does to accounts that exist: end their sessions, shut them out, let them in again. */
import { z } from "zod";
import { Refusal } from "./broker/errors.ts";
import type { AdminVerb } from "./adapters/http/admin-socket.ts";
import type { ChatStore } from "./chat/store.ts";

export const ACCOUNT_VERBS = ["sign-out", "disable", "enable"] as const;

const OPERATIONS = { "sign-out": "signOut", disable: "disable", enable: "enable" } as const;
const TOLD = {
  "sign-out": "signed out",
  disable: "disabled",
  enable: "enabled",
} as const;

const accountInput = z.strictObject({ account: z.string().min(1).max(64) });

/** `parse` throws an Error for the operator. */
export function accountVerbs(
  store: ChatStore,
  parse: <Output>(schema: z.ZodType<Output>, input: unknown) => Output,
): Readonly<Record<string, AdminVerb>> {
  const verb =
    (name: (typeof ACCOUNT_VERBS)[number]): AdminVerb =>
    async (input) => {
      const { account } = parse(accountInput, input);
      const deed = { account, actor: "operator", now: Date.now() } as const;
      const { kind, id, login } = await store.execute(OPERATIONS[name], deed).catch((error: unknown) => {
        throw error instanceof Refusal && error.code === "UNKNOWN_USER"
          ? new Error(`${account}: there is no such agent or service`)
          : error;
      });
      return [`${TOLD[name]} ${kind} ${login ?? ""}, id ${id}`];
    };
  return Object.fromEntries(ACCOUNT_VERBS.map((name) => [name, verb(name)]));
}
