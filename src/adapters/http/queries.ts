/** Query parameters of REST, strict: a parameter that is repeated, unknown or out of range is BAD_QUERY. */
import { refuse } from "../../chat/errors.ts";
import { HISTORY_LIMIT, MAX_HISTORY_LIMIT, MAX_SEARCH_CODE_POINTS } from "../../chat/wire.ts";
import type { Request } from "express";
import type { ConversationState } from "../../chat/wire.ts";

const STATES: readonly ConversationState[] = ["waiting", "active", "closed"];
const ID = /^[A-Za-z0-9_-]{1,64}$/;

export class Query {
  readonly #parameters: Readonly<Record<string, unknown>>;

  /** Refuses every parameter that is not among `allowed`. */
  constructor(request: Request, allowed: readonly string[]) {
    this.#parameters = request.query;
    for (const name of Object.keys(request.query)) if (!allowed.includes(name)) throw bad(name);
  }

  limit(): number {
    return this.#number("limit", 1, MAX_HISTORY_LIMIT) ?? HISTORY_LIMIT;
  }

  seq(name: string): number | undefined {
    return this.#number(name, 0, 2 ** 40);
  }

  /** An id from an earlier page. */
  cursor(): string | undefined {
    return this.id("before");
  }

  id(name: string): string | undefined {
    const value = this.text(name);
    if (value !== undefined && !ID.test(value)) throw bad(name);
    return value;
  }

  /** Whatever is not empty. */
  text(name: string): string | undefined {
    const value = this.#parameters[name];
    if (value === undefined) return undefined;
    if (typeof value !== "string" || value === "") throw bad(name);
    return value;
  }

  /** What is searched for; required. */
  words(): string {
    const value = this.text("text");
    if (value === undefined || [...value].length > MAX_SEARCH_CODE_POINTS) throw bad("text");
    return value;
  }

  states(): readonly ConversationState[] | undefined {
    const named = this.text("state")?.split(",");
    return named?.map((name) => {
      const state = STATES.find((known) => known === name);
      if (state === undefined) throw bad("state");
      return state;
    });
  }

  /** `?name` alone is true. */
  flag(name: string): boolean | undefined {
    if (this.#parameters[name] === "") return true;
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (value !== "true" && value !== "false") throw bad(name);
    return value === "true";
  }

  #number(name: string, min: number, max: number): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const parsed = /^[0-9]{1,13}$/.test(value) ? Number(value) : NaN;
    if (!(parsed >= min && parsed <= max)) throw bad(name);
    return parsed;
  }
}

function bad(field: string): Error {
  return refuse("BAD_QUERY", { field: field.slice(0, 64) });
}
