/** Reads what a verb of the command line was given; what is wrong with it is told in one line. */
import type { z } from "zod";

/** Throws an Error with every problem: what reads it is a terminal. */
export function parse<Output>(schema: z.ZodType<Output>, input: unknown): Output {
  const { data, error } = schema.safeParse(input);
  if (error === undefined) return data;
  const problems = error.issues.map(({ path, message }) => `${path[0]?.toString() ?? "input"}: ${message}`);
  throw new Error([...new Set(problems)].join("; "));
}
