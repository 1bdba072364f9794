/** What a row of the tables of points says. */
import type { Version } from "../../../src/stomp/commands.ts";

/** M must, S should, Y may, B good practice beyond the specification, M* needed by other programs or by the product. */
export type Level = "M" | "S" | "Y" | "B" | "M*" | "Y/B" | "Y/M" | "Y/S" | "S/B";

export type Point = {
  readonly level: Level;
  /** Each is exercised; none where the point is about what lies below STOMP. */
  readonly versions: readonly Version[];
  /** Of the STOMP 1.2 text, or the source that asks for it. */
  readonly heading: string;
  readonly requirement: string;
  /** What was chosen where the point leaves it open, or asks for more or less than is done. */
  readonly choice?: string;
  /** Where we do otherwise, and why. */
  readonly deviation?: string;
};

export type Section = {
  readonly title: string;
  /** Below test/conformance. */
  readonly tests: string;
  readonly points: Readonly<Record<number, Point>>;
};

export const ALL = ["1.0", "1.1", "1.2"] as const;
export const FROM_1_1 = ["1.1", "1.2"] as const;
/** Below STOMP: the same for every version. */
export const NONE = [] as const;
