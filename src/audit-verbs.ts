/** What the command line asks of the audit log: a page of it to print, and the line of a backup. */
import { z } from "zod";
import { ACTORS, DONE } from "./chat/audit.ts";
import { parse } from "./parse-input.ts";
import type { AdminVerb } from "./adapters/http/admin-socket.ts";
import type { AuditLine, AuditPlace } from "./chat/audit.ts";
import type { ChatStore } from "./chat/store.ts";

/** Lines that one question looks at. */
const PAGE = 1000;
const MAX_FILE = 256;

const place = z
  .string()
  .regex(/^[0-9]{1,15}-[0-9]{1,15}$/)
  .transform((text): AuditPlace => {
    const [at = 0, key = 0] = text.split("-").map(Number);
    return { at, key };
  });
const time = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], "a date, or a time such as 2026-11-26T08:00:00Z")
  .transform((text) => Date.parse(text));

export const auditInput = z.strictObject({
  since: time.optional(),
  user: z.string().min(1).max(64).optional(),
  after: place.optional(),
});
const backupInput = z.strictObject({ ok: z.boolean(), file: z.string() });

export function auditVerbs(store: ChatStore): Readonly<Record<"audit" | "audit-backup", AdminVerb>> {
  return {
    // The first line is where the next page begins: empty on the last.
    audit: async (input) => {
      const { since = 0, user, after = { at: since, key: 0 } } = parse(auditInput, input);
      const about = user === undefined ? {} : { user: await idOf(store, user) };
      const { lines, next } = await store.execute("auditPage", { after, limit: PAGE, ...about });
      return [next === undefined ? "" : `${next.at}-${next.key}`, ...lines.map(printed)];
    },
    "audit-backup": async (input) => {
      const { ok, file } = parse(backupInput, input);
      const line = {
        at: Date.now(),
        actor: "operator",
        action: "backup",
        detail: file.slice(0, MAX_FILE),
      } as const;
      await store.execute("recordAudit", { lines: [{ ...line, outcome: ok ? DONE : "FAILED" }] });
      return [];
    },
  };
}

/** Of a login or an id; throws an Error for the operator. */
async function idOf(store: ChatStore, user: string): Promise<string> {
  if (ACTORS.some((actor) => actor === user)) return user;
  const found =
    (await store.execute("userByLogin", { login: user })) ?? (await store.execute("userById", { id: user }));
  if (found === undefined) throw new Error(`${user}: there is no such user`);
  return found.id;
}

/** A line of columns, with tabs between: time, actor, action, user, object, outcome, address, detail, times. */
function printed({ at, actor, action, user, object, detail, address, outcome, times }: AuditLine): string {
  const columns = [new Date(at).toISOString(), actor, action, user, object, outcome, address, detail, times];
  return columns.map((column) => (column === undefined ? "-" : plain(String(column)))).join("\t");
}

/** A terminal reads it: nothing of a file's name or of a host's login may steer one. */
function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, "?");
}
