/** Faults to plant between the wire and one device, once each: what the checker must find. */
import { Headers } from "../../src/stomp/headers.ts";
import type { Frame } from "../../src/stomp/frame.ts";
import type { Meddle } from "../helpers/load-client.ts";

/** Each fault happens to the third MESSAGE, or RECEIPT of a message, that the device gets. */
const NTH = 3;

/** `first` sees the frames of another device, whose MESSAGE may get into the wrong hands. */
export type Fault = { readonly meddle: Meddle; readonly first?: Meddle };

const isMessage = ({ command, headers }: Frame): boolean =>
  command === "MESSAGE" && headers.get("subscription") === "m";
const isReceipt = ({ command, headers }: Frame): boolean => command === "RECEIPT" && headers.has("seq");

export const FAULTS: Readonly<Record<string, () => Fault>> = {
  lost_acked: () => ({ meddle: atNth(isMessage, () => []) }),
  dup_stored: () => ({ meddle: atNth(isReceipt, (frame) => [withHeader(frame, "message-id", "another")]) }),
  dup_shown: () => ({
    meddle: atNth(isMessage, (frame) => [frame, withHeader(frame, "message-id", "another")]),
  }),
  order_violations: () => {
    let held: Frame | undefined;
    const hold = atNth(isMessage, (frame) => {
      held = frame;
      return [];
    });
    return {
      meddle: (frame) => {
        const isNext =
          held !== undefined &&
          isMessage(frame) &&
          held.headers.get("conversation") === frame.headers.get("conversation");
        if (!isNext || held === undefined) return hold(frame);
        const late = held;
        held = undefined;
        return [frame, late];
      },
    };
  },
  gaps: () => ({ meddle: atNth(isMessage, (frame) => [withHeader(frame, "seq", "1000000")]) }),
  leaked: () => {
    let stray: Frame | undefined;
    return {
      first: atNth(isMessage, (frame) => {
        stray = frame;
        return [frame];
      }),
      meddle: (frame) => {
        const also = stray === undefined ? [] : [stray];
        stray = undefined;
        return [...also, frame];
      },
    };
  },
  unanswered: () => {
    let id: string | undefined;
    const swallow = atNth(isReceipt, ({ headers }) => {
      id = headers.get("message-id");
      return [];
    });
    // Those of repetitions too, which name the same message.
    return {
      meddle: (frame) => (isReceipt(frame) && frame.headers.get("message-id") === id ? [] : swallow(frame)),
    };
  },
};

function atNth(is: (frame: Frame) => boolean, happens: (frame: Frame) => readonly Frame[]): Meddle {
  let count = 0;
  return (frame) => {
    if (!is(frame)) return [frame];
    count += 1;
    return count === NTH ? happens(frame) : [frame];
  };
}

function withHeader(frame: Frame, name: string, value: string): Frame {
  const flat = [...frame.headers.entries()].flatMap(([key, old]) => [key, key === name ? value : old]);
  return { ...frame, headers: new Headers(flat) };
}
