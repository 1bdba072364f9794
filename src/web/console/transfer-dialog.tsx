/** Handing a chat over: to whom, and what the colleague should know. */
import { useState } from "preact/hooks";
import { MAX_MESSAGE_CODE_POINTS } from "../../chat/wire.ts";
import { Dialog } from "./dialog.tsx";
import { FormEnd } from "./form-end.tsx";
import { Lock } from "./icons.tsx";
import { nameOf } from "./names.ts";
import { transfer } from "./state.ts";
import { nameOfStatus, reachable } from "./status.ts";
import type { JSX } from "preact";

export function TransferDialog({
  conversation,
  closed,
}: {
  readonly conversation: string;
  readonly closed: () => void;
}): JSX.Element {
  const all = reachable.value;
  const [to, setTo] = useState(all.length === 1 ? all[0]?.user : undefined);
  // Whoever was chosen may leave before the note is written: the choice stays, and the answer says so.
  const hasLeft = to !== undefined && !all.some(({ user }) => user.id === to.id);
  const [note, setNote] = useState("");
  const [problem, setProblem] = useState("");
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (to === undefined || isBusy) return;
    setBusy(true);
    const failed = await transfer(conversation, to, note.trim());
    setBusy(false);
    if (failed === undefined) closed();
    else setProblem(failed);
  };
  return (
    <Dialog title="Hand over this chat" closed={closed}>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <label>
          <span>Hand over to</span>
          <select
            required
            autofocus
            value={to?.id ?? ""}
            onChange={(event) => {
              const id = event.currentTarget.value;
              setTo(all.find(({ user }) => user.id === id)?.user);
            }}
          >
            <option value="">Choose a colleague…</option>
            {all.map(({ user, status }) => (
              <option value={user.id}>
                {status === "online"
                  ? nameOf(user)
                  : `${nameOf(user)} (${nameOfStatus(status).toLowerCase()})`}
              </option>
            ))}
            {hasLeft && <option value={to.id}>{nameOf(to)} (not online)</option>}
          </select>
          {all.length === 0 && !hasLeft && <span class="hint">No colleague can take a chat right now.</span>}
        </label>
        <label>
          <span>
            <Lock /> Note for your colleague (the customer never sees it)
          </span>
          <textarea
            class="note-field"
            rows={3}
            dir="auto"
            value={note}
            maxLength={MAX_MESSAGE_CODE_POINTS}
            onInput={(event) => setNote(event.currentTarget.value)}
          />
        </label>
        <FormEnd
          problem={problem}
          action="Hand over"
          isDisabled={to === undefined || isBusy}
          cancel={closed}
        />
      </form>
    </Dialog>
  );
}
