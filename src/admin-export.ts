/** `export-customer`: prints one customer's data as one JSON document, part by part. */
import type { AdminAnswer } from "./adapters/http/admin-socket.ts";
import type { Ask } from "./admin-audit.ts";

/**
 * Each part is printed before the next one is asked for, until `print` resolves with false; the answer has no lines left,
 * or says why there are no more parts.
 */
export async function printExport(
  ask: Ask,
  customer: string,
  print: (text: string) => Promise<boolean>,
): Promise<AdminAnswer> {
  let place: unknown;
  do {
    const answer = await ask("export-customer", { customer, ...(place === undefined ? {} : { place }) });
    if (!answer.ok) return answer;
    const [next = "", text = ""] = answer.lines;
    const goesOn = await print(text);
    place = next === "" || !goesOn ? undefined : (JSON.parse(next) as unknown);
  } while (place !== undefined);
  await print("\n");
  return { ok: true, lines: [] };
}
