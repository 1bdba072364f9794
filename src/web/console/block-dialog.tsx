/** The question before somebody is blocked: why, and whether with the address. */
import { useState } from "preact/hooks";
import { MAX_MESSAGE_CODE_POINTS } from "../../chat/wire.ts";
import { block } from "./blocks.ts";
import { Dialog } from "./dialog.tsx";
import { FormEnd } from "./form-end.tsx";
import { Lock } from "./icons.tsx";
import { desk } from "./state.ts";
import type { JSX } from "preact";

export function BlockDialog({
  user,
  closed,
}: {
  readonly user: string;
  readonly closed: () => void;
}): JSX.Element {
  const [reason, setReason] = useState("");
  const [withAddress, setWithAddress] = useState(false);
  const [problem, setProblem] = useState("");
  const [isBusy, setBusy] = useState(false);
  // Who is not here has no address that is known.
  const isHere = desk.value?.online.has(user) === true;
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    const failed = await block(user, { reason: reason.trim(), address: withAddress && isHere });
    setBusy(false);
    if (failed === undefined) closed();
    else setProblem(failed);
  };
  return (
    <Dialog title="Block this visitor?" closed={closed}>
      <p>They are disconnected at once, and cannot write until somebody unblocks them.</p>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <label>
          <span>
            <Lock /> Why (a private note; they never see it)
          </span>
          <textarea
            class="note-field"
            rows={2}
            dir="auto"
            autofocus
            value={reason}
            maxLength={MAX_MESSAGE_CODE_POINTS}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </label>
        {isHere && (
          <label class="choice">
            <input
              type="checkbox"
              checked={withAddress}
              onChange={(event) => setWithAddress(event.currentTarget.checked)}
            />
            Also keep out visitors without sign-in from the same address
          </label>
        )}
        <FormEnd problem={problem} action="Block" isDangerous isDisabled={isBusy} cancel={closed} />
      </form>
    </Dialog>
  );
}
