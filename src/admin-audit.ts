/** `audit`: prints the audit log page by page, and has what the command line did by itself written down. */
import type { AdminAnswer } from "./adapters/http/admin-socket.ts";

export type Ask = (verb: string, input: unknown) => Promise<AdminAnswer>;

export type AuditQuery = { readonly since?: string; readonly user?: string };

/**
 * Prints every line as it comes, until `print` resolves with false; the answer has none left, or says why there are no
 * more.
 */
export async function printAudit(
  ask: Ask,
  query: AuditQuery,
  print: (lines: readonly string[]) => Promise<boolean>,
): Promise<AdminAnswer> {
  let after: string | undefined;
  do {
    const answer = await ask("audit", { ...query, ...(after === undefined ? {} : { after }) });
    if (!answer.ok) return answer;
    const [next = "", ...lines] = answer.lines;
    const goesOn = await print(lines);
    after = next === "" || !goesOn ? undefined : next;
  } while (after !== undefined);
  return { ok: true, lines: [] };
}

/** Writes down a backup, which is made beside the store; resolves with why it could not, where it could not. */
export async function auditBackup(
  ask: Ask,
  { ok, file }: { readonly ok: boolean; readonly file: string },
): Promise<string | undefined> {
  const answer = await ask("audit-backup", { ok, file });
  return answer.ok ? undefined : `it is not in the audit log: ${answer.lines.join("; ")}`;
}
