/** The client library within the rates of a server as it is shipped: nobody has to know of them. */
import { expect, it } from "vitest";
import { texts, useClients } from "../../helpers/clients.ts";
import { until } from "../../helpers/running-server.ts";

const at = useClients({ RATE_LIMITS: "on" });

it("a guest who writes faster than allowed has everything stored, in order and once, and sees nothing of it", async () => {
  const { customer, anna, conversation } = await at().chat();
  const refusals: string[] = [];
  customer.on("refusal", ({ code }) => refusals.push(code));
  const written = Array.from({ length: 8 }, (_, index) => `message ${index}`);
  for (const text of written) customer.send({ userTo: "support", text, conversation });
  await until("all are stored", () => texts(anna, conversation).length === 9, 20_000);
  expect(texts(anna, conversation)).toEqual(["hello", ...written]);
  await until("all are answered", () => customer.outgoing.length === 0);
  expect(refusals).toEqual([]);
  expect(customer.state.status).toBe("online");
});
