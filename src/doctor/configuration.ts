/** What is unsafe or does not fit together in a configuration that was accepted. */
import { isLoopbackHost } from "../config.ts";
import { note, problem, well } from "./finding.ts";
import type { Config } from "../config.ts";
import type { Finding } from "./finding.ts";

type Judged = Pick<Config, "host" | "publicUrl" | "trustProxy" | "allowedOrigins">;

/** `warnings` are those of the start. */
export function judgeConfiguration(config: Judged, warnings: readonly string[]): readonly Finding[] {
  const findings = [
    ...warnings.map((warning) => problem(`configuration: ${warning}`, "change it, or know why it is so")),
    ...exposure(config),
    ...proxy(config),
    ...sites(config),
  ];
  const isSafe = findings.every(({ kind }) => kind !== "problem");
  return isSafe ? [well("configuration: accepted, nothing unsafe"), ...findings] : findings;
}

function exposure({ host, publicUrl }: Judged): readonly Finding[] {
  if (isLoopbackHost(host) || isHttps(publicUrl)) return [];
  return [
    problem(
      `HOST: ${host} is open to others without TLS, so passcodes and messages travel in the clear`,
      "put a proxy with TLS in front and set PUBLIC_URL to its https address, or set HOST=127.0.0.1",
    ),
  ];
}

function proxy({ publicUrl, trustProxy, host }: Judged): readonly Finding[] {
  if (trustProxy.kind === "none") {
    if (!isHttps(publicUrl)) return [];
    return [
      problem(
        "TRUST_PROXY: none, although PUBLIC_URL is https: behind the proxy all visitors share one address and its limits",
        "set TRUST_PROXY=loopback for a proxy on this machine, else to the proxy's network",
      ),
    ];
  }
  if (publicUrl === undefined) {
    return [
      problem(
        "PUBLIC_URL: none, although TRUST_PROXY is set: browsers that come over https are refused, for their origin is not this server's",
        "set PUBLIC_URL to the address in the browser",
      ),
    ];
  }
  if (trustProxy.kind === "networks" || isLoopbackHost(host)) return [];
  return [
    note(
      "TRUST_PROXY: a hop count believes whoever reaches the port; right only where nobody but the proxy does",
    ),
  ];
}

function sites({ publicUrl, allowedOrigins }: Judged): readonly Finding[] {
  if (allowedOrigins.length === 0) {
    return [note("ALLOWED_ORIGINS: none, so only pages of this server itself can show the chat")];
  }
  if (!isHttps(publicUrl)) return [];
  const insecure = allowedOrigins.filter(
    (origin) => origin.startsWith("http:") && !isLoopbackHost(new URL(origin).hostname),
  );
  return insecure.map((origin) =>
    note(`ALLOWED_ORIGINS: ${origin} is http; anybody on the way can change its pages`),
  );
}

function isHttps(url: string | undefined): boolean {
  return url?.startsWith("https:") === true;
}
