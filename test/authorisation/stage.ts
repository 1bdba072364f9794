/** A server with everybody on it whom the matrix names, and conversations to ask about. */
import { SignJWT } from "jose";
import { createOpaqueToken, hashToken, randomId, SESSION } from "../../src/adapters/auth/tokens.ts";
import { RunningServer } from "../helpers/running-server.ts";
import { Conversations } from "./conversations.ts";
import { Wire } from "./wires.ts";
import type { Principal, Role, Scope } from "../../src/broker/principal.ts";
import type { Ports, Transport } from "./wires.ts";

const SITE_SECRET = "0123456789abcdef0123456789abcdef";
const AUDIENCE = "shop";

/** Agents by name: those of the table, and `mate` and `second` beside them. */
const AGENTS: Readonly<Record<string, Role>> = {
  agent: "agent",
  assignee: "agent",
  mate: "agent",
  joined: "supervisor",
  supervisor: "supervisor",
  second: "supervisor",
  admin: "admin",
};
const SCOPES: readonly Scope[] = ["chat", "topics", "queues", "api"];

/** Somebody connected, listening to the queues that are everybody's own. */
export type Actor = { readonly role: string; readonly principal: Principal; readonly wire: Wire };

export type Known = { readonly principal: Principal; readonly token: string };

export class Stage {
  readonly server: RunningServer;
  /** Agents and services by name; `publisher` is a service of topics and queues that is not asked about. */
  readonly staff = new Map<string, Known>();

  readonly conversations: Conversations;
  #ids = 0;

  private constructor(server: RunningServer) {
    this.server = server;
    this.conversations = new Conversations(server.server.store, (name) => this.known(name).principal);
  }

  static async start(): Promise<Stage> {
    const server = await RunningServer.start({
      STOMP_TCP_PORT: "0",
      RATE_LIMITS: "off",
      SITE_JWT_SECRET: SITE_SECRET,
      SITE_JWT_AUDIENCE: AUDIENCE,
    });
    const stage = new Stage(server);
    for (const [name, role] of Object.entries(AGENTS)) await stage.#addAgent(name, role);
    for (const scope of SCOPES) await stage.#addService(scope, [scope]);
    await stage.#addService("publisher", ["topics", "queues"]);
    return stage;
  }

  /** An id that stands nowhere else. */
  nextId(): string {
    this.#ids += 1;
    return `cell-${this.#ids}`;
  }

  readonly known = (name: string): Known => {
    const known = this.staff.get(name);
    if (known === undefined) throw new Error(`nobody is called ${name}`);
    return known;
  };

  /** A canned response that may be deleted. */
  async keepResponse(shortcut: string): Promise<void> {
    const { principal } = this.known("admin");
    const response = { principal, shortcut, text: "text", now: Date.now() };
    await this.server.server.store.execute("saveCannedResponse", response);
  }

  idOf(name: string): string {
    return this.known(name).principal.id;
  }

  async #addAgent(name: string, role: Role): Promise<void> {
    // The first admin is there already.
    const login = name === "admin" ? "the-admin" : name;
    const id = await this.server.addAgent(login, role);
    const token = createOpaqueToken(SESSION);
    const session = { hash: hashToken(token), user: id, now: Date.now() };
    await this.server.server.store.execute("startLoginSession", session);
    this.staff.set(name, { principal: { id, kind: "agent", role }, token });
  }

  async #addService(name: string, scopes: readonly Scope[]): Promise<void> {
    const token = await this.server.addService(name, scopes);
    const user = await this.server.server.store.execute("userByLogin", { login: name });
    this.staff.set(name, { principal: { id: user?.id ?? "", kind: "service", scopes }, token });
  }

  get ports(): Ports {
    return { http: this.server.port, tcp: this.server.tcpPort };
  }

  /** What the host site signs for a new customer. */
  siteJwt(): Promise<string> {
    return new SignJWT({})
      .setProtectedHeader({ alg: "HS256" })
      .setSubject(randomId())
      .setAudience(AUDIENCE)
      .setIssuedAt()
      .setExpirationTime("1h")
      .sign(new TextEncoder().encode(SITE_SECRET));
  }

  /** A new customer of the host site, who may have been a guest. */
  async customer(guestToken?: string): Promise<Known> {
    const jwt = await this.siteJwt();
    const { body } = await this.server.post("/api/identify", { jwt, guestToken });
    const { id } = body["user"] as { id: string };
    return { principal: { id, kind: "customer", verified: true }, token: String(body["token"]) };
  }

  /** Connects somebody who is known, or a new guest. */
  async connect(role: string, transport: Transport, known?: Known): Promise<Actor> {
    const wire = await Wire.open(transport, this.ports);
    const credentials = known === undefined ? "" : `Authorization:Bearer ${known.token}\n`;
    wire.send([`CONNECT\naccept-version:1.2\n${credentials}\n^@`]);
    await wire.until(() => wire.frames.length > 0);
    const id = wire.frames[0]?.headers.get("user-name");
    if (id === undefined) throw new Error(`${role} is not connected over ${transport}`);
    const queues = ["errors", "events", "messages"];
    wire.send(
      queues.map(
        (queue) => `SUBSCRIBE\nid:${queue}\ndestination:/user/queue/${queue}\nreceipt:${queue}\n\n^@`,
      ),
    );
    await wire.answered(queues);
    return { role, wire, principal: known?.principal ?? { id, kind: "guest" } };
  }
}
