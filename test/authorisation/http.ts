/** Requests over HTTP: every route for every role, other spellings of paths, methods, and tokens in the wrong place. */
import { once } from "node:events";
import { Agent, request } from "node:http";
import { AGENT_PASSCODE } from "../helpers/running-server.ts";
import { UNKNOWN_ID } from "./deeds.ts";
import { ELSEWHERE, HTTP_BY_ROLE, HTTP_FOR_NOBODY, TOKENS } from "./expected-entries.ts";
import { judge, meaningOf, readEntries, readRows } from "./tables.ts";
import type { IncomingMessage } from "node:http";
import type { Subject } from "./conversations.ts";
import type { Known, Stage } from "./stage.ts";
import type { Answer, Verdict } from "./tables.ts";

type Headers = Readonly<Record<string, string>>;
type Reply = { readonly status: number; readonly body: string };

export const HTTP = readRows(HTTP_BY_ROLE);
export const HTTP_NOBODY = readEntries(HTTP_FOR_NOBODY);
export const TOKEN_PLACES = readEntries(ELSEWHERE);
/** What a token that is nobody's is tried on. */
export const GUARDED_ROWS = HTTP.rows.filter(({ expected }) => expected.get("nobody") === "A");

const STATUS: Readonly<Record<string, number>> = {
  AUTH_REQUIRED: 401,
  AUTH_FAILED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  TOKEN_IN_URL: 400,
};

type Scene = {
  readonly owner: Known;
  readonly taken: Subject;
  /** Tokens of those who are not of the staff, by role. */
  readonly tokens: ReadonlyMap<string, string>;
  /** Stands in a message, a note and a canned response. */
  readonly text: string;
};

export class HttpMatrix {
  readonly #stage: Stage;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 8 });
  readonly #scene: Scene;

  private constructor(stage: Stage, scene: Scene) {
    this.#stage = stage;
    this.#scene = scene;
  }

  /** With a conversation that has a message and a note, and whose customer is online. */
  static async open(stage: Stage): Promise<HttpMatrix> {
    const [owner, other] = [await stage.customer(), await stage.customer()];
    await stage.connect("owner", "websocket", owner);
    const taken = await stage.conversations.taken(owner.principal);
    await stage.conversations.waiting(other.principal);
    const text = stage.nextId().replace("-", "");
    const { principal } = stage.known("admin");
    await stage.conversations.post(principal, owner.principal.id, UNKNOWN_ID, text);
    const note = { conversation: taken.conversation, text, noteId: UNKNOWN_ID, now: Date.now() };
    await stage.server.server.store.execute("writeNote", { principal, ...note });
    await stage.keepResponse(text);
    const { body } = await stage.server.post("/api/guests", {});
    const tokens = new Map([
      ["owner", owner.token],
      ["other", other.token],
      ["guest", String(body["token"])],
    ]);
    return new HttpMatrix(stage, { owner, taken, text, tokens });
  }

  async runRoles(): Promise<Verdict> {
    const answers: Answer[] = [];
    for (const { name, expected } of HTTP.rows) {
      const asked = HTTP.roles.map(async (role) => this.#askAs(role, name, expected.get(role) ?? ""));
      answers.push(...(await Promise.all(asked)));
    }
    return judge(answers);
  }

  /** What is nothing, for who is nobody and for who may most. */
  async runNothing(): Promise<Verdict> {
    const answers = HTTP_NOBODY.flatMap(({ name, letter }) =>
      ["nobody", "admin"].map((role) => this.#ask(name, letter, this.#bearer(role), role)),
    );
    return judge(await Promise.all(answers));
  }

  /** Tokens that are nobody's, and an admin's where it does not count. */
  async runStrangers(credentials: ReadonlyMap<string, string>): Promise<Verdict> {
    const nobodys = readEntries(TOKENS).filter(({ letter }) => letter !== "Y");
    const answers = GUARDED_ROWS.flatMap(({ name: row }) => [
      ...nobodys.map(({ name, letter }) =>
        this.#ask(row, letter, { authorization: `Bearer ${credentials.get(name) ?? ""}` }, name),
      ),
      ...TOKEN_PLACES.map(({ name, letter }) => this.#ask(row, letter, this.#elsewhere(name), name)),
    ]);
    return judge(await Promise.all(answers));
  }

  close(): void {
    this.#agent.destroy();
  }

  #elsewhere(place: string): Headers {
    const { token } = this.#stage.known("admin");
    const headers: Readonly<Record<string, Headers>> = {
      "in a cookie": { cookie: `token=${token}; authorization=Bearer ${token}` },
      "as X-Authorization": { "x-authorization": `Bearer ${token}` },
      "as Proxy-Authorization": { "proxy-authorization": `Bearer ${token}` },
      "as Basic": { authorization: `Basic ${Buffer.from(`admin:${token}`).toString("base64")}` },
      "without a scheme": { authorization: token },
      "as Token": { authorization: `Token ${token}` },
      "as Bearer, twice": { authorization: `Bearer Bearer ${token}` },
      "as Bearer with a comma": { authorization: `Bearer ${token}, Bearer ${token}` },
      "in an empty Authorization": { authorization: "" },
    };
    const found = headers[place];
    if (found === undefined) throw new Error(`nobody knows how to say a token ${place}`);
    return found;
  }

  #bearer(role: string): Headers {
    const token = this.#scene.tokens.get(role) ?? this.#stage.staff.get(role)?.token;
    return token === undefined ? {} : { authorization: `Bearer ${token}` };
  }

  async #askAs(role: string, row: string, letter: string): Promise<Answer> {
    const isEnding = row.startsWith("DELETE") && letter === "Y";
    const headers = isEnding ? await this.#newSession(role) : this.#bearer(role);
    const answer = await this.#ask(row, letter === "E" ? "Y" : letter, headers, role);
    // What must not be shown is told apart by the answer alone.
    if (letter === "E") return answer.happened ? { ...answer, letter: "N" } : { ...answer, happened: true };
    if (!isEnding) return answer;
    const { status } = await this.#request("GET", "/api/customers", headers);
    return { ...answer, happened: status === 401 };
  }

  /** A login session that may be ended. */
  async #newSession(role: string): Promise<Headers> {
    const login = role === "admin" ? "the-admin" : role;
    const { body } = await this.#stage.server.post("/api/sessions", { login, passcode: AGENT_PASSCODE });
    return { authorization: `Bearer ${String(body["token"])}` };
  }

  async #ask(row: string, letter: string, headers: Headers, who: string): Promise<Answer> {
    const [method = "", target = "", ...how] = row.split(" ");
    const path = this.#fill(target);
    const proxied: Headers = how.length === 0 ? {} : { "x-forwarded-for": "192.0.2.1" };
    const { status, body } = await this.#request(method, path, { ...headers, ...proxied });
    const told = status < 300 ? "allowed" : codeOf(status, body, method === "HEAD" ? meaningOf(letter) : "");
    return { name: `${who}: ${row}`, letter, told, happened: status < 300 && this.#shows(row, path, body) };
  }

  #fill(target: string): string {
    return target
      .replaceAll("{taken}", this.#scene.taken.conversation)
      .replaceAll("{unknown}", UNKNOWN_ID)
      .replaceAll("{owner}", this.#scene.owner.principal.id)
      .replaceAll("{text}", this.#scene.text)
      .replaceAll("{token}", this.#stage.known("admin").token);
  }

  /** Whether the answer has what was asked for. */
  #shows(row: string, path: string, body: string): boolean {
    if (row.startsWith("HEAD") || row.startsWith("DELETE")) return body === "";
    if (row.startsWith("POST")) return body.includes('"token":"cc_');
    if (/messages$|notes$|search|canned/.test(path)) return body.includes(this.#scene.text);
    if (path.includes("/customers")) return body.includes(this.#scene.owner.principal.id);
    if (path.toLowerCase().startsWith("/api/")) return body.includes(this.#scene.taken.conversation);
    return /<!doctype html>|"status":"(?:ok|ready)"|# TYPE /i.test(body);
  }

  async #request(method: string, path: string, headers: Headers): Promise<Reply> {
    const body = method === "POST" ? JSON.stringify(await this.#bodyFor(path)) : "";
    const json = method === "POST" ? { "content-type": "application/json" } : {};
    const asking = request({
      ...{ host: "127.0.0.1", port: this.#stage.ports.http, agent: this.#agent },
      ...{ method, path, headers: { ...json, ...headers } },
    });
    asking.end(body);
    const [response] = (await once(asking, "response")) as [IncomingMessage];
    let text = "";
    for await (const chunk of response) text += String(chunk);
    return { status: response.statusCode ?? 0, body: text };
  }

  async #bodyFor(path: string): Promise<object> {
    if (path === "/api/identify") return { jwt: await this.#stage.siteJwt() };
    return path === "/api/sessions" ? { login: "mate", passcode: AGENT_PASSCODE } : {};
  }
}

/** The code, when it goes with its status; an answer to HEAD has no code, and is taken for the one expected. */
function codeOf(status: number, body: string, unsaid: string): string {
  const code = body === "" ? unsaid : String((JSON.parse(body) as { readonly code?: unknown }).code);
  return STATUS[code] === status ? code : `${status} ${code}`;
}
