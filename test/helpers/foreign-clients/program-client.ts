/** Clients in other languages: a program of test/interop/clients is told what to do and tells what it saw, in JSON lines. */
import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { until } from "../running-server.ts";
import { HEARTBEAT_MS } from "./foreign-client.ts";
import type { ChildProcessByStdio } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import type { Connect, Delivery, ForeignClient } from "./foreign-client.ts";

type Seen =
  | { readonly saw: "connected" | "disconnected" }
  | { readonly saw: "error"; readonly message: string }
  | { readonly saw: "receipt"; readonly id: string }
  | {
      readonly saw: "message";
      readonly number: number;
      readonly subscription: string;
      readonly headers: Readonly<Record<string, string>>;
      /** Base64. */
      readonly body: string;
    };

/** The interpreter of these that runs `check`, which loads the library; undefined when none does. */
export function findInterpreter(names: readonly string[], check: readonly string[]): string | undefined {
  return names.find((name) => spawnSync(name, check, { stdio: "ignore" }).status === 0);
}

export function programClient(interpreter: string, script: string): Connect {
  const path = fileURLToPath(new URL(`../../interop/clients/${script}`, import.meta.url));
  return async ({ tcpPort }, credentials) => {
    const program = new ClientProgram(spawn(interpreter, [path], { stdio: ["pipe", "pipe", "inherit"] }));
    program.tell({ port: tcpPort, heartbeat: HEARTBEAT_MS, ...credentials });
    await until("CONNECTED or ERROR", () => program.isConnected() || program.failure !== undefined);
    if (program.failure !== undefined) throw new Error(program.failure);
    return program;
  };
}

class ClientProgram implements ForeignClient {
  /** Why it is not connected. */
  failure: string | undefined;
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #listeners = new Map<string, (delivery: Delivery) => void>();
  readonly #receipts = new Map<string, () => void>();
  #state: "starting" | "connected" | "disconnected" = "starting";
  #count = 0;

  constructor(child: ChildProcessByStdio<Writable, Readable, null>) {
    this.#child = child;
    createInterface({ input: child.stdout }).on("line", (line) => {
      this.#see(JSON.parse(line) as Seen);
    });
    child.once("close", () => {
      this.#state = "disconnected";
      this.failure ??= "it ended";
    });
    // A program that ended does not read.
    child.stdin.on("error", () => undefined);
  }

  readonly isConnected = (): boolean => this.#state === "connected";

  tell(what: object): void {
    this.#child.stdin.write(`${JSON.stringify(what)}\n`);
  }

  subscribe(destination: string, ack: string, onMessage: (delivery: Delivery) => void): void {
    const id = this.#next();
    this.#listeners.set(id, onMessage);
    this.tell({ do: "subscribe", id, destination, ack });
  }

  send(destination: string, body: string | Uint8Array): Promise<void> {
    const receipt = this.#next();
    return new Promise((resolve) => {
      this.#receipts.set(receipt, resolve);
      this.tell({ do: "send", destination, body: inBase64(body), receipt });
    });
  }

  transact(destination: string, bodies: readonly string[], end: "commit" | "abort"): void {
    const transaction = this.#next();
    this.tell({ do: "begin", transaction });
    for (const body of bodies) this.tell({ do: "send", destination, body: inBase64(body), transaction });
    this.tell({ do: end, transaction });
  }

  async disconnect(): Promise<void> {
    this.tell({ do: "disconnect" });
    this.#child.stdin.end();
    await until("the program ended", () => this.#child.exitCode !== null);
  }

  #next(): string {
    this.#count += 1;
    return String(this.#count);
  }

  #see(seen: Seen): void {
    switch (seen.saw) {
      case "connected":
      case "disconnected":
        this.#state = seen.saw;
        return;
      case "error":
        this.failure = seen.message;
        return;
      case "receipt":
        this.#receipts.get(seen.id)?.();
        return;
      case "message":
        this.#listeners.get(seen.subscription)?.(this.#deliveryOf(seen));
    }
  }

  #deliveryOf({ number, headers, body }: Extract<Seen, { saw: "message" }>): Delivery {
    return {
      headers,
      octets: Buffer.from(body, "base64"),
      ack: () => {
        this.tell({ do: "ack", number });
      },
      nack: () => {
        this.tell({ do: "nack", number });
      },
    };
  }
}

function inBase64(body: string | Uint8Array): string {
  return Buffer.from(body).toString("base64");
}
