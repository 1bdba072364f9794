/** A process of the product, run as an operator runs it: what it prints, how it ends. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { asShipped } from "./preload.ts";
import { until } from "./running-server.ts";
import type { ChildProcess, SpawnOptions } from "node:child_process";

export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

type Running = {
  readonly environment?: Readonly<Record<string, string>>;
  /** Standard input; nothing when absent. */
  readonly input?: string;
  readonly user?: Pick<SpawnOptions, "uid" | "gid">;
};

const started = new Set<Program>();
const directories: string[] = [];

export class Program {
  stdout = "";
  stderr = "";
  exit: Exit | undefined;
  /** Monotonic ms of the spawn. */
  readonly begunAt = performance.now();
  readonly #child: ChildProcess;

  constructor(script: "main" | "admin", argv: readonly string[], { environment, input, user }: Running) {
    const path = fileURLToPath(new URL(`../../src/${script}.ts`, import.meta.url));
    const options = asShipped(script === "main" ? "start" : "admin");
    const child = spawn(process.execPath, [...options, path, ...argv], { ...user, env: environment });
    this.#child = child;
    started.add(this);
    // Where the octets of one character come in two pieces they are put together.
    child.stdout.setEncoding("utf8").on("data", (text: string) => (this.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    // A program that ends without reading it.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    child.once("close", (code, signal) => {
      this.exit = { code, signal };
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** http://HOST:PORT as printed. */
  get url(): string {
    return /listening on (\S+)/.exec(this.stdout)?.[1] ?? "";
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  get webSocketUrl(): string {
    return `${this.url.replace("http", "ws")}/chat`;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Its exit code, once it ended and everything it printed has arrived. */
  async ended(ms = 25_000): Promise<number | null> {
    await until("the program ended", () => this.exit !== undefined, ms);
    return this.exit?.code ?? null;
  }
}

/** A directory of its own for the data of this test file's programs, which may not exist yet. */
export function newDataDir(): string {
  const directory = mkdtempSync(join(tmpdir(), "customer-chat-"));
  directories.push(directory);
  return join(directory, "data");
}

/** Runs the server without waiting. */
export function launch(environment: Record<string, string>, user: Running["user"] = {}): Program {
  return new Program("main", [], { environment: { PORT: "0", ...environment }, user });
}

/** Runs the server until it listens. */
export async function start(environment: Record<string, string>): Promise<Program> {
  const program = launch(environment);
  await until(
    "it listens or ended",
    () => program.stdout.endsWith("\n") || program.exit !== undefined,
    25_000,
  );
  if (program.exit !== undefined) throw new Error(`it ended: ${program.stderr}`);
  return program;
}

/** Runs a verb of the command line to its end. */
export async function admin(
  dataDir: string,
  argv: readonly string[],
  input?: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<Program> {
  const environment = { PORT: "0", DATA_DIR: dataDir, ...variables };
  const program = new Program("admin", argv, { environment, ...(input === undefined ? {} : { input }) });
  await program.ended();
  return program;
}

/** Ends what still runs and removes the directories: after each test. */
export async function endAll(): Promise<void> {
  const all = [...started];
  started.clear();
  for (const program of all) if (program.exit === undefined) program.kill("SIGKILL");
  await Promise.all(all.map((program) => program.ended()));
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
}
