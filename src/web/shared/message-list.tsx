/** A thread as both pages show it: days, groups, lines, what is on its way. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { ERASED_TEXT } from "./erased.ts";
import { Outgoing } from "./outgoing.tsx";
import { Text } from "./text.tsx";
import { clockTime, dayLabel } from "./time.ts";
import type { ComponentChildren, JSX } from "preact";
import type { ConversationLine } from "../../chat/wire.ts";
import type { OutgoingMessage, Transcript, TranscriptMessage } from "../client/types.ts";

/** A row of the page's own between the messages. */
export type Insert = {
  /** It stands behind the message with this seq; with Infinity at the very end. */
  readonly afterSeq: number;
  readonly at: string;
  /** A list item with a key. */
  readonly row: JSX.Element;
};

export type MessageListProps = {
  readonly transcript: Transcript | undefined;
  readonly outgoing: readonly OutgoingMessage[];
  readonly inserts?: readonly Insert[];
  readonly deliveredSeq: number;
  readonly readSeq: number;
  /** The other side, for screen readers and above its messages. */
  readonly nameOf: (message: TranscriptMessage) => string;
  /** The words of a line; undefined leaves it out. */
  readonly textOf: (line: ConversationLine) => string | undefined;
  readonly isTyping: boolean;
  readonly typist: string;
  readonly loadOlder: () => Promise<void>;
  readonly retry: (clientId: string) => void;
  readonly discard: (clientId: string) => void;
  /** Takes a text that will never be accepted as it is back to where it was written. */
  readonly edit: (message: OutgoingMessage) => void;
  readonly atBottom: (isAtBottom: boolean) => void;
  /** The seq of the message that is looked for: it is shown and marked as soon as it is here. */
  readonly sought?: number | undefined;
  /** What stands there before the first message. */
  readonly children?: ComponentChildren;
};

/** Messages of one person within this time stand together. */
const GROUP_MS = 5 * 60_000;
/** A smooth scroll that a key began goes on for this long, whatever a script scrolls to meanwhile. */
const SMOOTH_SCROLL_MS = 750;

export function MessageList(props: MessageListProps): JSX.Element {
  const { transcript, outgoing, isTyping, typist, atBottom, sought } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [isDown, setDown] = useState(true);
  /** A message that was seen when older ones were asked for, and where it stood. */
  const anchor = useRef<{ readonly row: HTMLElement; readonly top: number } | undefined>(undefined);
  const isLoading = useRef(false);
  const jumpedAt = useRef(-Infinity);
  const pending = useRef(outgoing.length);
  const last = transcript?.messages.at(-1)?.seq ?? 0;
  const first = transcript?.messages[0]?.seq ?? 0;
  const isSoughtHere = sought !== undefined && first > 0 && first <= sought;

  const toBottom = (): void => {
    const box = scroller.current;
    if (box !== null) box.scrollTop = box.scrollHeight;
  };
  useLayoutEffect(() => {
    if (isDown) toBottom();
  }, [last, outgoing.length, isTyping, isDown, transcript?.lines.length, props.inserts?.length]);
  useLayoutEffect(() => {
    const found = isSoughtHere ? scroller.current?.querySelector(`[data-seq="${sought}"]`) : null;
    if (found === null || found === undefined) return;
    found.scrollIntoView({ block: "center" });
    setDown(isAtEnd(scroller.current));
  }, [sought, isSoughtHere]);
  // Older messages push what is read down: it stays where it was.
  useLayoutEffect(() => {
    const [box, held] = [scroller.current, anchor.current];
    if (box !== null && held?.row.isConnected === true && !isDown)
      box.scrollTop += held.row.offsetTop - held.top;
    anchor.current = undefined;
  }, [first]);
  useEffect(() => {
    const box = scroller.current;
    if (box === null) return undefined;
    const observer = new ResizeObserver(() => {
      if (isDown) toBottom();
    });
    observer.observe(box);
    // A message that failed says so, and grows.
    for (const part of box.children) observer.observe(part);
    return () => {
      observer.disconnect();
    };
  }, [isDown]);

  const scrolled = (): void => {
    const box = scroller.current;
    if (box === null) return;
    const down = isAtEnd(box);
    if (!down && performance.now() - jumpedAt.current < SMOOTH_SCROLL_MS) {
      toBottom();
      return;
    }
    if (down !== isDown) {
      setDown(down);
      atBottom(down);
    }
    if (box.scrollTop < 80 && transcript?.isComplete === false && !isLoading.current) {
      isLoading.current = true;
      const row = box.querySelector<HTMLElement>("[data-seq]");
      anchor.current = row === null ? undefined : { row, top: row.offsetTop };
      void props.loadOlder().finally(() => (isLoading.current = false));
    }
  };
  const jump = (): void => {
    jumpedAt.current = performance.now();
    setDown(true);
    atBottom(true);
    toBottom();
  };
  // Whoever moves the thread after that means it.
  const touched = (): void => {
    jumpedAt.current = -Infinity;
  };
  // Who writes wants to see it, wherever they had scrolled.
  useLayoutEffect(() => {
    if (outgoing.length > pending.current && !isDown) jump();
    pending.current = outgoing.length;
  }, [outgoing.length]);
  return (
    <div class="thread">
      {/* A log is announced as it grows; older pages come above and stay silent. */}
      <div
        class="scroller"
        ref={scroller}
        onScroll={scrolled}
        onKeyDown={touched}
        onWheel={touched}
        onPointerDown={touched}
        tabIndex={0}
        role="log"
        aria-label="Messages"
      >
        {props.children}
        <ol class="messages">{rowsOf(props)}</ol>
        {isTyping && (
          <p class="typing" aria-hidden="true">
            <span class="dots">
              <i />
              <i />
              <i />
            </span>
            {typist} is typing
          </p>
        )}
      </div>
      {!isDown && (
        <button type="button" class="jump" onClick={jump}>
          Newest messages
        </button>
      )}
    </div>
  );
}

/** What is that near counts: nobody scrolls to the pixel. */
function isAtEnd(box: HTMLElement | null): boolean {
  return box === null || box.scrollHeight - box.scrollTop - box.clientHeight < 48;
}

function rowsOf(props: MessageListProps): JSX.Element[] {
  const { transcript, outgoing } = props;
  const rows: JSX.Element[] = [];
  const now = Date.now();
  const messages = transcript?.messages ?? [];
  const newestOwn = outgoing.length === 0 ? messages.findLast(({ own }) => own) : undefined;
  const between = betweenMessages(props, messages.at(-1)?.seq ?? 0);
  let day = "";
  const beginDay = (at: string): void => {
    const label = dayLabel(at, now);
    if (label === day) return;
    day = label;
    rows.push(
      <li class="day" key={`day ${at}`}>
        {label}
      </li>,
    );
  };
  const addBetween = (seq: number): void => {
    for (const { at, row } of between.filter(({ afterSeq }) => afterSeq === seq)) {
      beginDay(at);
      rows.push(row);
    }
  };
  /** Whether two messages stand together: of one person, soon after each other, with nothing between. */
  const isGroup = (one: TranscriptMessage | undefined, next: TranscriptMessage | undefined): boolean =>
    one?.userFrom === next?.userFrom &&
    one !== undefined &&
    next !== undefined &&
    Date.parse(next.sentAt) - Date.parse(one.sentAt) < GROUP_MS &&
    dayLabel(one.sentAt, now) === dayLabel(next.sentAt, now) &&
    !between.some(({ afterSeq }) => afterSeq === one.seq);
  if ((messages[0]?.seq ?? 1) === 1) addBetween(0);
  messages.forEach((message, index) => {
    beginDay(message.sentAt);
    rows.push(
      <Bubble
        key={message.id}
        message={message}
        isNext={isGroup(messages[index - 1], message)}
        isLast={!isGroup(message, messages[index + 1])}
        isNewestOwn={message === newestOwn}
        {...props}
      />,
    );
    addBetween(message.seq);
  });
  const { retry, discard, edit } = props;
  for (const message of outgoing) {
    rows.push(
      <Outgoing key={message.clientId} message={message} retry={retry} discard={discard} edit={edit} />,
    );
  }
  addBetween(Infinity);
  return rows;
}

/** Lines and the page's own rows, in the order of time. */
function betweenMessages({ transcript, textOf, inserts = [] }: MessageListProps, last: number): Insert[] {
  const lines = (transcript?.lines ?? []).flatMap((line) => {
    const { type, at, afterSeq } = line;
    const text = textOf(line);
    if (text === undefined) return [];
    const row = (
      <li class="line" key={`${type}${at}`}>
        {text} · <time dateTime={at}>{clockTime(at)}</time>
      </li>
    );
    return [{ afterSeq, at, row }];
  });
  // The message before it may still be on its way.
  const placed = inserts.map(({ afterSeq, at, row }) => ({
    afterSeq: afterSeq === Infinity ? afterSeq : Math.min(afterSeq, last),
    at,
    row,
  }));
  return [...lines, ...placed].sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
}

type BubbleProps = MessageListProps & {
  readonly message: TranscriptMessage;
  /** Not the first of its group. */
  readonly isNext: boolean;
  readonly isLast: boolean;
  readonly isNewestOwn: boolean;
};

function Bubble({
  message,
  isNext,
  isLast,
  isNewestOwn,
  nameOf,
  deliveredSeq,
  readSeq,
  sought,
}: BubbleProps): JSX.Element {
  const { own, seq, sentAt, erased = false } = message;
  const mark = readSeq >= seq ? "Read" : deliveredSeq >= seq ? "Delivered" : "Sent";
  return (
    <li
      class={`message ${own ? "own" : "other"} ${isNext ? "next" : ""} ${seq === sought ? "sought" : ""}`}
      data-seq={seq}
    >
      <span class={isNext || own ? "hidden" : "author"}>{own ? "You" : nameOf(message)}</span>
      <p class={`text ${erased ? "erased" : ""}`} dir="auto">
        {erased ? ERASED_TEXT : <Text text={message.message} />}
      </p>
      <span class={`meta ${isLast ? "" : "quiet"}`}>
        <time dateTime={sentAt}>{clockTime(sentAt)}</time>
        {isNewestOwn && <span class="mark"> · {mark}</span>}
      </span>
    </li>
  );
}
