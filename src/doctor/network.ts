/** Ports and addresses: who has the port, and whether browsers get through to the server. */
import { createServer } from "node:net";
import { fetchCheck } from "./asking.ts";
import { note, problem, well } from "./finding.ts";
import { judgeWebSocket } from "./upgrade.ts";
import type { ConnectionCheck } from "../chat/wire.ts";
import type { Config } from "../config.ts";
import type { Finding } from "./finding.ts";

const TOLERATED_MS = 60_000;

/** A server that takes commands says where it listens; `url` is that. */
export async function judgeRunning(
  { port }: Pick<Config, "port">,
  url: string,
  pid: string,
): Promise<readonly Finding[]> {
  const asked = await fetchCheck(url);
  if (!asked.ok) {
    return [
      problem(
        `server: pid ${pid} runs, but ${url} ${asked.why}`,
        "look at its log, and at a firewall on this machine",
      ),
    ];
  }
  const isOther = port !== 0 && String(port) !== new URL(url).port;
  const finding = well(`server: ${asked.check.server} runs, pid ${pid}, and answers at ${url}`);
  return isOther
    ? [
        finding,
        note(`PORT: ${port} here, another where the server was started; give both the same variables`),
      ]
    : [finding];
}

/** Whether a server could listen: the port is taken for a moment. */
export async function judgePort({ host, port }: Pick<Config, "host" | "port">): Promise<readonly Finding[]> {
  if (port === 0) return [well("port: any free one")];
  const code = await new Promise<string | undefined>((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      resolve(error.code ?? error.message);
    });
    server.listen({ host, port, exclusive: true }, () => {
      server.close(() => {
        resolve(undefined);
      });
    });
  });
  if (code === undefined) return [well(`port: ${host}:${port} is free`)];
  return [await portProblem(host, port, code)];
}

async function portProblem(host: string, port: number, code: string): Promise<Finding> {
  if (code === "EADDRINUSE") {
    const asked = await fetchCheck(`http://${reachable(host)}:${port}`);
    const who = asked.ok ? `another ${asked.check.server}` : "another program";
    return problem(`port: ${who} has ${host}:${port}`, "end it, or set PORT to a free one");
  }
  if (code === "EACCES")
    return problem(`port: ${port} needs more rights than this user has`, "set PORT to 1024 or more");
  return problem(
    `HOST: cannot listen on ${host} (${code})`,
    "set HOST to an address of this machine, such as 127.0.0.1",
  );
}

function reachable(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  return host.includes(":") ? `[${host === "::" ? "::1" : host}]` : host;
}

/** What a browser that comes over PUBLIC_URL meets. */
export async function judgePublicUrl(
  config: Pick<Config, "publicUrl" | "trustProxy">,
): Promise<readonly Finding[]> {
  const { publicUrl } = config;
  if (publicUrl === undefined) return [];
  const asked = await fetchCheck(publicUrl, { origin: new URL(publicUrl).origin });
  if (!asked.ok) return [problem(`PUBLIC_URL: ${publicUrl} ${asked.why}`, asked.todo)];
  const { check } = asked;
  if (check.publicUrl !== publicUrl) {
    return [
      problem(
        `PUBLIC_URL: the server at ${publicUrl} knows itself as ${check.publicUrl ?? "nothing"}`,
        "start the server with this PUBLIC_URL, or give this command the server's variables",
      ),
    ];
  }
  const findings = [...clockThere(check), ...proxyThere(config, check), await judgeWebSocket(publicUrl)];
  return [well(`PUBLIC_URL: ${publicUrl} leads to this server`), ...findings];
}

function clockThere({ time }: ConnectionCheck): readonly Finding[] {
  const difference = Math.round((Date.parse(time) - Date.now()) / 1000);
  if (Math.abs(difference) * 1000 <= TOLERATED_MS) return [];
  return [problem(`clock: the server's differs by ${difference} s from this machine's`, "let NTP keep both")];
}

function proxyThere(
  { trustProxy }: Pick<Config, "trustProxy">,
  { proxy }: ConnectionCheck,
): readonly Finding[] {
  if (proxy === "trusted")
    return [well("TRUST_PROXY: the proxy is known, visitors have addresses of their own")];
  if (proxy === "ignored") {
    return [
      problem(
        "TRUST_PROXY: does not name the proxy that PUBLIC_URL leads through, so all visitors share its address",
        "set TRUST_PROXY=loopback for a proxy on this machine, else to the proxy's network",
      ),
    ];
  }
  if (trustProxy.kind === "none") return [];
  return [
    problem(
      "TRUST_PROXY: is set, but the proxy sends no X-Forwarded-For, so all visitors share its address",
      "let the proxy set X-Forwarded-For (docs/CONFIGURATION.md, Behind a proxy)",
    ),
  ];
}
