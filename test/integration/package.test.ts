/** The package as it is published: a program of somebody else's installs it and chats through its client library. */
import { execFile, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { RawClient } from "../helpers/raw-client.ts";
import { readmeSample } from "../helpers/readme.ts";
import { AGENT_PASSCODE, RunningServer, until } from "../helpers/running-server.ts";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const MODULES = join(ROOT, "node_modules");

/** What the guide for developers shows, as a guest and as an agent. */
const PROGRAM = `
import { createChatClient, type ChatClient, type TranscriptMessage, type WaitingConversation } from "customer-chat/client";

const [url = "", login = "", passcode = ""] = process.argv.slice(2);

function heard(client: ChatClient): Promise<TranscriptMessage> {
  return new Promise((resolve) => client.on("message", ({ message }) => resolve(message)));
}

const guest = createChatClient({ url });
const agent = createChatClient({ url, credentials: { login, passcode }, desk: true });
const waiting = new Promise<WaitingConversation>((resolve) => {
  agent.on("desk", () => {
    for (const row of agent.desk.waiting.values()) resolve(row);
  });
});
const answer = heard(guest);
guest.start();
agent.start();
guest.send({ userTo: "support", text: "Is it open?" });
const { conversation } = await waiting;
await agent.claim(conversation.id);
agent.send({ userTo: conversation.customer.id, text: "It is.", conversation: conversation.id });
console.log((await answer).message);
await Promise.all([guest.stop(), agent.stop()]);
process.exit(0);
`;

let server: RunningServer;
let directory: string;

beforeAll(async () => {
  server = await RunningServer.start();
  await server.addAgent("anna");
  directory = mkdtempSync(join(tmpdir(), "customer-chat-package-"));
  await run("npm", ["pack", "--pack-destination", directory], { cwd: ROOT });
  const installed = join(directory, "node_modules/customer-chat");
  mkdirSync(installed, { recursive: true });
  const [archive = ""] = readdirSync(directory).filter((name) => name.endsWith(".tgz"));
  await run("tar", ["-xzf", join(directory, archive), "-C", installed, "--strip-components=1"]);
  for (const name of ["@stomp", "@types", "undici-types"]) {
    symlinkSync(join(MODULES, name), join(directory, "node_modules", name));
  }
  writeFileSync(join(directory, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(directory, "program.ts"), PROGRAM);
}, 60_000);
afterAll(async () => {
  await server.remove();
  rmSync(directory, { recursive: true, force: true });
});

it("its types hold under the strictest settings, without this repository's", async () => {
  const options = ["--strict", "--noEmit", "--target", "es2024", "--module", "nodenext", "--types", "node"];
  await expect(
    run(process.execPath, [join(MODULES, "typescript/bin/tsc"), ...options, "program.ts"], {
      cwd: directory,
    }),
  ).resolves.toMatchObject({ stdout: "" });
});

it("guest and agent talk through it", async () => {
  const { stdout } = await run(process.execPath, ["program.ts", server.url, "anna", AGENT_PASSCODE], {
    cwd: directory,
    timeout: 20_000,
  });
  expect(stdout).toBe("It is.\n");
});

it("the README's sample hears what an agent answers", async () => {
  writeFileSync(join(directory, "sample.js"), readmeSample("client-library.js", server.port));
  const credentials = { login: "anna", passcode: AGENT_PASSCODE };
  const agent = await (await RawClient.connect(server.webSocketUrl, credentials)).subscribeAll();
  await agent.subscribe("support", "/chat/topic/support");
  const sample = spawn(process.execPath, ["sample.js"], { cwd: directory });
  let output = "";
  sample.stdout.on("data", (chunk) => (output += String(chunk)));
  const opened = (): { data: { conversation: { customer: { id: string } } } } | undefined =>
    (
      agent.bodies("support") as { type: string; data: { conversation: { customer: { id: string } } } }[]
    ).find(({ type }) => type === "conversation.opened");
  await until("the sample's message waits", () => opened() !== undefined);
  await agent.say(opened()?.data.conversation.customer.id ?? "", "Hello back");
  await until("the sample shows the answer", () => output.includes("Hello back"));
  expect(output).toMatch(/^connecting\n(?:.*\n)*online\n/);
  sample.kill("SIGKILL");
  await agent.close();
});
