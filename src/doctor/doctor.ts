/** `doctor`: looks at an installation, running or stopped, changes nothing, and says what is wrong and what to do. */
import { join } from "node:path";
import { adminSocketPath, askAdmin } from "../adapters/http/admin-socket.ts";
import { holderOf } from "../adapters/stores/data-lock.ts";
import { judgeConfiguration } from "./configuration.ts";
import {
  erasureFinding,
  judgeClock,
  judgeDatabase,
  judgeLog,
  judgeModes,
  judgeRoom,
  judgeSecrets,
  judgeWritable,
} from "./files.ts";
import { judgePresence } from "./presence.ts";
import { lineOf, note, problem, well } from "./finding.ts";
import { judgePort, judgePublicUrl, judgeRunning } from "./network.ts";
import type { AdminAnswer } from "../adapters/http/admin-socket.ts";
import type { Config, LoadedConfig } from "../config.ts";
import type { Finding } from "./finding.ts";

/** How long a server that runs may take to say how it is: its store answers within 2 s, or refuses. */
const PATIENCE_MS = 5000;

/** Prints what is well on standard output and problems on standard error, as they are found; 1 when there are any. */
export async function runDoctor(loaded: LoadedConfig): Promise<number> {
  let problems = 0;
  for await (const finding of examine(loaded)) {
    const isProblem = finding.kind === "problem";
    problems += isProblem ? 1 : 0;
    (isProblem ? process.stderr : process.stdout).write(`${lineOf(finding)}\n`);
  }
  process.stdout.write(
    problems === 0 ? "all is well\n" : `${problems} ${problems === 1 ? "problem" : "problems"}\n`,
  );
  return problems === 0 ? 0 : 1;
}

/** Whatever cannot be looked at is a problem too, and the end of it. */
async function* examine(loaded: LoadedConfig): AsyncGenerator<Finding> {
  try {
    yield* findings(loaded);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    yield problem(`cannot look further: ${why}`, "run this as the user that the server runs as");
  }
}

async function* findings(loaded: LoadedConfig): AsyncGenerator<Finding> {
  yield well(`node: ${process.versions.node}`);
  if ("problems" in loaded) {
    for (const refused of loaded.problems)
      yield problem(`configuration: ${refused}`, "the server does not start with it");
    return;
  }
  const { config, warnings } = loaded;
  yield* judgeConfiguration(config, warnings);
  const { dataDir } = config;
  const pid = holderOf(dataDir);
  const answer = await askAdmin(adminSocketPath(dataDir), "doctor", {}, PATIENCE_MS);
  const { finding, isThere } = judgePresence(dataDir, answer !== undefined);
  if (finding !== undefined) yield finding;
  if (isThere) yield* files(config, pid !== undefined);
  if (isThere || answer !== undefined) yield* await server(config, pid, answer);
}

function* files({ dataDir }: Config, isHeld: boolean): Generator<Finding> {
  yield* judgeModes(dataDir);
  yield* judgeWritable(dataDir);
  yield judgeSecrets(dataDir);
  const file = join(dataDir, "chat.db");
  yield* judgeDatabase(file, isHeld);
  yield* judgeLog(file, isHeld);
  yield judgeRoom(dataDir);
  yield judgeClock(dataDir, Date.now());
}

/** `pid` holds the data directory; `answer` is that of a server which takes commands. */
async function server(
  config: Config,
  pid: string | undefined,
  answer: AdminAnswer | undefined,
): Promise<readonly Finding[]> {
  if (answer?.ok === true) {
    const [url = "", ...unfinished] = answer.lines;
    const running = await judgeRunning(config, url, pid ?? "unknown");
    return [...unfinished.map(erasureFinding), ...running, ...(await judgePublicUrl(config))];
  }
  if (answer !== undefined) {
    return [problem(`server: pid ${pid ?? "unknown"} runs: ${answer.lines.join(" ")}`, "look at its log")];
  }
  if (pid !== undefined) {
    return [
      problem(
        `lock: pid ${pid} holds ${config.dataDir} and takes no commands`,
        "wait if it is a command that works or a server that starts or ends; else end it",
      ),
    ];
  }
  return [
    note("server: stopped"),
    ...(await judgePort(config)),
    ...(config.publicUrl === undefined ? [] : [note("PUBLIC_URL: not tried, for the server is stopped")]),
  ];
}
