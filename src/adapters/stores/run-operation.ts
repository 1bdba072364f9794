/** Looks an operation up by name and runs it: the one place where names meet functions. */
import type { Fact } from "../../chat/facts.ts";
import type {
  OPERATIONS,
  OperationInput,
  OperationName,
  OperationResult,
} from "../../chat/operations/index.ts";
import type { Tables } from "../../chat/tables.ts";

type Run<Name extends OperationName> = (
  tables: Tables,
  input: OperationInput<Name>,
) => { readonly result: OperationResult<Name>; readonly facts: readonly Fact[] };

/** Runs inside the caller's transaction; throws the Refusal of the operation or what the tables threw. */
export function runOperation<Name extends OperationName>(
  operations: typeof OPERATIONS,
  tables: Tables,
  name: Name,
  input: OperationInput<Name>,
): ReturnType<Run<Name>> {
  // The compiler cannot see that the operation of a name takes the input of that name.
  return (operations[name] as unknown as Run<Name>)(tables, input);
}
