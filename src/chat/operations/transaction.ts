/** Several operations as one: all of them, or nothing. */
import * as blocks from "./blocks.ts";
import * as desk from "./desk.ts";
import { read } from "./marks.ts";
import { writeNote } from "./notes.ts";
import { post } from "./post.ts";
import * as team from "./team.ts";
import { changeQueues } from "./queues.ts";
import type { Fact } from "../facts.ts";
import type { Tables } from "../tables.ts";
import type { Outcome } from "./outcome.ts";
import type { PostResult } from "./post.ts";

/** What may take part. */
const STEPS = {
  post,
  invite: desk.invite,
  claim: desk.claim,
  release: desk.release,
  transfer: desk.transfer,
  close: desk.close,
  read,
  writeNote,
  setStatus: team.setStatus,
  saveCannedResponse: team.saveCannedResponse,
  deleteCannedResponse: team.deleteCannedResponse,
  block: blocks.block,
  unblock: blocks.unblock,
  changeQueues,
} as const;

type StepName = keyof typeof STEPS;

/** One operation with its input. */
export type Step = {
  [Name in StepName]: { readonly name: Name; readonly input: Parameters<(typeof STEPS)[Name]>[1] };
}[StepName];

type Run = (tables: Tables, input: Step["input"]) => Outcome<unknown>;

/**
 * Runs the steps in order, each seeing what the ones before wrote; the Refusal of one undoes all. The results are those
 * of the messages, in order.
 */
export function transaction(
  tables: Tables,
  { steps }: { readonly steps: readonly Step[] },
): Outcome<readonly PostResult[]> {
  return tables.atomically(() => {
    const posted: PostResult[] = [];
    const facts: Fact[] = [];
    for (const { name, input } of steps) {
      // The compiler cannot see that the step of a name takes the input of that name.
      const outcome = (STEPS[name] as Run)(tables, input);
      facts.push(...outcome.facts);
      if (name === "post") posted.push(outcome.result as PostResult);
    }
    return { result: posted, facts };
  });
}
