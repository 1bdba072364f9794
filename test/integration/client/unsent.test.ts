/** A client and the place where messages on their way outlive their page. */
import { expect, it } from "vitest";
import { memoryTokens, online, texts, useClients } from "../../helpers/clients.ts";
import { until } from "../../helpers/running-server.ts";
import type { Unsent, UnsentStore } from "../../../src/web/client/index.ts";

const at = useClients();

/** What a page kept, and what others have left it. */
function memoryUnsent(...left: readonly Unsent[]): UnsentStore & { kept: Unsent; isForgotten: boolean } {
  return {
    kept: { messages: [] },
    isForgotten: false,
    save(unsent) {
      this.kept = unsent;
    },
    take(adopt) {
      left.forEach(adopt);
    },
    forget() {
      this.isForgotten = true;
    },
  };
}

it("is given each message until it is stored, and sends what another page left, once and in order", async () => {
  const tokens = memoryTokens();
  const gone = memoryUnsent();
  const { customer, anna, conversation } = await at().chat({ tokens, unsent: gone });
  const userTo = "support";
  customer.send({ userTo, text: "stored", conversation });
  const first = gone.kept;
  expect(first).toMatchObject({ user: customer.user, messages: [{ text: "stored" }] });
  await until("stored", () => customer.outgoing.length === 0);
  expect(gone.kept.messages).toEqual([]);
  anna.send({ userTo: customer.user?.id ?? "", text: "an answer", conversation });
  await until("answered", () => texts(customer).length === 3);
  at().proxy.refuse(true);
  at().proxy.cut();
  for (const text of ["unsent 1", "unsent 2"]) customer.send({ userTo, text, conversation });
  const second = gone.kept;
  void customer.stop();
  at().proxy.refuse(false);

  const messages = [...first.messages, ...second.messages];
  const unsent = memoryUnsent({ user: first.user, messages });
  const next = await at().guest({ tokens, unsent });
  await until("all is sent", () => next.outgoing.length === 0);
  const all = ["hello", "stored", "an answer", "unsent 1", "unsent 2"];
  await until("all of it", () => texts(anna, conversation).length === all.length);
  expect([texts(anna, conversation), texts(next), unsent.kept.messages]).toEqual([all, all.slice(1), []]);
});

it("has no hole in its transcript when a message of another page turns out to be stored long ago", async () => {
  const tokens = memoryTokens();
  const gone = memoryUnsent();
  const { customer, anna, conversation } = await at().chat({ tokens, unsent: gone });
  customer.send({ userTo: "support", text: "stored", conversation });
  const left = gone.kept;
  await until("stored", () => customer.outgoing.length === 0);
  anna.send({ userTo: customer.user?.id ?? "", text: "an answer", conversation });
  await until("answered", () => texts(customer).length === 3);
  const next = await at().guest({ tokens, unsent: memoryUnsent(left) });
  await until("the answer too", () => texts(next).length === 2);
  expect(texts(next)).toEqual(["stored", "an answer"]);
});

it("drops what is kept with who signs out", async () => {
  const unsent = memoryUnsent();
  const client = await at().guest({ unsent });
  at().proxy.stall();
  client.send({ userTo: "support", text: "unsent" });
  expect(unsent.kept.messages).toHaveLength(1);
  const left = client.reset();
  expect([unsent.kept.messages, unsent.isForgotten]).toEqual([[], true]);
  at().proxy.resume();
  await left;
  client.start();
  await online(client);
  expect(client.outgoing).toEqual([]);
});
