/** The server as its users run it: a process of its own, which can be killed. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { askAdmin } from "../../src/adapters/http/admin-socket.ts";
import { asShipped, preload } from "./preload.ts";
import type { ChildProcess } from "node:child_process";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
export const ADMIN_PASSCODE = "the admin's passcode";
/** In tests what customers are sent is looked at; a measurement has nothing beside it. */
const TAP = process.env["VITEST"] === undefined ? [] : preload("tap");

export class ServerProcess {
  readonly dataDir = mkdtempSync(join(tmpdir(), "customer-chat-"));
  readonly #environment: Record<string, string>;
  readonly #nodeArguments: readonly string[];
  #child: ChildProcess | undefined;
  #port = 0;
  #stdout = "";
  /** Milliseconds from the spawn to the line that says it listens. */
  startedIn = 0;
  stderr = "";

  /** `nodeArguments` go before the program's path. */
  constructor(environment: Record<string, string> = {}, nodeArguments: readonly string[] = []) {
    this.#environment = environment;
    this.#nodeArguments = nodeArguments;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get webSocketUrl(): string {
    return `ws://127.0.0.1:${this.#port}/chat`;
  }

  /** Of STOMP over TCP. */
  get tcpPort(): number {
    return Number(/ tcp:\S+:(\d+)/.exec(this.#stdout)?.[1]);
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Starts, on the port of the last start, and resolves when it listens. */
  async start(): Promise<void> {
    const began = performance.now();
    const child = spawn(process.execPath, [...asShipped("start"), ...TAP, ...this.#nodeArguments, MAIN], {
      env: {
        PATH: process.env["PATH"],
        DATA_DIR: this.dataDir,
        PORT: String(this.#port),
        ADMIN_PASSCODE,
        RATE_LIMITS: "off",
        LOG_LEVEL: "error",
        ...this.#environment,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    child.stderr.on("data", (chunk) => (this.stderr += String(chunk)));
    this.#port = await new Promise<number>((resolve, reject) => {
      this.#stdout = "";
      child.stdout.on("data", (chunk) => {
        this.#stdout += String(chunk);
        const match = /listening on http:\/\/[^\s]+:(\d+)/.exec(this.#stdout);
        if (match !== null) resolve(Number(match[1]));
      });
      child.once("exit", (code) => {
        reject(new Error(`the server exited with ${code}: ${this.stderr.slice(-2000)}`));
      });
    });
    this.startedIn = performance.now() - began;
  }

  /** Adds an agent with the admin's passcode, as the command line does on a running installation. */
  async addAgent(login: string): Promise<void> {
    const input = { login, role: "agent", passcode: ADMIN_PASSCODE };
    const answer = await askAdmin(join(this.dataDir, "admin.sock"), "add-agent", input);
    if (answer?.ok !== true) throw new Error(`add-agent: ${answer?.lines.join(" ") ?? "no answer"}`);
  }

  /** A token of an agent: a login that costs no hash each time. */
  async openSession(login: string): Promise<string> {
    const answer = await fetch(`${this.url}/api/sessions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ login, passcode: ADMIN_PASSCODE }),
    });
    return ((await answer.json()) as { token: string }).token;
  }

  /** Sends a signal and resolves with the exit code; null when the signal killed it. */
  async end(signal: "SIGTERM" | "SIGKILL"): Promise<number | null> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null)
      return child?.exitCode ?? null;
    const exited = new Promise<number | null>((resolve) => {
      child.once("exit", resolve);
    });
    child.kill(signal);
    return exited;
  }

  /** CPU time used so far, in microseconds (Linux: /proc). */
  cpuMicros(): number {
    const fields = readFileSync(`/proc/${this.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10_000;
  }

  /** Resident memory in MiB (Linux: /proc). */
  residentMiB(): number {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
  }

  async remove(): Promise<void> {
    await this.end("SIGKILL");
    rmSync(this.dataDir, { recursive: true, force: true });
    const stray = /^sent to a customer: .*/m.exec(this.stderr)?.[0];
    if (stray !== undefined) throw new Error(stray);
  }
}
