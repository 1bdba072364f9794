/** CONNECT and STOMP: version and heart-beat negotiation, authentication (STOMP 1.2, Connecting). */
import { agreeHeartbeat, MAX_HEARTBEAT_MS, negotiateVersion, parseHeartbeat } from "../../stomp/negotiate.ts";
import { Disconnect } from "../errors.ts";
import type { Version } from "../../stomp/commands.ts";
import type { Frame } from "../../stomp/frame.ts";
import type { HeaderList, Headers } from "../../stomp/headers.ts";
import type { HeartbeatWish } from "../../stomp/negotiate.ts";
import type { Reply } from "../application-destination.ts";
import type { Authentication, Credentials } from "../authenticator.ts";
import type { Broker } from "../broker.ts";
import type { Session } from "../session.ts";

export function handleConnect(broker: Broker, session: Session, { headers }: Frame): Promise<Reply> {
  if (session.state !== "opening") throw Disconnect.of("ALREADY_CONNECTED");
  const version = negotiateVersion(headers.get("accept-version"));
  if (version === undefined) throw Disconnect.of("UNSUPPORTED_VERSION");
  const theirs = parseHeartbeat(headers.get("heart-beat"));
  if (theirs === undefined)
    throw Disconnect.of("BAD_HEARTBEAT", { hint: `each at most ${MAX_HEARTBEAT_MS}` });
  session.authenticating();
  return authenticate(broker, session, credentialsOf(headers), version, theirs);
}

async function authenticate(
  broker: Broker,
  session: Session,
  credentials: Credentials,
  version: Version,
  theirs: HeartbeatWish,
): Promise<Reply> {
  const { remoteAddress } = session.connection;
  const authentication = await broker.authenticator
    .authenticate(credentials, remoteAddress)
    .catch((error: unknown) => {
      if (!(error instanceof Disconnect && error.code === "AUTH_FAILED")) throw error;
      const tooMany = broker.admission.connectFailed(remoteAddress);
      throw tooMany === undefined ? error : Disconnect.of("LOGIN_THROTTLED", tooMany);
    });
  const wish = broker.limits.heartbeatMs;
  return {
    afterwards: () => {
      session.heartbeat = agreeHeartbeat({ sends: wish, wants: wish }, theirs);
      session.connected(version, authentication, connectedHeaders(broker, session, version, authentication));
    },
  };
}

function credentialsOf(headers: Headers): Credentials {
  const authorization = headerOfAnyCase(headers, "authorization");
  const login = headers.get("login");
  const passcode = headers.get("passcode");
  return {
    ...(authorization ? { authorization } : {}),
    ...(login ? { login } : {}),
    ...(passcode ? { passcode } : {}),
  };
}

/** Clients spell Authorization as HTTP does; STOMP header names are case sensitive. */
function headerOfAnyCase(headers: Headers, name: string): string | undefined {
  for (const [key, value] of headers.entries()) {
    if (key.toLowerCase() === name) return value;
  }
  return undefined;
}

function connectedHeaders(
  broker: Broker,
  session: Session,
  version: Version,
  { principal, token }: Authentication,
): HeaderList {
  const wish = broker.limits.heartbeatMs;
  const headers: [string, string][] = [
    ["version", version],
    ["session", session.id],
    ["server", broker.serverName],
    ["heart-beat", `${wish},${wish}`],
    ["user-name", principal.id],
  ];
  if (token !== undefined) headers.push(["token", token]);
  return headers;
}
