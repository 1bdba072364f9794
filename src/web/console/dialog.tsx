/** A dialog: modal, named by its title, closed with Escape; the focus goes back to where it was. */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { ComponentChildren, JSX } from "preact";

export type DialogProps = {
  readonly title: string;
  readonly closed: () => void;
  readonly isWide?: boolean;
  /** The words of the button that ends it; without them the content has buttons of its own. */
  readonly end?: string;
  /** Buttons before it. */
  readonly action?: JSX.Element;
  readonly children: ComponentChildren;
};

export function Dialog({ title, closed, isWide = false, end, action, children }: DialogProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  // At once, not after the next paint: who types on loses no character.
  useLayoutEffect(() => {
    const [before, own] = [document.activeElement, dialog.current];
    own?.showModal();
    own?.addEventListener("close", closed);
    return () => {
      own?.removeEventListener("close", closed);
      own?.close();
      const { activeElement: now, body } = document;
      // Who has gone on elsewhere by now is not fetched back.
      if (!(before instanceof HTMLElement) || (now !== before && now !== body)) return;
      // Chromium has given it the focus without the caret: there one would type into nothing.
      before.blur();
      before.focus();
    };
  }, []);
  // Closed by the browser itself, the field would have the focus without the caret until the event of it comes.
  const cancelled = (event: Event): void => {
    event.preventDefault();
    closed();
  };
  return (
    <dialog ref={dialog} class={isWide ? "wide" : ""} aria-labelledby="dialog-title" onCancel={cancelled}>
      <h2 id="dialog-title">{title}</h2>
      {children}
      {end !== undefined && (
        <div class="buttons">
          {action}
          <button type="button" onClick={closed}>
            {end}
          </button>
        </div>
      )}
    </dialog>
  );
}
