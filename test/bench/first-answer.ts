/** `npm run bench:first-answer`: seconds from `git clone` to a customer who reads an agent's answer, as a newcomer does it. */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { launchBrowser } from "../helpers/browser.ts";
import { AGENT, claimFirst, CUSTOMER, openWidget, signIn, write } from "../helpers/people.ts";
import { until } from "../helpers/running-server.ts";
import type { AddressInfo } from "node:net";

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));

const began = performance.now();
let last = began;
const tell = (what: string): void => {
  const now = performance.now();
  console.log(`${((now - last) / 1000).toFixed(1).padStart(6)} s  ${what}`);
  last = now;
};

const folder = mkdtempSync(join(tmpdir(), "customer-chat-first-"));
const browser = await launchBrowser();
try {
  execFileSync("git", ["clone", "--quiet", REPOSITORY, "chat"], { cwd: folder });
  tell("git clone");
  const cwd = join(folder, "chat");
  execFileSync("npm", ["ci", "--silent"], { cwd, stdio: "ignore" });
  tell("npm ci");
  const port = await freePort();
  const server = spawn("npm", ["start"], {
    cwd,
    detached: true,
    env: { ...process.env, PORT: String(port) },
  });
  try {
    let output = "";
    server.stdout.on("data", (chunk) => (output += String(chunk)));
    await until("the first start tells its passcode", () => output.includes("passcode"), 60_000);
    tell("npm start, until it listens");
    const passcode = /passcode (\S+)/.exec(output)?.[1] ?? "";
    await talk(`http://127.0.0.1:${port}`, passcode);
    tell("a question in the widget, sign-in, claim, the answer read");
  } finally {
    if (server.pid !== undefined) process.kill(-server.pid, "SIGTERM");
  }
  console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  in all`);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 });
}
process.exit(0);

async function talk(url: string, passcode: string): Promise<void> {
  const [shop, desk] = [await browser.newPage(), await browser.newPage()];
  const panel = await openWidget(shop, url);
  await write(panel, CUSTOMER, "Is this the right size?");
  await signIn(desk, url, "admin", passcode);
  await claimFirst(desk);
  await write(desk, AGENT, "It is.");
  await panel.getByText("It is.").waitFor();
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
