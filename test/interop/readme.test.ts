/** The README's samples, run as they stand in processes of their own. */
import { spawn } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readmeSample } from "../helpers/readme.ts";
import { AGENT_PASSCODE, RunningServer, until } from "../helpers/running-server.ts";
import type { ChildProcess } from "node:child_process";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
// Inside the repository, so that the samples find the packages they import.
const FOLDER = `${ROOT}/node_modules/.cache/readme-samples`;

let server: RunningServer;
const processes: ChildProcess[] = [];

beforeAll(async () => {
  server = await RunningServer.start();
  await server.addAgent("anna");
  mkdirSync(FOLDER, { recursive: true });
});
afterAll(async () => {
  for (const child of processes) child.kill("SIGKILL");
  await server.remove();
  rmSync(FOLDER, { recursive: true, force: true });
});

function run(name: string, environment: Record<string, string> = {}): { output: () => string } {
  writeFileSync(`${FOLDER}/${name}`.replace(/\.js$/, ".mjs"), readmeSample(name, server.port));
  const child = spawn(process.execPath, [`${FOLDER}/${name}`.replace(/\.js$/, ".mjs")], {
    env: { ...process.env, ...environment },
  });
  processes.push(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
  return { output: () => output };
}

it.each(["customer.js", "customer-over-sockjs.js", "webstomp.js"])(
  "%s as a guest and agent.js as an agent hold a conversation",
  async (name) => {
    const agent = run("agent.js", { LOGIN: "anna", PASSCODE: AGENT_PASSCODE });
    await until("the agent sees the snapshot", () => agent.output().includes("snapshot"));
    const customer = run(name);
    await until("the agent sees the waiting chat", () => agent.output().includes("conversation.opened"));
    expect(agent.output()).toContain("customer.connected");
    await until("the customer gets the answer", () => customer.output().includes('"message":"Hello!"'));
    await until("the agent gets the question", () => agent.output().includes('"message":"Hello?"'));
    expect(customer.output()).not.toContain("refused");
    for (const child of processes.splice(0)) child.kill("SIGKILL");
  },
);
