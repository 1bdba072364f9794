/** A strict JSON body against its schema, with refusals that name the field. */
import { refuse } from "./errors.ts";
import { parseJsonObject } from "./json.ts";
import type { z } from "zod";

/** The body as the schema's type; throws Refusal. */
export function parseStrict<Schema extends z.ZodType>(schema: Schema, body: string): z.infer<Schema> {
  return checkStrict(schema, parseJsonObject(body));
}

/** An already parsed object as the schema's type; throws Refusal. */
export function checkStrict<Schema extends z.ZodType>(
  schema: Schema,
  value: Record<string, unknown>,
): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw issue === undefined ? refuse("BAD_VALUE") : refusalOf(issue, value);
}

function refusalOf(issue: z.core.$ZodIssue, value: Record<string, unknown>): Error {
  if (issue.code === "unrecognized_keys") {
    return refuse("UNKNOWN_FIELD", { field: issue.keys[0]?.slice(0, 64) ?? "" });
  }
  const field = String(issue.path[0] ?? "$");
  if (issue.code !== "invalid_type") return refuse("BAD_VALUE", { field });
  return Object.hasOwn(value, field) ? refuse("BAD_TYPE", { field }) : refuse("MISSING_FIELD", { field });
}
