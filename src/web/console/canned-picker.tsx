/** The list of canned responses over the field, while a slash begins the answer. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { filled, inserted, matching, slashQuery } from "./canned.ts";
import { cannedResponses } from "./canned-state.ts";
import { showCannedResponses } from "./dialogs.tsx";
import type { ComponentProps, JSX, RefObject } from "preact";
import type { CannedResponse } from "../../chat/wire.ts";
import type { Names } from "./canned.ts";

const LIST = "canned-list";
const optionId = (index: number): string => `canned-option-${index}`;

export type CannedPicker = {
  /** The list; null while none is asked for. */
  readonly list: JSX.Element | null;
  /** What the field says of it: textarea has no role combobox, but everything else of the pattern. */
  readonly fieldProps: ComponentProps<"textarea">;
  readonly takesKey: (event: KeyboardEvent) => boolean;
  /** Asks for the list without a keyboard. */
  readonly ask: () => void;
  /** The text changed, and with it the place of the caret. */
  readonly lookAtCaret: () => void;
};

export type CannedPickerProps = {
  readonly isOn: boolean;
  readonly text: string;
  readonly typed: (text: string) => void;
  readonly names: Names;
  readonly field: RefObject<HTMLTextAreaElement | null>;
};

export function useCannedPicker({ isOn, text, typed, names, field }: CannedPickerProps): CannedPicker {
  const [caret, setCaret] = useState(text.length);
  const [active, setActive] = useState(0);
  const [isDismissed, setDismissed] = useState(false);
  const nextCaret = useRef<number | undefined>(undefined);
  const query = isOn ? slashQuery(text, caret) : undefined;
  const options = query === undefined ? [] : matching(cannedResponses.value, query);
  // Several words that fit nothing are an answer which begins with a slash.
  const isOpen = query !== undefined && !isDismissed && (options.length > 0 || !/\s/.test(query));
  useEffect(() => setActive(0), [query]);
  useEffect(() => {
    if (query === undefined) setDismissed(false);
  }, [query === undefined]);
  const moveCaret = (to: number): void => {
    field.current?.setSelectionRange(to, to);
    setCaret(to);
  };
  useLayoutEffect(() => {
    if (nextCaret.current !== undefined) moveCaret(nextCaret.current);
    nextCaret.current = undefined;
  }, [text]);
  useLayoutEffect(() => {
    document.getElementById(optionId(active))?.scrollIntoView({ block: "nearest" });
  }, [active, isOpen]);

  const insert = (response: CannedResponse | undefined): void => {
    if (response === undefined) return;
    const next = inserted(text, caret, filled(response.text, names));
    nextCaret.current = next.caret;
    typed(next.text);
    field.current?.focus();
  };
  const ask = (): void => {
    setDismissed(false);
    field.current?.focus();
    if (text.startsWith("/")) moveCaret(1);
    else {
      nextCaret.current = 1;
      typed(`/${text}`);
    }
  };
  const step = (by: number): void => setActive((active + by + options.length) % options.length);
  const keys: Readonly<Record<string, () => void>> = {
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    Enter: () => insert(options[active]),
    Tab: () => insert(options[active]),
    Escape: () => setDismissed(true),
  };
  const takesKey = (event: KeyboardEvent): boolean => {
    const run = event.shiftKey ? undefined : keys[event.key];
    const isTaken = isOpen && run !== undefined && (options.length > 0 || event.key === "Escape");
    if (!isTaken) return false;
    event.preventDefault();
    event.stopPropagation();
    run();
    return true;
  };
  const lookAtCaret = (): void => setCaret(field.current?.selectionStart ?? 0);
  return {
    ask,
    lookAtCaret,
    takesKey,
    fieldProps: {
      onKeyUp: lookAtCaret,
      onClick: lookAtCaret,
      ...(isOn ? { "aria-autocomplete": "list", "aria-haspopup": "listbox" } : {}),
      ...(isOpen && options.length > 0
        ? { "aria-controls": LIST, "aria-activedescendant": optionId(active) }
        : {}),
    },
    list: isOpen ? (
      <PickerList query={query} options={options} active={active} names={names} insert={insert} />
    ) : null,
  };
}

type PickerListProps = {
  readonly query: string;
  readonly options: readonly CannedResponse[];
  readonly active: number;
  readonly names: Names;
  readonly insert: (response: CannedResponse) => void;
};

function PickerList({ query, options, active, names, insert }: PickerListProps): JSX.Element {
  const count = options.length;
  return (
    <div class="picker" onMouseDown={(event) => event.preventDefault()}>
      {count > 0 && (
        <ul id={LIST} role="listbox" aria-label="Canned responses">
          {options.map((response, index) => (
            <li
              key={response.shortcut}
              id={optionId(index)}
              role="option"
              aria-selected={index === active}
              onClick={() => insert(response)}
            >
              <b>/{response.shortcut}</b>
              <span dir="auto">{filled(response.text, names)}</span>
            </li>
          ))}
        </ul>
      )}
      <div class="picker-foot">
        <p role="status">{statusText(count, query)}</p>
        <button type="button" class="link" onClick={() => showCannedResponses()}>
          {cannedResponses.value.length === 0 ? "Add the first one" : "Edit canned responses"}
        </button>
      </div>
    </div>
  );
}

function statusText(count: number, query: string): string {
  if (cannedResponses.value.length === 0)
    return "There are no canned responses yet. They are texts your team keeps ready.";
  if (count === 0) return `No canned response has “${query}”.`;
  return count === 1 ? "1 canned response" : `${count} canned responses`;
}
