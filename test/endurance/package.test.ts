/** The package as it is published: programs of somebody else's install it, embed the server and chat through its client. */
import { execFile, spawn } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { CLIENT_PROGRAM, EMBEDDING_PROGRAM } from "../helpers/package-programs.ts";
import { RawClient } from "../helpers/raw-client.ts";
import { readmeSample } from "../helpers/readme.ts";
import { AGENT_PASSCODE, RunningServer, until } from "../helpers/running-server.ts";
import type { ChildProcess } from "node:child_process";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const MODULES = join(ROOT, "node_modules");

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
  // What an installation brings, and of types Node's alone.
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  for (const name of [...Object.keys(dependencies), "@types/node", "undici-types"]) {
    mkdirSync(dirname(join(directory, "node_modules", name)), { recursive: true });
    symlinkSync(join(MODULES, name), join(directory, "node_modules", name));
  }
  writeFileSync(join(directory, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(directory, "program.ts"), CLIENT_PROGRAM);
  writeFileSync(join(directory, "embedding.ts"), EMBEDDING_PROGRAM);
  cpSync(join(ROOT, "docs/examples"), directory, { recursive: true });
}, 120_000);
afterAll(async () => {
  await server.remove();
  rmSync(directory, { recursive: true, force: true });
});

it("its types hold under the strictest settings, without this repository's", async () => {
  const options = ["--strict", "--noEmit", "--target", "es2024", "--module", "nodenext", "--types", "node"];
  await expect(
    run(
      process.execPath,
      [
        join(MODULES, "typescript/bin/tsc"),
        ...options,
        "--exactOptionalPropertyTypes",
        "program.ts",
        "embedding.ts",
      ],
      { cwd: directory },
    ).catch((error: unknown) => error),
  ).resolves.toMatchObject({ stdout: "" });
}, 60_000);

it("embeds servers with stores of all kinds, serves the built pages, and speaks through the codec", async () => {
  const { stdout } = await run(process.execPath, ["embedding.ts", directory], {
    cwd: directory,
    timeout: 25_000,
  });
  expect(stdout).toBe("1 It works. UNKNOWN_USER\n");
});

it("the example of a shop embeds it, and the example of a bot answers there", async () => {
  const shop = start("shop.js", { PORT: "0", DATA_DIR: join(directory, "shop") });
  await until("the shop listens", () => shop.output.includes("listening on "));
  const url = /listening on (\S+)/.exec(shop.output)?.[1] ?? "";
  const bot = start("bot.js", { CHAT_URL: url });
  await until("the bot is online", () => bot.output.includes("online"));
  expect(await (await fetch(url)).text()).toContain("The shop");
  expect((await fetch(`${url}/agent`)).status).toBe(200);

  const webSocketUrl = `${url.replace("http", "ws")}/chat`;
  const token = { passcode: "session-of-carla" };
  const carla = await (await RawClient.connect(webSocketUrl, token)).subscribeAll();
  await carla.say("support", "Where is my order?");
  await until("the bot has answered", () => carla.texts().includes("Orders leave within a day."));
  const requeued = (): boolean => carla.bodies("events").some(({ type }) => type === "conversation.requeued");
  await until("the desk has it", requeued);

  await carla.subscribe("order", `/topic/orders/${carla.id}`);
  expect(await carla.subscribe("all", "/topic/**")).toBeUndefined();
  expect((await fetch(`${url}/orders/${carla.id}/sent`, { method: "POST" })).status).toBe(204);
  await until("the order is told", () => carla.bodies("order").length === 1);
  await until("and written", () => carla.texts().includes("Your order is on its way."));

  for (const program of [bot, shop]) program.process.kill("SIGTERM");
  await until("both end", () => [bot, shop].every(({ process }) => process.exitCode === 0));
});

type Program = { readonly process: ChildProcess; output: string };

const programs: Program[] = [];
afterEach(() => {
  for (const { process } of programs.splice(0)) process.kill("SIGKILL");
});

/** A program of the directory, with what it printed so far. */
function start(file: string, environment: Record<string, string> = {}): Program {
  const env = { ...process.env, ...environment };
  const program: Program = { process: spawn(process.execPath, [file], { cwd: directory, env }), output: "" };
  for (const stream of [program.process.stdout, program.process.stderr]) {
    stream?.on("data", (chunk) => (program.output += String(chunk)));
  }
  programs.push(program);
  return program;
}

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
  const sample = start("sample.js");
  const opened = (): { data: { conversation: { customer: { id: string } } } } | undefined =>
    (
      agent.bodies("support") as { type: string; data: { conversation: { customer: { id: string } } } }[]
    ).find(({ type }) => type === "conversation.opened");
  await until("the sample's message waits", () => opened() !== undefined);
  await agent.say(opened()?.data.conversation.customer.id ?? "", "Hello back");
  await until("the sample shows the answer", () => sample.output.includes("Hello back"));
  expect(sample.output).toMatch(/^connecting\n(?:.*\n)*online\n/);
  await agent.close();
});
