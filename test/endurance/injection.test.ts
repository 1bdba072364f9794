/** Scripts in every field that some page shows are texts in every place that shows it: too many for the everyday run. */
import { afterAll, expect, it } from "vitest";
import {
  addressWith,
  CAST_SITE,
  castAgents,
  castCustomers,
  operator,
  payloadsIn,
  VALUES,
} from "../helpers/injection/cast.ts";
import { seeServices, seeThreads, seeVisitors, seeWaiting } from "../helpers/injection/console-scenes.ts";
import {
  seeColleagues,
  seeNotes,
  seeNotices,
  seeRefusedTexts,
  seeSignIns,
} from "../helpers/injection/desk-scenes.ts";
import { expectNothingStrange, giveEyes } from "../helpers/injection/eyes.ts";
import { Ledger } from "../helpers/injection/ledger.ts";
import { seeAddresses, seeAnswers, seeSites } from "../helpers/injection/page-scenes.ts";
import {
  saveCannedResponses,
  seeCannedResponses,
  seePicker,
  seeSearch,
} from "../helpers/injection/team-scenes.ts";
import {
  openGuest,
  seeAgents,
  seeHostPage,
  seeInvitations,
  seeOwnMessages,
  seeTitle,
} from "../helpers/injection/widget-scenes.ts";
import { signIn } from "../helpers/people.ts";
import { RawClient } from "../helpers/raw-client.ts";
import { PAYLOADS } from "../helpers/script-payloads.ts";
import { NETWORK_ERRORS, useSite } from "../helpers/site.ts";
import type { Page } from "playwright-core";
import type { Customer } from "../helpers/injection/cast.ts";
import type { Visit } from "../helpers/injection/console-scenes.ts";

const site = useSite(CAST_SITE);
const ledger = new Ledger();

/** A page that is looked at from within. */
async function openPage(): Promise<Page> {
  const profile = await site.newProfile();
  await giveEyes(profile);
  return profile.newPage();
}

/** Tells the server where the customer is: at the payload itself, if that is an address. */
async function visit({ client, payload }: Customer): Promise<Visit> {
  const referrer = addressWith(payload);
  const title = /\p{Cc}/u.test(payload) ? undefined : payload;
  const accepted = await client.post("/chat/page", { url: payload, title, referrer });
  expect(accepted !== undefined).toBe(/^https?:\/\//.test(payload) && URL.canParse(payload));
  const url = accepted === undefined ? referrer : withoutCredentials(payload);
  if (accepted === undefined) {
    if (title === undefined) {
      expect(await client.post("/chat/page", { url, title: payload, referrer })).toBeUndefined();
      ledger.refused(
        "a page's title",
        payloadsIn((value) => value === payload),
      );
    }
    const there = await client.post("/chat/page", { url, title, referrer });
    expect(there, `${payload}: ${JSON.stringify(client.bodies("errors"))}`).toBeDefined();
  }
  return { url, title, referrer };
}

function withoutCredentials(address: string): string {
  return Object.assign(new URL(address), { username: "", password: "" }).href;
}

it("in the console, whatever customers, their browsers and pages, colleagues and the own hands write", async () => {
  site.expectErrors(NETWORK_ERRORS);
  const { server } = site;
  const desk = await openPage();
  await signIn(desk, site.url);
  await desk.getByRole("button", { name: "Enable alerts" }).click();
  await desk.getByRole("button", { name: "Done" }).click();
  const scene = { desk, ledger };
  const customers = await castCustomers(server);
  const visits = await Promise.all(customers.map(visit));
  await seeVisitors(scene, visits);
  const chats = await Promise.all(
    customers.map(async ({ client, payload }) => {
      const receipt = await client.say("support", payload);
      return { conversation: receipt?.headers.get("conversation") ?? "", customer: client.id };
    }),
  );
  await seeWaiting(scene);
  const agents = await castAgents(server);
  const each = (work: (agent: RawClient, index: number) => Promise<unknown>): Promise<unknown> =>
    Promise.all(agents.map(async (agent, index) => expect(await work(agent, index)).toBeDefined()));
  const conversation = (index: number): string => chats[index]?.conversation ?? "";
  const customer = (index: number): string => chats[index]?.customer ?? "";
  await each((agent, index) => agent.post("/chat/claim", { conversation: conversation(index) }));
  await each((agent, index) => agent.say(customer(index), VALUES[index] ?? ""));
  await desk.exposeFunction("customerTypes", (index: number) =>
    customers[index]?.client
      .post("/chat/typing", { conversation: conversation(index), typing: true })
      .then(() => undefined),
  );
  await desk.evaluate("document.hasFocus = () => false");
  await seeThreads(scene, customers, visits);
  await desk.locator(".back").evaluate((back: { click(): void }) => back.click());
  const anna = String(await desk.evaluate(`JSON.parse(sessionStorage["customer-chat:console-user"]).id`));
  await each((agent, index) =>
    agent.post("/chat/note", { conversation: conversation(index), note: VALUES[index] ?? "" }),
  );
  await each((agent, index) =>
    agent.post("/chat/transfer", {
      conversation: conversation(index),
      to: anna,
      note: VALUES[index] ?? "",
    }),
  );
  await desk.evaluate("eyes.notices.splice(0)");
  await Promise.all(customers.map(({ client, payload }) => client.say(anna, `zq ${payload}`)));
  await seeNotices(scene, (payload) => `zq ${payload}`);
  await seeNotes(scene);
  await seeSearch(scene, "zq");
  const [agent] = agents;
  if (agent !== undefined) await saveCannedResponses(agent);
  await seeCannedResponses(scene);
  await seeRefusedTexts(scene);
  await seePicker(scene);
  await each((agent, index) =>
    agent.post("/chat/block", { user: customer(index), reason: VALUES[index] ?? "" }),
  );
  await seeColleagues(scene);
  await seeSignIns(scene);
  await expectNothingStrange([desk]);
});

it("in the widget and around it, whatever agents, the customer and the host page write", async () => {
  const shop = await openPage();
  const agents = await castAgents(site.server);
  const first = await openGuest(shop, site.url);
  const { body } = await site.server.post("/api/sessions", {
    login: "agent0",
    passcode: "an agent's passcode",
  });
  const list = await site.server.get("/api/conversations?state=waiting", String(body["token"]));
  const [{ id: conversation, customer } = { id: "", customer: { id: "" } }] = list.body["items"] as {
    id: string;
    customer: { id: string };
  }[];
  const scene = { shop, ledger };
  await seeAgents(scene, agents, { conversation, customer: customer.id });
  await seeOwnMessages(scene, first);
  const [agent] = agents;
  if (agent !== undefined) await seeInvitations(scene, agent, customer.id);
  await seeHostPage(scene);
  await expectNothingStrange([shop]);
  await seeTitle(scene);
  await expectNothingStrange([shop]);
});

it("in addresses of pages, and in answers that are none", async () => {
  site.expectErrors(NETWORK_ERRORS);
  const page = await openPage();
  const scene = { page, ledger, url: site.url };
  await seeAddresses(scene);
  await seeAnswers(scene);
  await seeSites(scene);
});

it("in the name of a service, as far as its letters can be one", async () => {
  const { server } = site;
  const { "add-service": add } = await operator(server);
  const names: string[] = [];
  for (const name of PAYLOADS) {
    const [, token] = (await add?.({ name, scopes: ["chat"] }).catch(() => undefined)) ?? [];
    if (token === undefined) {
      ledger.refused("a service's name", 1);
      continue;
    }
    names.push(name);
    const service = await RawClient.connect(server.webSocketUrl, { passcode: token.replace("token ", "") });
    const guest = await RawClient.connect(server.webSocketUrl);
    const receipt = await guest.say("support", name);
    const conversation = receipt?.headers.get("conversation") ?? "";
    expect(await service.post("/chat/claim", { conversation })).toBeDefined();
  }
  expect(names.length).toBeGreaterThan(0);
  const desk = await openPage();
  await signIn(desk, site.url);
  await seeServices({ desk, ledger }, names);
});

afterAll(() => {
  ledger.expectComplete();
  console.log(ledger.line);
});
