/** A disk that is full, read-only, locked by another: clear refusals, nothing acknowledged in vain, reads, and back. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { connectClient } from "../helpers/people.ts";
import { preload } from "../helpers/preload.ts";
import { RawClient } from "../helpers/raw-client.ts";
import { until } from "../helpers/running-server.ts";
import { ServerProcess } from "../helpers/server-process.ts";
import { canMount, fill, mountSmallDisk, unmount } from "../helpers/small-disk.ts";

/** Deadlines of the promise; a machine with other work may take four times as long. */
const REFUSED_WITHIN_MS = 2000;
const BACK_WITHIN_MS = 5000;
const TOLERANCE = 4;
/** Long enough that a full disk is full. */
const TEXT = "x".repeat(3900);

let folder: string;
let faultFile: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "customer-chat-"));
  faultFile = join(folder, "fault");
  writeFileSync(faultFile, "");
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

type Cause = {
  readonly begin: (server: ServerProcess) => void;
  readonly end: (server: ServerProcess) => void;
};
type Fault = {
  readonly what: string;
  readonly lastsMs: number;
  readonly code: string;
  readonly advice: RegExp;
  readonly cause: () => Cause;
};

const planted = (fault: string): Cause => ({
  begin: () => {
    writeFileSync(faultFile, fault);
  },
  end: () => {
    writeFileSync(faultFile, "");
  },
});

function locked(): Cause {
  let intruder: DatabaseSync | undefined;
  return {
    begin: ({ dataDir }) => {
      intruder = new DatabaseSync(join(dataDir, "chat.db"));
      intruder.exec("BEGIN IMMEDIATE");
    },
    end: () => {
      intruder?.close();
    },
  };
}

/** Everything that is left of the disk is taken away. */
function filled(): Cause {
  return {
    begin: ({ dataDir }) => {
      fill(join(dataDir, "filler"));
    },
    end: ({ dataDir }) => {
      rmSync(join(dataDir, "filler"));
    },
  };
}

const FAULTS: readonly Fault[] = [
  {
    what: "a database that may not grow",
    lastsMs: 1500,
    code: "STORAGE_FULL",
    advice: /free space on its disk/,
    cause: () => planted("full"),
  },
  {
    what: "a disk without an octet left",
    lastsMs: 1500,
    code: "STORAGE_FULL",
    advice: /free space on its disk/,
    cause: filled,
  },
  {
    what: "a database that may not be written",
    lastsMs: 1500,
    code: "RETRY_LATER",
    advice: /let this process write/,
    cause: () => planted("read-only"),
  },
  {
    what: "a database that another process holds for 30 s",
    lastsMs: 30_000,
    code: "RETRY_LATER",
    advice: /another process holds it/,
    cause: locked,
  },
];

const isMountable = canMount();

/** A server with a guest whose chat an agent has; the guest writes until told to stop. */
class Scene {
  readonly server: ServerProcess;
  readonly refusals = new Set<unknown>();
  /** Texts whose RECEIPT came. */
  readonly acknowledged: string[] = [];
  slowestMs = 0;
  #guest: RawClient | undefined;
  #agentToken = "";
  #conversation = "";
  #count = 0;

  constructor() {
    this.server = new ServerProcess({ FAULT_FILE: faultFile, LOG_LEVEL: "warn" }, preload("store-faults"));
  }

  get guest(): RawClient {
    if (this.#guest === undefined) throw new Error("the scene is not open");
    return this.#guest;
  }

  async open(): Promise<void> {
    await this.server.start();
    await this.server.addAgent("anna");
    this.#agentToken = await this.server.openSession("anna");
    this.#guest = await (await RawClient.connect(this.server.webSocketUrl)).subscribeAll();
    const receipt = await this.say();
    this.#conversation = receipt ?? "";
  }

  /** SENDs; the conversation, or undefined when refused. */
  async say(): Promise<string | undefined> {
    this.#count += 1;
    const text = `${this.#count} ${TEXT}`;
    const began = performance.now();
    const receipt = await this.guest.say("support", text, { clientId: `c-${this.#count}` });
    this.slowestMs = Math.max(this.slowestMs, performance.now() - began);
    if (receipt !== undefined) this.acknowledged.push(text);
    return receipt?.headers.get("conversation");
  }

  /** Both ways to read, by an agent and by the guest on a new connection: what they find. */
  async read(): Promise<{ history: number; replayed: number }> {
    const response = await fetch(
      `${this.server.url}/api/conversations/${this.#conversation}/messages?limit=200`,
      { headers: { authorization: `Bearer ${this.#agentToken}` } },
    );
    const { items } = (await response.json()) as { items: readonly unknown[] };
    const passcode = this.guest.connected.get("token") ?? "";
    const again = await RawClient.connect(this.server.webSocketUrl, { passcode });
    const position = this.guest.of("RECEIPT").at(2)?.headers.get("position") ?? "";
    const receipt = await again.subscribe("messages", "/user/queue/messages", `since:${position}\n`);
    expect(receipt?.headers.get("recovered")).toBe("true");
    await until("the replay", () => again.on("messages").length >= this.acknowledged.length);
    await again.close();
    return { history: items.length, replayed: again.on("messages").length };
  }

  async readiness(): Promise<number> {
    return (await fetch(`${this.server.url}/readyz`)).status;
  }

  /** Texts of the log's lines that match. */
  logged(pattern: RegExp): readonly string[] {
    return this.server.stderr.split("\n").filter((line) => pattern.test(line));
  }
}

const REASON = "a disk without an octet left: no tmpfs can be mounted here";

it.each(FAULTS.filter(({ cause }) => isMountable || cause !== filled))(
  "$what",
  async ({ what, lastsMs, code, advice, cause }) => {
    const { begin, end } = cause();
    const scene = new Scene();
    const { server } = scene;
    if (cause === filled) mountSmallDisk(server.dataDir);
    try {
      await scene.open();
      const customer = await connectClient(server.url);
      expect(await scene.readiness()).toBe(200);

      begin(server);
      while (scene.guest.refusals().length === 0) await scene.say();
      scene.slowestMs = 0;
      const accepted = scene.acknowledged.length;
      customer.send({ userTo: "support", text: `from the page ${TEXT}` });
      for (const until = performance.now() + lastsMs; performance.now() < until;) {
        expect(await scene.say()).toBeUndefined();
        expect(await scene.readiness()).toBe(503);
        const { history, replayed } = await scene.read();
        expect({ history, replayed }).toEqual({ history: accepted, replayed: accepted });
      }
      expect(scene.slowestMs).toBeLessThan(REFUSED_WITHIN_MS * TOLERANCE);
      expect(new Set(scene.guest.refusals())).toEqual(new Set([code]));
      expect(customer.outgoing.map(({ status }) => status)).toEqual(["sending"]);

      end(server);
      const ended = performance.now();
      while ((await scene.say()) === undefined) await new Promise((resolve) => setTimeout(resolve, 50));
      await until("the page's message is stored", () => customer.outgoing.length === 0);
      const back = performance.now() - ended;
      expect(back).toBeLessThan(BACK_WITHIN_MS * TOLERANCE);
      expect(await scene.readiness()).toBe(200);
      const { history, replayed } = await scene.read();
      expect({ history, replayed }).toEqual({ history: accepted + 1, replayed: accepted + 1 });
      console.log(
        `${what}: refused within ${Math.round(scene.slowestMs)} ms, back after ${Math.round(back)} ms`,
      );

      expect(scene.logged(advice)).toHaveLength(1);
      expect(scene.logged(/can be written again/)).toHaveLength(1);
      await customer.stop();
      expect(await server.end("SIGTERM")).toBe(0);
      const database = new DatabaseSync(join(server.dataDir, "chat.db"));
      expect(database.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
      database.close();
    } finally {
      await server.end("SIGKILL");
      if (cause === filled) unmount(server.dataDir);
      await server.remove();
    }
  },
);

// The title is the reason: it is what the last lines of a run show.
it.for(isMountable ? [] : [REASON])("%s", (_reason, { skip }) => {
  skip();
});
