/** CONNECT over one transport: which credentials are somebody's, and that nothing is done for who is nobody. */
import { SignJWT } from "jose";
import { randomBytes } from "node:crypto";
import { loadSecrets } from "../../src/adapters/auth/secrets.ts";
import { createOpaqueToken, hashToken, randomId, SESSION, Tokens } from "../../src/adapters/auth/tokens.ts";
import { loginSessionOf } from "../helpers/login-session.ts";
import { BEFORE_CONNECT, TOKENS } from "./expected-entries.ts";
import { judge, readEntries } from "./tables.ts";
import { Wire } from "./wires.ts";
import type { Stage } from "./stage.ts";
import type { Answer, Verdict } from "./tables.ts";
import type { Transport } from "./wires.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** The credentials of the table, by name. */
export async function createCredentials(stage: Stage): Promise<ReadonlyMap<string, string>> {
  const { tokenKey } = loadSecrets(stage.server.dataDir, true, () => undefined);
  const ours = new Tokens(tokenKey);
  const old = new Tokens(tokenKey, () => Date.now() - 31 * 24 * HOUR_MS);
  const foreign = new Tokens(randomBytes(32));
  const customer = await stage.customer();
  const known = customer.principal.id;
  const guest = await ours.guest(randomId(), 1);
  const became = await ours.guest(randomId(), 1);
  await stage.customer(became);
  const sessionOf = (age: number, unused: number): Promise<string> =>
    loginSessionOf(stage.server.server.store, stage.idOf("agent"), age, unused);
  const ended = await sessionOf(0, 0);
  await stage.server.server.store.execute("endLoginSession", { hash: hashToken(ended), now: Date.now() });
  const unsigned = await new SignJWT({ gen: 1 })
    .setProtectedHeader({ alg: "HS256", typ: "guest" })
    .setSubject(randomId())
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(randomBytes(32));
  const service = stage.known("chat").token;
  return new Map([
    ["a guest's", guest],
    ["a customer's", customer.token],
    ["an agent's session", stage.known("agent").token],
    ["a service's", service],
    ["a guest's, expired", await old.guest(randomId(), 1)],
    ["a customer's, expired", await old.customer(known)],
    ["a session that was ended", ended],
    ["a session of 13 hours", await sessionOf(13 * HOUR_MS, 0)],
    ["a session not used for 31 minutes", await sessionOf(31 * MINUTE_MS, 31 * MINUTE_MS)],
    ["a guest's of another installation", await foreign.guest(randomId(), 1)],
    ["a customer's of another installation", await foreign.customer(known)],
    ["a guest's who became a customer", became],
    ["a customer's whom nobody knows", await ours.customer(randomId())],
    ["a customer's as a guest's", customer.token.replace("cc_c.", "cc_g.")],
    ["a guest's as a customer's", guest.replace("cc_g.", "cc_c.")],
    ["a guest's without signature", `cc_g.${unsigned.split(".").slice(0, 2).join(".")}.`],
    ["the host site's JWT", await stage.siteJwt()],
    ["a prefix alone", "cc_"],
    ["a made-up session", createOpaqueToken(SESSION)],
    ["a made-up service", `cc_v_${randomBytes(32).toString("base64url")}`],
    ["a service's in capitals", service.toUpperCase()],
    ["a service's with a letter more", `${service}A`],
  ]);
}

export async function runConnect(
  stage: Stage,
  credentials: ReadonlyMap<string, string>,
  transport: Transport,
): Promise<Verdict> {
  const asked = readEntries(TOKENS).flatMap(({ name, letter }) => {
    const token = credentials.get(name) ?? "";
    return [
      connect(stage, transport, { name: `${name} token`, letter, header: `Authorization:Bearer ${token}` }),
      connect(stage, transport, { name: `${name} token as passcode`, letter, header: `passcode:${token}` }),
    ];
  });
  return judge(await Promise.all(asked));
}

async function connect(
  stage: Stage,
  transport: Transport,
  { name, letter, header }: { readonly name: string; readonly letter: string; readonly header: string },
): Promise<Answer> {
  const wire = await Wire.open(transport, stage.ports);
  const escaped = header.replace(/(?<=:.*):/g, "\\c");
  wire.send([`CONNECT\naccept-version:1.2\n${escaped}\n\n^@`]);
  await wire.until(() => wire.frames.length > 0);
  const [first] = wire.frames;
  const isConnected = first?.command === "CONNECTED";
  if (!isConnected) await wire.until(() => false);
  wire.close();
  const told = isConnected ? "allowed" : (first?.headers.get("code") ?? "no answer");
  return { name, letter, told, happened: wire.frames.some(({ headers }) => headers.has("user-name")) };
}

/** What is asked before CONNECT is answered with ERROR NOT_CONNECTED, and then nothing more. */
export async function runBeforeConnect(stage: Stage, transport: Transport): Promise<readonly string[]> {
  const asked = BEFORE_CONNECT.map(async (head) => {
    const wire = await Wire.open(transport, stage.ports);
    wire.send([`${head}receipt:r\n\n^@CONNECT\naccept-version:1.2\n\n^@`]);
    await wire.until(() => false);
    return wire.frames.map(({ command, headers }) => `${command} ${headers.get("code") ?? ""}`).join();
  });
  return Promise.all(asked);
}
