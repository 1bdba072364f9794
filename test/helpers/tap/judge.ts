/** Judges what was sent to a guest or customer: does it hold anything that is not for them? */
import { ANSWERS, FRAMES, MESSAGES, REFUSED_ANSWER } from "./customers-view.ts";
import type { z } from "zod";
import type { Shape } from "./customers-view.ts";

export type Viewer = {
  /** Whether this id is the viewer's, or was as a guest; always, where nobody knows who the viewer is. */
  readonly isOwn: (id: string) => boolean;
  /** A hook lets customers use general destinations; what comes there is the embedding program's business. */
  readonly hasGeneralDestinations: boolean;
};

const GENERAL = /^\/(?:topic|queue|temp-queue)\//;

/** What is wrong with a frame, or undefined; heart-beats are fine. */
export function strayInFrame(frame: string, viewer: Viewer): string | undefined {
  const end = frame.indexOf("\n\n");
  if (end < 0) return undefined;
  const [command = "", ...lines] = frame.slice(0, end).split("\n");
  const headers = lines.map((line) => line.slice(0, line.indexOf(":")));
  const destination = /^destination:(.*)$/m.exec(frame.slice(0, end))?.[1] ?? "";
  if (command === "MESSAGE" && viewer.hasGeneralDestinations && GENERAL.test(destination)) return undefined;
  const shapes = command === "MESSAGE" ? MESSAGES : FRAMES;
  const name = command === "MESSAGE" ? destination : command;
  const shape = Object.hasOwn(shapes, name) ? shapes[name] : undefined;
  if (shape === undefined) return `${command} ${destination} is not for customers`;
  return strayHeader(headers, shape) ?? strayInJson(frame.slice(end + 2, -1), shape.body, viewer);
}

/** What is wrong with the JSON of an HTTP answer, or undefined. */
export function strayInAnswer(
  { path, status, body }: { readonly path: string; readonly status: number; readonly body: string },
  viewer: Viewer,
): string | undefined {
  if (status >= 400) return strayInJson(body, REFUSED_ANSWER, viewer);
  const shape = ANSWERS.find(([pattern]) => pattern.test(path))?.[1];
  return shape === undefined ? `${path} is not for customers` : strayInJson(body, shape, viewer);
}

function strayHeader(headers: readonly string[], shape: Shape): string | undefined {
  const stray = headers.find((header) => !shape.headers.includes(header));
  return stray === undefined ? undefined : `the header ${stray} is not for customers`;
}

function strayInJson(text: string, shape: z.ZodType, viewer: Viewer): string | undefined {
  const body = text === "" ? undefined : (JSON.parse(text) as unknown);
  const { error } = shape.safeParse(body);
  if (error !== undefined) return `not for customers: ${JSON.stringify(error.issues)}`;
  return strayPerson(body, viewer);
}

/** Somebody else who is no member of the desk, anywhere in it. */
function strayPerson(value: unknown, viewer: Viewer): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { kind, id, userFrom, userTo } = value as Readonly<Record<string, string | undefined>>;
  if ((kind === "guest" || kind === "customer") && !viewer.isOwn(id ?? "")) return "another customer";
  const isMessage = userFrom !== undefined && userTo !== undefined;
  if (isMessage && !viewer.isOwn(userFrom) && !viewer.isOwn(userTo)) return "a message between others";
  for (const member of Object.values(value)) {
    const stray = strayPerson(member, viewer);
    if (stray !== undefined) return stray;
  }
  return undefined;
}
