/** The cells of the matrix: every row of the expected table for every role, and every spelling, as frames. */
import { BY_ROLE, SPELLINGS } from "./expected.ts";
import { DEEDS, isHeard } from "./deeds.ts";
import { readEntries, readRows } from "./tables.ts";
import type { Frame } from "../../src/stomp/frame.ts";
import type { Asked, World } from "./deeds.ts";
import type { Entry as Spelling, Row } from "./tables.ts";

/** By itself, or between BEGIN and COMMIT. */
export type Entry = "frame" | "transaction";

export const { roles: ROLES, rows: ROWS } = readRows(BY_ROLE);

/** For both verbs. */
export const SPELLED = readEntries(SPELLINGS);

/** They take no part in transactions. */
const ALONE = new Set(["/chat/typing taken", "/chat/page", "/chat/history taken", "/chat/history unknown"]);

export class Cell {
  readonly name: string;
  readonly letter: string;
  readonly frames: readonly string[];
  /** The receipts that are answered when the cell is. */
  readonly receipts: readonly string[];
  readonly #asked: Asked;
  readonly #isSend: boolean;
  readonly #happened: (world: World) => boolean;

  constructor(
    name: string,
    letter: string,
    asked: Asked,
    { verb, destination, body = "", entry }: Written,
    happened: (world: World) => boolean,
  ) {
    const { id } = asked;
    this.#isSend = verb === "SEND";
    const head = `${verb}\ndestination:${fill(destination, asked)}\nreceipt:${id}\n`;
    this.name = `${asked.actor.role}: ${name}`;
    this.letter = letter;
    this.#asked = asked;
    this.#happened = happened;
    this.receipts = entry === "transaction" ? [id, `${id}-commit`] : [id];
    const transaction = `transaction:${id}\n`;
    this.frames =
      verb === "SUBSCRIBE"
        ? [`${head}id:${id}\n\n^@`]
        : entry === "frame"
          ? [`${head}\n${body}^@`]
          : [
              `BEGIN\n${transaction}\n^@`,
              `${head}${transaction}\n${body}^@`,
              `COMMIT\n${transaction}receipt:${id}-commit\n\n^@`,
            ];
  }

  get asked(): Asked {
    return this.#asked;
  }

  happened(world: World): boolean {
    return this.#happened(world);
  }

  /** Whether it had an effect, or anybody was sent a word of it. Who subscribes says nothing. */
  leaked(world: World): boolean {
    return this.#happened(world) || (this.#isSend && world.seen.has(this.#asked.id));
  }

  /** What was told: `allowed`, a code, or nothing. */
  get told(): string {
    const answers = this.receipts.map((receipt) => this.#asked.actor.wire.answers.get(receipt));
    const refused = answers.find((answer) => answer?.headers.has("code") === true);
    if (refused !== undefined) return codeOf(refused);
    return answers.includes(undefined) ? "no answer" : "allowed";
  }
}

type Written = {
  readonly verb: string;
  readonly destination: string;
  readonly body?: string;
  readonly entry: Entry;
};

function codeOf({ headers, command }: Frame): string {
  return command === "ERROR" ? `ERROR ${headers.get("code")}` : (headers.get("code") ?? "");
}

function fill(destination: string, { victim, id }: Asked): string {
  const session = victim.wire.frames[0]?.headers.get("session") ?? "";
  return destination
    .replaceAll("{victim}", victim.principal.id)
    .replaceAll("{session}", session)
    .replaceAll("{cell}", id)
    .replaceAll("{space}", " ")
    .replaceAll("{long}", "a".repeat(250));
}

/** The cell of a row; undefined where a row takes no part in transactions. */
export function cellOf(row: Row, asked: Asked, entry: Entry): Cell | undefined {
  const letter = row.expected.get(asked.actor.role) ?? "";
  const [verb = "", destination = ""] = row.name.split(" ");
  if (verb === "SUBSCRIBE") {
    if (entry === "transaction") return undefined;
    return new Cell(row.name, letter, asked, { verb, destination, entry }, () => isHeard(asked, destination));
  }
  const name = row.name.slice("SEND ".length);
  const deed = DEEDS[name];
  if (deed === undefined) throw new Error(`nobody knows how to ${row.name}`);
  if (entry === "transaction" && ALONE.has(name)) return undefined;
  const content = deed.body(asked);
  const body = typeof content === "string" ? content : JSON.stringify(content);
  return new Cell(row.name, letter, asked, { verb, destination, body, entry }, (world) =>
    deed.happened(asked, world),
  );
}

/** A spelling is never open, so nothing may happen. */
export function spelledCell(
  verb: "SEND" | "SUBSCRIBE",
  { name: destination, letter }: Spelling,
  asked: Asked,
): Cell {
  const written = {
    verb,
    destination,
    entry: "frame" as const,
    ...(verb === "SEND" ? { body: asked.id } : {}),
  };
  return new Cell(`${verb} ${destination}`, letter, asked, written, () => isHeard(asked, destination));
}
