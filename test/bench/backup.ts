/** `npm run bench:backup`: how long a backup takes, and how much longer commits take while it is made. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { pino } from "pino";
import { openInstallation } from "../../src/installation.ts";
import { Writers } from "../helpers/filled-store.ts";
import { commitsUntil, told } from "./steady-commits.ts";

const MESSAGES = 100_000;
const ALONE_MS = 2000;
const ADMIN = fileURLToPath(new URL("../../src/admin.ts", import.meta.url));

const writers = new Writers();

const folder = mkdtempSync(join(tmpdir(), "customer-chat-"));
try {
  await measure(join(folder, "data"), join(folder, "chat.backup"));
} finally {
  rmSync(folder, { recursive: true });
}

async function measure(dataDir: string, file: string): Promise<void> {
  const retention = { maxMessages: MESSAGES, maxDays: 365 };
  const { store, ...installation } = await openInstallation(
    { dataDir, retention },
    pino({ level: "silent" }),
  );
  await writers.fill(store, MESSAGES);
  const alone = await commitsUntil(store, writers, new Promise((resolve) => setTimeout(resolve, ALONE_MS)));
  const begun = performance.now();
  const backup = promisify(execFile)(process.execPath, [ADMIN, "backup", file], {
    env: { DATA_DIR: dataDir },
  });
  const meanwhile = await commitsUntil(store, writers, backup);
  const seconds = ((performance.now() - begun) / 1000).toFixed(2);
  const megabytes = (statSync(file).size / 1e6).toFixed(1);
  console.log(
    `${MESSAGES} messages, ${megabytes} MB: backed up in ${seconds} s, the command's start included`,
  );
  console.log(`commits alone:      ${told(alone)}`);
  console.log(`commits meanwhile:  ${told(meanwhile)}`);
  await installation.close();
}
