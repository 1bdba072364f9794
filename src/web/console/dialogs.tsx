/** Which dialog is open: shortcuts, alerts, canned responses, handing a chat over, and the question before one is closed. */
import { signal } from "@preact/signals";
import { AlertSettings } from "./alert-settings.tsx";
import { BlockDialog } from "./block-dialog.tsx";
import { CannedDialog } from "./canned-dialog.tsx";
import { Dialog } from "./dialog.tsx";
import { close } from "./state.ts";
import { TransferDialog } from "./transfer-dialog.tsx";
import type { JSX } from "preact";

type Open =
  | { readonly kind: "shortcuts" | "alerts" | "canned" }
  | { readonly kind: "close" | "transfer"; readonly conversation: string }
  | { readonly kind: "block"; readonly user: string };
const open = signal<Open | undefined>(undefined);

export function showShortcuts(): void {
  open.value = { kind: "shortcuts" };
}

export function showAlerts(): void {
  open.value = { kind: "alerts" };
}

export function showCannedResponses(): void {
  open.value = { kind: "canned" };
}

export function askTransfer(conversation: string): void {
  open.value = { kind: "transfer", conversation };
}

export function confirmClose(conversation: string): void {
  open.value = { kind: "close", conversation };
}

export function askBlock(user: string): void {
  open.value = { kind: "block", user };
}

const SHORTCUTS: readonly (readonly [keys: string, what: string])[] = [
  ["Alt J, Alt K", "next, previous chat"],
  ["Alt N", "next list"],
  ["Alt C", "claim the chat"],
  ["Alt E", "close the chat"],
  ["/, Ctrl K", "search"],
  ["Alt S", "your status"],
  ["Alt L", "write a reply"],
  ["Alt P", "write a private note"],
  ["/", "in a reply: canned responses"],
  ["Alt R", "edit canned responses"],
  ["Enter", "send"],
  ["Shift Enter", "new line"],
  ["Esc", "back to the list"],
  ["?", "this list"],
];

export function Dialogs(): JSX.Element | null {
  const dialog = open.value;
  switch (dialog?.kind) {
    case undefined:
      return null;
    case "shortcuts":
      return <Shortcuts />;
    case "alerts":
      return (
        <Dialog title="Alerts" closed={closeDialog} end="Done">
          <AlertSettings />
        </Dialog>
      );
    case "canned":
      return <CannedDialog closed={closeDialog} />;
    case "transfer":
      return <TransferDialog conversation={dialog.conversation} closed={closeDialog} />;
    case "block":
      return <BlockDialog user={dialog.user} closed={closeDialog} />;
    case "close":
      return <CloseQuestion conversation={dialog.conversation} />;
  }
}

export function closeDialog(): void {
  open.value = undefined;
}

function Shortcuts(): JSX.Element {
  return (
    <Dialog title="Shortcuts" closed={closeDialog} end="Done">
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

function CloseQuestion({ conversation }: { readonly conversation: string }): JSX.Element {
  const yes = (
    <button
      type="button"
      class="primary"
      autofocus
      onClick={() => {
        void close(conversation);
        closeDialog();
      }}
    >
      Close chat
    </button>
  );
  return (
    <Dialog title="Close this chat?" closed={closeDialog} end="Cancel" action={yes}>
      <p>The customer sees that it ended. A message within a day opens it again.</p>
    </Dialog>
  );
}
