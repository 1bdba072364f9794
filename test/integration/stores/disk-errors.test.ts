/** A disk that fails or was made read-only under a running server: each system call fails as the kernel lets it fail. */
import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { admin, endAll, newDataDir, start } from "../../helpers/program.ts";
import { RawClient } from "../../helpers/raw-client.ts";
import { GUEST, inDatabase, written } from "../../helpers/stopped-installation.ts";
import { injectError, missingStrace } from "../../helpers/strace.ts";

afterEach(endAll);

const absent = missingStrace();

const FAULTS = [
  ["that cannot sync", "fdatasync,fsync", "EIO"],
  ["that was made read-only", "pwrite64", "EROFS"],
] as const;

it.each(absent === undefined ? FAULTS : [])(
  "a disk %s: refused, nothing kept of it, reads go on, and it is back by itself",
  async (_what, calls, error) => {
    const dataDir = newDataDir();
    const server = await start({ DATA_DIR: dataDir, ADMIN_PASSCODE: "the admin's passcode" });
    const guest = await (await RawClient.connect(server.webSocketUrl)).subscribeAll();
    const first = await guest.say("support", "before");
    const release = await injectError(server.pid, calls, error);
    for (let times = 1; times <= 3; times += 1) {
      expect(await guest.say("support", `refused ${times}`)).toBeUndefined();
      expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
    }
    expect(new Set(guest.refusals())).toEqual(new Set(["RETRY_LATER"]));
    const since = first?.headers.get("position")?.replace(/\d+$/, "0") ?? "";
    const again = await RawClient.connect(server.webSocketUrl, {
      passcode: guest.connected.get("token") ?? "",
    });
    const receipt = await again.subscribe("messages", "/user/queue/messages", `since:${since}\n`);
    expect(receipt?.headers.get("head")).toBe(first?.headers.get("position"));
    await release();

    expect((await guest.say("support", "after"))?.headers.get("seq")).toBe("2");
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    expect(server.stderr).toMatch(/chat\.db: disk I\/O error: look at its disk/);
    await again.close();
    server.kill("SIGTERM");
    expect(await server.ended()).toBe(0);
    const database = new DatabaseSync(join(dataDir, "chat.db"), { readOnly: true });
    expect(database.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
    expect(
      database
        .prepare("SELECT text FROM messages")
        .all()
        .map(({ text }) => text),
    ).toEqual(["before", "after"]);
    database.close();
    expect(readFileSync(join(dataDir, "chat.db")).includes("refused 1")).toBe(false);
  },
);

it.runIf(absent === undefined)(
  "a disk that does not give back what it has: nothing is written any more, and a start once it is well finds all",
  async () => {
    const dataDir = newDataDir();
    await written(dataDir, ...Array.from({ length: 60 }, () => "x".repeat(3900)));
    const environment = { DATA_DIR: dataDir };
    const server = await start(environment);
    const guest = await (await RawClient.connect(server.webSocketUrl)).subscribeAll();
    const release = await injectError(server.pid, "pread64", "EIO");
    expect((await admin(dataDir, ["export-customer", GUEST.id])).exit?.code).toBe(1);
    expect(await guest.say("support", "refused")).toBeUndefined();
    await release();
    expect(await guest.say("support", "refused")).toBeUndefined();
    expect(guest.refusals()).toEqual(["INTERNAL", "INTERNAL"]);
    expect(server.stderr).toMatch(
      /chat\.db: .*: stop the server, .* where the doctor then finds the database whole, start it again/,
    );
    server.kill("SIGTERM");
    await server.ended();
    expect((await admin(dataDir, ["doctor"])).stdout).toMatch(/^ok +database: whole/m);
    const again = await start(environment);
    expect((await (await RawClient.connect(again.webSocketUrl)).say("support", "after"))?.command).toBe(
      "RECEIPT",
    );
    again.kill("SIGTERM");
    await again.ended();
    const count = (database: DatabaseSync): unknown =>
      database.prepare("SELECT count(*) AS count FROM messages").get();
    expect(inDatabase(join(dataDir, "chat.db"), count)).toEqual({ count: 61 });
  },
);

// The title is the reason: it is what the last lines of a run show.
it.for(absent === undefined ? [] : [absent])("disks that fail: %s", (_reason, { skip }) => {
  skip();
});
