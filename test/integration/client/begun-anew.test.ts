/** A client that has to begin anew, as after a restore, has its conversations again whatever comes in between. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { texts, useClients } from "../../helpers/clients.ts";
import { until } from "../../helpers/running-server.ts";

const at = useClients();

/** What a restore does to every position that was given out. */
async function beginEpoch(): Promise<void> {
  await at().server.stop();
  const database = new DatabaseSync(join(at().server.dataDir, "chat.db"));
  database.prepare("UPDATE meta SET value = ? WHERE name = 'epoch'").run(randomBytes(4).toString("hex"));
  database.close();
  await at().server.start();
}

describe("beginning anew", () => {
  it.each(["/api/conversations?", "/messages?"])(
    "goes on where it was interrupted, by the loss of an answer of %s",
    async (lost) => {
      let losses = 0;
      const interrupted = async (...request: Parameters<typeof fetch>): Promise<Response> => {
        const [url] = request;
        if (losses > 0 && typeof url === "string" && url.includes(lost)) {
          losses -= 1;
          throw new TypeError("fetch failed");
        }
        return fetch(...request);
      };
      const { customer, anna, conversation } = await at().chat({ platform: { fetch: interrupted } });
      anna.send({ userTo: customer.user?.id ?? "", text: "welcome", conversation });
      await until("it is there", () => texts(customer, conversation).length === 2);
      await beginEpoch();
      losses = 1;
      await until(
        "it was lost, and is online",
        () => losses === 0 && customer.state.status === "online",
        20_000,
      );
      expect(texts(customer, conversation)).toEqual(["hello", "welcome"]);
      anna.send({ userTo: customer.user?.id ?? "", text: "and on", conversation });
      await until("it goes on", () => texts(customer, conversation).length === 3);
    },
  );
});
