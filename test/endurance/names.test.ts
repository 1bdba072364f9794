/** Scripts as names of people are names in every place that shows one: too many people for the everyday run. */
import { SignJWT } from "jose";
import { expect, it } from "vitest";
import { addAgent } from "../../src/adapters/auth/accounts.ts";
import { claimFirst, connectClient, CUSTOMER, openWidget, signIn, texts, write } from "../helpers/people.ts";
import { admin } from "../helpers/program.ts";
import { AGENT_PASSCODE, until } from "../helpers/running-server.ts";
import { NAMES } from "../helpers/script-payloads.ts";
import { useSite } from "../helpers/site.ts";
import type { ChatClient } from "../../src/web/client/index.ts";

const SECRET = "0123456789abcdef0123456789abcdef";

const site = useSite({ RATE_LIMITS: "off", SITE_JWT_SECRET: SECRET, SITE_JWT_AUDIENCE: "shop" });

/** As the console shows it: no name turns the words around it. */
const inConsole = (name: string): string => name.replaceAll("\u202E", "");

async function connectAgent(login: string, name: string): Promise<ChatClient> {
  const { store, passcodes } = site.server.server;
  await addAgent(store, passcodes, { login, role: "agent", passcode: AGENT_PASSCODE, name });
  return connectClient(site.server.url, { credentials: { login, passcode: AGENT_PASSCODE } });
}

/** A customer whom the site vouches for, with a message that waits. */
async function connectCustomer(subject: string, name: string): Promise<ChatClient> {
  const customer = await connectClient(site.server.url);
  await customer.identify(await siteToken(subject, name));
  customer.send({ userTo: "support", text: name });
  await until("stored", () => customer.outgoing.length === 0);
  return customer;
}

const stopAll = (clients: readonly ChatClient[]): Promise<unknown> =>
  Promise.all(clients.map((client) => client.stop()));

it("scripts as names of agents stay names in the widget and in the console", async () => {
  const [own = ""] = NAMES;
  await site.server.stop();
  const added = await admin(site.server.dataDir, ["add-agent", "carl", "--name", own], AGENT_PASSCODE);
  expect(added.exit?.code).toBe(0);
  await site.server.start();
  const [shop, desk] = [await site.newPage(), await site.newPage()];
  await signIn(desk, site.url, "carl");
  expect(await desk.locator(".me").textContent()).toBe(own);
  const panel = await openWidget(shop, site.url);
  await write(panel, CUSTOMER, "who is there?");
  await desk.getByRole("tab", { name: "Waiting 1" }).waitFor();
  const agents = await Promise.all(NAMES.map((name, index) => connectAgent(`agent${index}`, name)));
  const [first] = agents;
  const [conversation] = (await first?.listConversations())?.items ?? [];
  const { id, customer } = conversation ?? { id: "", customer: { id: "" } };
  for (const agent of agents) {
    // It claims the chat.
    agent.send({ userTo: customer.id, text: "It is me", conversation: id });
    await until("stored", () => agent.outgoing.length === 0);
    await agent.release(id);
  }
  await claimFirst(desk);
  await expect.poll(() => panel.getByRole("heading", { level: 1 }).textContent()).toBe(own);
  const lines = await panel.locator(".line", { hasText: "joined the chat" }).allTextContents();
  expect(lines.map((line) => line.replace(/ joined the chat.*$/s, ""))).toEqual([...NAMES, own]);
  expect(await panel.locator(".message.other .author").allTextContents()).toEqual(NAMES);
  await desk.getByRole("button", { name: "Hand over…" }).click();
  const options = await desk.getByLabel("Hand over to").locator("option").allTextContents();
  expect(options.slice(1).sort()).toEqual(NAMES.map(inConsole).sort());
  await stopAll(agents);
});

it("scripts as names of customers, from the site's token, stay names in every pane of the console", async () => {
  const desk = await site.newPage();
  await signIn(desk, site.url);
  const customers = await Promise.all(NAMES.map((name, index) => connectCustomer(`customer${index}`, name)));
  await desk.getByRole("tab", { name: `Waiting ${NAMES.length}` }).waitFor();
  const rows = desk.locator(".list-pane .row");
  expect((await rows.locator(".who").allTextContents()).sort()).toEqual(NAMES.map(inConsole).sort());
  expect((await rows.locator(".preview").allTextContents()).sort()).toEqual([...NAMES].sort());
  for (const name of NAMES) {
    const shown = inConsole(name);
    await rows.filter({ has: desk.locator(".who").getByText(shown, { exact: true }) }).click();
    await desk.getByRole("heading", { level: 2, name: shown, exact: true }).waitFor();
    expect(await desk.locator(".context-pane dd").first().textContent()).toBe(shown);
    await expect.poll(() => texts(desk)).toEqual([name]);
  }
  await desk.getByRole("tab", { name: `Visitors ${NAMES.length}` }).click();
  expect((await rows.locator(".who").allTextContents()).sort()).toEqual(NAMES.map(inConsole).sort());
  await stopAll(customers);
});

function siteToken(subject: string, name: string): Promise<string> {
  return new SignJWT({ name })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(subject)
    .setAudience("shop")
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(new TextEncoder().encode(SECRET));
}
