/** Asks a server what it sees, and puts into words why it could not. */
import type { ConnectionCheck } from "../chat/wire.ts";

export type Asked =
  | { readonly ok: true; readonly check: ConnectionCheck }
  | { readonly ok: false; readonly why: string; readonly todo: string };

const PATIENCE_MS = 5000;

/** `GET /api/connection-check` below `base`. */
export async function fetchCheck(base: string, query: Readonly<Record<string, string>> = {}): Promise<Asked> {
  const url = `${base}/api/connection-check?${new URLSearchParams(query).toString()}`;
  try {
    const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(PATIENCE_MS) });
    const text = await response.text();
    const check = response.ok ? parse(text) : undefined;
    return check === undefined ? wrongAnswer(response) : { ok: true, check };
  } catch (error) {
    return noAnswer(error);
  }
}

function parse(text: string): ConnectionCheck | undefined {
  try {
    const value = JSON.parse(text) as ConnectionCheck | null;
    return value?.server.startsWith("customer-chat/") === true ? value : undefined;
  } catch {
    return undefined;
  }
}

function wrongAnswer({ status, headers }: Response): Asked {
  if (status >= 300 && status < 400) {
    return {
      ok: false,
      why: `leads on to ${headers.get("location") ?? "somewhere else"}`,
      todo: "set PUBLIC_URL to the address that browsers end at",
    };
  }
  if (status >= 502 && status <= 504) {
    return {
      ok: false,
      why: `is answered by a proxy that does not reach this server (${status})`,
      todo: "let the proxy pass requests on to HOST and PORT of this server",
    };
  }
  return {
    ok: false,
    why: `is answered by something else (${status})`,
    todo: "let it lead to this server, all paths of it",
  };
}

const REASONS: Readonly<Record<string, readonly [why: string, todo: string]>> = {
  ENOTFOUND: ["has a name without an address", "add it to the DNS"],
  EAI_AGAIN: ["has a name that could not be looked up", "look at this machine's DNS"],
  ECONNREFUSED: ["refuses connections", "start the proxy, and open its port in the firewall"],
  ECONNRESET: ["cuts connections", "look at the proxy and the firewall"],
  CERT_HAS_EXPIRED: ["has a certificate that ran out", "renew it"],
};

function noAnswer(error: unknown): Asked {
  const cause: unknown = error instanceof Error ? (error.cause ?? error) : error;
  if (error instanceof Error && error.name === "TimeoutError") {
    return {
      ok: false,
      why: `does not answer within ${PATIENCE_MS / 1000} s`,
      todo: "look at firewall and proxy",
    };
  }
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
  const [why, todo] = REASONS[code] ?? [
    `cannot be asked (${code})`,
    "look at its TLS certificate and the proxy",
  ];
  return { ok: false, why, todo };
}
