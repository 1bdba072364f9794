/** The operator's door to a running installation: one JSON line in, one out, over a socket only the owner may open. */
import { chmodSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join, relative } from "node:path";
import type { Socket } from "node:net";

/** Does the work and returns lines to print; throws Errors for the operator. */
export type AdminVerb = (input: unknown) => Promise<readonly string[]>;

export type AdminAnswer = { readonly ok: boolean; readonly lines: readonly string[] };

const MAX_SOCKET_PATH = 100;
const MAX_REQUEST = 64 * 1024;
const UNANSWERED = "the server ended before it answered; look with list, then try again";

/** Unix socket paths are short; a long one is written from the working directory. */
export function adminSocketPath(dataDir: string): string {
  const path = join(dataDir, "admin.sock");
  const fromHere = relative(process.cwd(), path);
  return path.length > MAX_SOCKET_PATH && fromHere.length < path.length ? fromHere : path;
}

/** Listens until the returned function is called. A path that cannot be had is told and gone without. */
export async function serveAdmin(
  path: string,
  verbs: Readonly<Record<string, AdminVerb>>,
  warn: (text: string) => void,
): Promise<() => void> {
  // The data directory's lock says that whoever left this socket is gone.
  rmSync(path, { force: true });
  const server = createServer((socket) => {
    serve(socket, verbs);
  });
  await new Promise<void>((resolve) => {
    server.once("error", (error) => {
      warn(`the command line must stop the server to work: ${error.message}`);
      resolve();
    });
    server.listen(path, () => {
      chmodSync(path, 0o600);
      resolve();
    });
  });
  server.unref();
  return () => {
    server.close();
  };
}

function serve(socket: Socket, verbs: Readonly<Record<string, AdminVerb>>): void {
  let request = "";
  socket.setEncoding("utf8");
  socket.on("error", () => {
    socket.destroy();
  });
  socket.on("data", (chunk: string) => {
    request += chunk;
    if (request.length > MAX_REQUEST) socket.destroy();
    if (!request.endsWith("\n")) return;
    void answer(request, verbs).then((reply) => {
      socket.end(`${JSON.stringify(reply)}\n`);
    });
  });
}

async function answer(request: string, verbs: Readonly<Record<string, AdminVerb>>): Promise<AdminAnswer> {
  try {
    const { verb, input } = JSON.parse(request) as { verb: string; input: unknown };
    const work = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
    if (work === undefined) throw new Error(`unknown verb ${verb}`);
    return { ok: true, lines: await work(input) };
  } catch (error) {
    return { ok: false, lines: [error instanceof Error ? error.message : String(error)] };
  }
}

/** Asks a running installation; undefined when none listens. Waits for the answer as long as it takes, or `patienceMs`. */
export async function askAdmin(
  path: string,
  verb: string,
  input: unknown,
  patienceMs = 0,
): Promise<AdminAnswer | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.setTimeout(patienceMs, () => {
      socket.destroy();
      resolve({
        ok: false,
        lines: [`no answer within ${patienceMs / 1000} s; if that stays so, end it and start it again`],
      });
    });
    let reply = "";
    socket.setEncoding("utf8");
    socket.once("connect", () => {
      socket.write(`${JSON.stringify({ verb, input })}\n`);
    });
    socket.on("data", (chunk: string) => {
      reply += chunk;
    });
    socket.once("error", () => {
      resolve(undefined);
    });
    socket.once("end", () => {
      const isWhole = reply.endsWith("\n");
      resolve(isWhole ? (JSON.parse(reply) as AdminAnswer) : { ok: false, lines: [UNANSWERED] });
    });
  });
}
