/** The server-side points of STOMP conformance, by section, each with a number that its tests carry. */
import { ESCAPING, FRAME_GRAMMAR } from "./points/frames.ts";
import { ACK, SEND, SUBSCRIBE, TRANSACTIONS } from "./points/messages.ts";
import { CONNECT, DISCONNECT, HEART_BEATING, RECEIPT } from "./points/sessions.ts";
import { PRODUCT, SOCKJS, WEBSOCKET } from "./points/bindings.ts";
import type { Point, Section } from "./points/section.ts";

export const SECTIONS: readonly Section[] = [
  FRAME_GRAMMAR,
  ESCAPING,
  CONNECT,
  HEART_BEATING,
  RECEIPT,
  SEND,
  SUBSCRIBE,
  ACK,
  TRANSACTIONS,
  DISCONNECT,
  WEBSOCKET,
  SOCKJS,
  PRODUCT,
];

type NumbersOf<One extends Section> = keyof One["points"] & number;

export type PointNumber =
  | NumbersOf<typeof FRAME_GRAMMAR>
  | NumbersOf<typeof ESCAPING>
  | NumbersOf<typeof CONNECT>
  | NumbersOf<typeof HEART_BEATING>
  | NumbersOf<typeof RECEIPT>
  | NumbersOf<typeof SEND>
  | NumbersOf<typeof SUBSCRIBE>
  | NumbersOf<typeof ACK>
  | NumbersOf<typeof TRANSACTIONS>
  | NumbersOf<typeof DISCONNECT>
  | NumbersOf<typeof WEBSOCKET>
  | NumbersOf<typeof SOCKJS>
  | NumbersOf<typeof PRODUCT>;

/** By number, in order. */
export const POINTS: ReadonlyMap<number, Point> = new Map(
  SECTIONS.flatMap(({ points }) =>
    Object.entries(points).map(([number, point]): [number, Point] => [Number(number), point]),
  ),
);

/** The number at the beginning of a test's title. */
export function numberIn(title: string): number | undefined {
  const number = /^#(\d+) /.exec(title)?.[1];
  return number === undefined ? undefined : Number(number);
}
