/** Where one writes: grows with the text, Enter sends, and a limit that is announced before it hurts. */
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { ComponentProps, JSX, RefObject } from "preact";

export type ComposerProps = {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly typed: (text: string) => void;
  readonly send: () => void;
  readonly field?: RefObject<HTMLTextAreaElement | null>;
  /** Attributes of the field beyond those of every composer. */
  readonly fieldProps?: ComponentProps<"textarea">;
  /** Takes a key first; true when nobody else shall have it. */
  readonly takesKey?: (event: KeyboardEvent) => boolean;
  /** The word on the button; without one it is an arrow, and is called Send. */
  readonly action?: string;
};

export const LIMIT = 4000;
const WARN_FROM = 3800;
const TALLEST = 140;

export function Composer(props: ComposerProps): JSX.Element {
  const { label, placeholder, value, typed, send, field, fieldProps, takesKey, action } = props;
  const own = useRef<HTMLTextAreaElement>(null);
  const box = field ?? own;
  const length = [...value].length;
  const grow = (): void => {
    const area = box.current;
    if (area === null) return;
    area.style.blockSize = "auto";
    area.style.blockSize = `${Math.min(TALLEST, area.scrollHeight + 2)}px`;
  };
  useLayoutEffect(grow, [value]);
  // A phone that is turned breaks the lines anew.
  useEffect(() => {
    addEventListener("resize", grow);
    return () => removeEventListener("resize", grow);
  }, []);
  const key = (event: KeyboardEvent): void => {
    // Enter that ends a word of an input method is none of ours.
    if (event.isComposing || takesKey?.(event) === true) return;
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    send();
  };
  const isOver = length > LIMIT;
  const isRefused = value.trim() === "" || isOver;
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div class="field">
        <textarea
          ref={box}
          rows={1}
          aria-label={label}
          aria-invalid={isOver}
          aria-describedby="composer-count"
          placeholder={placeholder}
          value={value}
          dir="auto"
          {...fieldProps}
          onInput={(event) => {
            typed(event.currentTarget.value);
          }}
          onKeyDown={key}
        />
        {action === undefined ? (
          <button type="submit" class="send" aria-label="Send" disabled={isRefused}>
            <svg viewBox="0 0 24 24" aria-hidden="true">
              <path d="M3.4 20.4 21.5 12 3.4 3.6 3.4 10.1 15 12 3.4 13.9z" fill="currentColor" />
            </svg>
          </button>
        ) : (
          <button type="submit" class="primary" disabled={isRefused}>
            {action}
          </button>
        )}
      </div>
      <p id="composer-count" class={`count ${isOver ? "over" : ""}`} role="status">
        {length >= WARN_FROM &&
          (isOver ? `${length - LIMIT} characters too many` : `${LIMIT - length} characters left`)}
      </p>
    </form>
  );
}
