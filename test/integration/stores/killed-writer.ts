/** A process that posts as fast as it can and prints what was acknowledged, until it is killed. */
import { createSqliteStore } from "../../../src/adapters/stores/sqlite-store.ts";
import { Desk } from "../../contract/desk.ts";
import type { Principal } from "../../../src/broker/principal.ts";

const [, , file = "", id = ""] = process.argv;
const desk = new Desk(await createSqliteStore({ file }));
const guest: Principal = { id, kind: "guest" };
for (let count = 1; ; count += 10) {
  const batch = Array.from({ length: 10 }, (_, index) => String(count + index));
  await Promise.all(batch.map((text) => desk.post(guest, "support", text)));
  process.stdout.write(`${batch.join("\n")}\n`);
}
