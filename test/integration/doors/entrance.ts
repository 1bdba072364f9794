/** A server whose every door is tried: a canary on it, an agent's token, and a session of SockJS that somebody has. */
import { AGENT_PASSCODE } from "../../helpers/running-server.ts";
import { Canary } from "../bad-input/canary.ts";
import { DOORS, LISTED, PAGES } from "./expected.ts";
import { rowsOf, Visitor } from "./visits.ts";
import type { Ports } from "../../authorisation/wires.ts";
import type { Answer, Headers } from "./visits.ts";

export type Door = {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  /** Of the answer to whom the Origin does not forbid it. */
  readonly status: number;
};

export function doorOf(name: string, status = 0): Door {
  const [method = "", path = ""] = name.split(" ");
  return { name, method, path, status };
}

export const doors = rowsOf(DOORS).map(([name = "", status]) => doorOf(name, Number(status)));
export const pages = rowsOf(PAGES)
  .flat()
  .map((name) => doorOf(name));

const NOBODYS_ID = "x".repeat(22);
const BODIES: Readonly<Record<string, string>> = {
  "/api/guests": "{}",
  "/api/identify": '{"jwt":"x"}',
  "/api/sessions": '{"login":"nobody","passcode":"of nobody at all"}',
  "/chat/0/open/xhr_send": '["\\n"]',
};

export class Entrance {
  readonly canary: Canary;
  /** An agent's. */
  readonly token: string;
  readonly #visitor: Visitor;
  #sessions = 0;

  private constructor(canary: Canary, token: string) {
    this.canary = canary;
    this.token = token;
    this.#visitor = new Visitor(canary.server.port);
  }

  static async open(environment: Record<string, string> = {}): Promise<Entrance> {
    const canary = await Canary.start({ ALLOWED_ORIGINS: LISTED, ...environment });
    const login = { login: "canary", passcode: AGENT_PASSCODE };
    const { body } = await canary.server.post("/api/sessions", login);
    const stream = await canary.server.fetch("/chat/0/open/xhr_streaming", { method: "POST" });
    void stream.text().catch(() => undefined);
    const connect = JSON.stringify(["CONNECT\naccept-version:1.2\n\n\0"]);
    await canary.server.fetch("/chat/0/open/xhr_send", { method: "POST", body: connect });
    return new Entrance(canary, String(body["token"]));
  }

  get ports(): Ports {
    return { http: this.canary.server.port, tcp: this.canary.server.tcpPort };
  }

  /** How many sessions there have been. */
  get sessions(): number {
    return this.canary.server.server.broker.stats.connectionsOpened;
  }

  /** As the agent, where the door is for one. */
  enter(door: Door, headers: Headers): Promise<Answer> {
    return this.#visit(
      door,
      door.method === "GET" ? { authorization: `Bearer ${this.token}`, ...headers } : headers,
    );
  }

  enterAsNobody(door: Door, headers: Headers): Promise<Answer> {
    return this.#visit(door, headers);
  }

  async close(): Promise<void> {
    this.#visitor.close();
    await this.canary.stop();
  }

  #visit({ method, path }: Door, headers: Headers): Promise<Answer> {
    this.#sessions += 1;
    const filled = path
      .replace("{new}", `new${this.#sessions}`)
      .replace("{open}", "open")
      .replace(":id", NOBODYS_ID);
    const body = BODIES[filled];
    if (body === undefined) return this.#visitor.visit({ method, path: filled, headers });
    const typed = filled.startsWith("/api") ? { "content-type": "application/json", ...headers } : headers;
    return this.#visitor.visit({ method, path: filled, headers: typed, body });
  }
}
