/** The whole catalogue of bad input, by number. */
import { API } from "./api.ts";
import { CONFIGURATION } from "./configuration.ts";
import { CONNECTING } from "./connecting.ts";
import { HEADERS } from "./headers.ts";
import { HTTP } from "./http.ts";
import { MESSAGE } from "./message.ts";
import { OCTETS } from "./octets.ts";
import { SESSIONS } from "./sessions.ts";
import { STORAGE } from "./storage.ts";
import { SUBSCRIPTIONS } from "./subscriptions.ts";
import type { Row, Rows } from "./row.ts";

/** Rows of frames, which every transport carries. */
export const FRAMES: readonly Rows[] = [CONNECTING, HEADERS, OCTETS, SUBSCRIPTIONS, SESSIONS];

const PARTS: readonly Rows[] = [...FRAMES, MESSAGE, HTTP, API, CONFIGURATION, STORAGE];

/** Each row with its number; a number that is in two parts comes twice. */
export const NUMBERED: readonly (readonly [number: number, row: Row])[] = PARTS.flatMap((rows) =>
  Object.entries(rows).map(([number, row]): [number, Row] => [Number(number), row]),
);

/** How many there are. */
export const LAST = 162;

/** Something shows its answer. */
export function isTested({ frames, requests, octets, configurations, tests }: Row): boolean {
  return [frames, requests, octets, configurations, tests].some((cases = []) => cases.length > 0);
}
