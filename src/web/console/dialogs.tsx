/** The two dialogs: the list of shortcuts, and the question before a chat is closed. */
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { close } from "./state.ts";
import type { ComponentChildren, JSX } from "preact";

type Open = { readonly kind: "shortcuts" } | { readonly kind: "close"; readonly conversation: string };
const open = signal<Open | undefined>(undefined);

export function showShortcuts(): void {
  open.value = { kind: "shortcuts" };
}

export function confirmClose(conversation: string): void {
  open.value = { kind: "close", conversation };
}

const SHORTCUTS: readonly (readonly [keys: string, what: string])[] = [
  ["Alt J, Alt K", "next, previous chat"],
  ["Alt N", "next list"],
  ["Alt C", "claim the chat"],
  ["Alt E", "close the chat"],
  ["Alt L", "write"],
  ["Enter", "send"],
  ["Shift Enter", "new line"],
  ["Esc", "back to the list"],
  ["?", "this list"],
];

export function Dialogs(): JSX.Element | null {
  const dialog = open.value;
  if (dialog === undefined) return null;
  if (dialog.kind === "shortcuts") {
    return (
      <Dialog title="Shortcuts">
        <dl class="shortcuts">
          {SHORTCUTS.map(([keys, what]) => (
            <>
              <dt>
                {keys.split(", ").map((combination, index) => (
                  <>
                    {index > 0 && " "}
                    <kbd>{combination}</kbd>
                  </>
                ))}
              </dt>
              <dd>{what}</dd>
            </>
          ))}
        </dl>
      </Dialog>
    );
  }
  return (
    <Dialog
      title="Close this chat?"
      action={
        <button
          type="button"
          class="primary"
          autofocus
          onClick={() => {
            void close(dialog.conversation);
            open.value = undefined;
          }}
        >
          Close chat
        </button>
      }
    >
      <p>The customer sees that it ended. A message within a day opens it again.</p>
    </Dialog>
  );
}

function Dialog({
  title,
  action,
  children,
}: {
  readonly title: string;
  /** What the dialog asks for; without it there is nothing to cancel. */
  readonly action?: JSX.Element;
  readonly children: ComponentChildren;
}): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog ref={dialog} aria-labelledby="dialog-title" onClose={() => (open.value = undefined)}>
      <h2 id="dialog-title">{title}</h2>
      {children}
      <div class="buttons">
        {action}
        <button type="button" onClick={() => dialog.current?.close()}>
          {action === undefined ? "Done" : "Cancel"}
        </button>
      </div>
    </dialog>
  );
}
