/** The rows as text, for whoever helps: it holds no secret. */
import type { Result } from "./verdict.ts";

const MARKS = { well: "OK", note: "NOTE", problem: "PROBLEM" } as const;

export function reportOf({ rows, verdict, answer }: Result, url: string, userAgent: string): string {
  const lines = rows.map(
    ({ name, outcome, said, todo }) =>
      `${MARKS[outcome]}  ${name}: ${said}${todo === undefined ? "" : `\n    To do: ${todo}`}`,
  );
  const server = answer.kind === "answered" ? JSON.stringify(answer.check) : answer.kind;
  return [
    `Connection check of ${url}`,
    new Date().toISOString(),
    userAgent,
    "",
    verdict.said,
    "",
    ...lines,
    "",
    `Server: ${server}`,
  ].join("\n");
}
