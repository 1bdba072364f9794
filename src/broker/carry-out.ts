/** Carries out what frames prepared: what is durable first and together, then the rest; a refusal undoes all. */
import type { Prepared, Reply } from "./application-destination.ts";
import type { Broker } from "./broker.ts";
import type { Session } from "./session.ts";

/** At once where nothing is durable; else it resolves when all is stored and has taken effect. */
export function carryOut(
  broker: Broker,
  session: Session,
  prepared: readonly Prepared[],
): Promise<Reply> | Reply {
  const operations = prepared.flatMap(({ operation }) => operation ?? []);
  if (operations.length === 0) return applyAll(prepared);
  return broker.commit(operations, session).then(
    () => applyAll(prepared),
    (error: unknown) => {
      cancelAll(prepared);
      throw error;
    },
  );
}

export function cancelAll(prepared: readonly Prepared[]): void {
  for (const { cancel } of prepared) cancel?.();
}

function applyAll(prepared: readonly Prepared[]): Reply {
  for (const { apply } of prepared) apply?.();
  return {};
}
