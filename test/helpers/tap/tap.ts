/** A tap on everything that servers of this process send to guests and customers; what is not for them is kept as a finding. */
import { ServerResponse } from "node:http";
import { Identity } from "../../../src/adapters/auth/identity.ts";
import { Broker } from "../../../src/broker/broker.ts";
import { accessPolicy } from "../../../src/chat/access-binding.ts";
import { isCustomer } from "../../../src/chat/access-policy.ts";
import { ChatService } from "../../../src/chat/chat-service.ts";
import { strayInAnswer, strayInFrame } from "./judge.ts";
import type { Connection } from "../../../src/broker/connection.ts";
import type { Principal } from "../../../src/broker/principal.ts";
import type { Fact } from "../../../src/chat/facts.ts";
import type { Session } from "../../../src/broker/session.ts";
import type { Viewer } from "./judge.ts";

/** Notes that are looked for, and the newest bodies that a new note is looked for in. */
const MAX_NOTES = 200;
const MAX_BODIES = 64;
/** Messages that are remembered, for a note with the same words. */
const MAX_SAID = 1000;
/** Shorter ones stand in other texts by chance. */
const MIN_NOTE = 8;
const PREVIEW = 100;
const MAX_TOKENS = 10_000;

export class Tap {
  /** Looked at so far. */
  frames = 0;
  answers = 0;
  #findings: string[] = [];
  /** What holds the words of a note; nothing is wrong with it when somebody said them in a message, too. */
  #suspects: { readonly note: string; readonly sent: string }[] = [];
  readonly #notes: string[] = [];
  readonly #said: string[] = [];
  readonly #newest: string[] = [];
  /** From a guest to the customer whom it became. */
  readonly #became = new Map<string, string>();
  readonly #byToken = new Map<string, Principal>();
  /** Pairs of a guest and the customer whom it became before this process began. */
  became: () => Iterable<readonly [guest: string, customer: string]> = () => [];

  /** What was found since the last call. */
  takeFindings(): readonly string[] {
    for (const { note, sent } of this.#suspects) if (!this.#said.includes(note)) this.#report("a note", sent);
    const findings = this.#findings;
    [this.#findings, this.#suspects] = [[], []];
    return findings;
  }

  sawFact(fact: Fact): void {
    if (fact.type === "customer.identified") this.#became.set(fact.from.id, fact.user.id);
    else if (fact.type === "message.posted") remember(this.#said, inJson(fact.message.message), MAX_SAID);
    else if (fact.type === "note.written" && fact.note.note.length >= MIN_NOTE) {
      const note = inJson(fact.note.note);
      for (const sent of this.#newest) if (sent.includes(note)) this.#suspects.push({ note, sent });
      remember(this.#notes, note, MAX_NOTES);
    }
  }

  sawToken(token: string, principal: Principal): void {
    if (this.#byToken.size > MAX_TOKENS) this.#byToken.clear();
    this.#byToken.set(token, principal);
  }

  sawFrame(frame: string, principal: Principal, hasGeneralDestinations: boolean): void {
    this.frames += 1;
    const viewer = { isOwn: this.#ownedBy(principal.id), hasGeneralDestinations };
    this.#judge(frame, strayInFrame(frame, viewer));
  }

  /** Answers to the desk's tokens are nobody's business here. */
  sawAnswer(answer: { path: string; status: number; body: string }, token: string | undefined): void {
    const principal = token === undefined ? undefined : this.#byToken.get(token);
    if (principal === undefined ? token !== undefined : !isCustomer(principal)) return;
    if (principal === undefined && answer.path === "/api/sessions") return;
    this.answers += 1;
    const isOwn: Viewer["isOwn"] = principal === undefined ? () => true : this.#ownedBy(principal.id);
    this.#judge(answer.body, strayInAnswer(answer, { isOwn, hasGeneralDestinations: false }));
  }

  #ownedBy(viewer: string): Viewer["isOwn"] {
    const isSame = (id: string): boolean => this.#canonical(id) === this.#canonical(viewer);
    return (id) => {
      if (isSame(id)) return true;
      for (const [guest, customer] of this.became()) this.#became.set(guest, customer);
      return isSame(id);
    };
  }

  #canonical(id: string): string {
    return this.#became.get(id) ?? id;
  }

  #judge(sent: string, stray: string | undefined): void {
    if (stray !== undefined) this.#report(stray, sent);
    // Heads are judged by their names: ids that clients chose stand in them.
    const body = sent.slice(sent.indexOf("\n\n") + 1);
    for (const note of this.#notes) if (body.includes(note)) this.#suspects.push({ note, sent });
    remember(this.#newest, body, MAX_BODIES);
  }

  #report(what: string, sent: string): void {
    this.#findings.push(`sent to a customer: ${what}: ${sent.slice(0, 2000)}`);
  }
}

/** How a text begins that stands in a body, cut short or not. */
const inJson = (text: string): string => JSON.stringify(text.slice(0, PREVIEW)).slice(0, -1);

function remember(texts: string[], text: string, most: number): void {
  texts.push(text);
  if (texts.length > most) texts.shift();
}

/** Puts the tap on every chat server that this process makes from now on. */
export function tapServers(tap: Tap): void {
  tapFacts(tap);
  tapFrames(tap);
  tapAnswers(tap);
}

/** As it was before the tap; called with the object it belongs to. */
function methodOf<Made, Name extends keyof Made>(prototype: Made, name: Name): Made[Name] {
  return prototype[name];
}

/** Brokers of whole chats; a broker alone has no customers. */
const tapped = new WeakSet<Broker>();

function tapFacts(tap: Tap): void {
  const attach = methodOf(ChatService.prototype, "attach");
  ChatService.prototype.attach = function (broker, observe) {
    tapped.add(broker);
    attach.call(this, broker, (fact) => {
      tap.sawFact(fact);
      observe?.(fact);
    });
  };
}

function tapFrames(tap: Tap): void {
  const open = methodOf(Broker.prototype, "open");
  Broker.prototype.open = function (connection: Connection) {
    const session = open.call(this, connection) as Session;
    if (!tapped.has(this)) return session;
    const hasGeneralDestinations = this.access !== accessPolicy;
    const write = connection.write.bind(connection);
    connection.write = (frames) => {
      const principal = session.authentication?.principal;
      if (principal !== undefined && isCustomer(principal))
        for (const { text, octets } of frames)
          tap.sawFrame(text ?? Buffer.from(octets).toString("latin1"), principal, hasGeneralDestinations);
      write(frames);
    };
    return session;
  };
}

const BEARER = /^Bearer +(\S+)$/i;

function tapAnswers(tap: Tap): void {
  const authenticationOf = methodOf(Identity.prototype, "authenticationOf");
  Identity.prototype.authenticationOf = async function (token) {
    const authentication = await authenticationOf.call(this, token);
    if (authentication !== undefined) tap.sawToken(token, authentication.principal);
    return authentication;
  };
  const end = methodOf(ServerResponse.prototype, "end");
  ServerResponse.prototype.end = function (this: ServerResponse, ...args: unknown[]) {
    const { url = "", headers } = this.req;
    const [chunk] = args;
    const body = typeof chunk === "string" || chunk instanceof Uint8Array ? Buffer.from(chunk) : undefined;
    const isJson = String(this.getHeader("content-type")).startsWith("application/json");
    if (url.startsWith("/api/") && body !== undefined && isJson) {
      const path = url.split("?")[0] ?? "";
      const answer = { path, status: this.statusCode, body: body.toString() };
      tap.sawAnswer(answer, BEARER.exec(headers.authorization ?? "")?.[1]);
    }
    return end.apply(this, args as Parameters<typeof end>);
  } as typeof end;
}
