/** Handing a chat over: to whom, and what the colleague should know. */
import { useState } from "preact/hooks";
import { MAX_MESSAGE_CODE_POINTS } from "../../chat/wire.ts";
import { Dialog } from "./dialog.tsx";
import { Lock } from "./icons.tsx";
import { nameOf } from "./names.ts";
import { colleagues, transfer } from "./state.ts";
import type { JSX } from "preact";

export function TransferDialog({
  conversation,
  closed,
}: {
  readonly conversation: string;
  readonly closed: () => void;
}): JSX.Element {
  const all = [...colleagues.value.values()];
  const [to, setTo] = useState(all.length === 1 ? (all[0]?.id ?? "") : "");
  const [note, setNote] = useState("");
  const [problem, setProblem] = useState("");
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const colleague = colleagues.value.get(to);
    if (colleague === undefined || isBusy) return;
    setBusy(true);
    const failed = await transfer(conversation, colleague, note.trim());
    setBusy(false);
    if (failed === undefined) closed();
    else setProblem(failed);
  };
  return (
    <Dialog title="Hand over this chat" closed={closed}>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <label>
          <span>Hand over to</span>
          <select required autofocus value={to} onChange={(event) => setTo(event.currentTarget.value)}>
            <option value="">Choose a colleague…</option>
            {all.map((user) => (
              <option value={user.id}>{nameOf(user)}</option>
            ))}
          </select>
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
        <p class="problem" role="alert">
          {problem}
        </p>
        <div class="buttons">
          <button type="submit" class="primary" disabled={to === "" || isBusy}>
            Hand over
          </button>
          <button type="button" onClick={closed}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}
