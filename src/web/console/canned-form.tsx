/** A canned response being written or changed. */
import { useEffect, useRef, useState } from "preact/hooks";
import { MAX_MESSAGE_CODE_POINTS, SHORTCUT } from "../../chat/wire.ts";
import { cannedResponses, save } from "./canned-state.ts";
import { FormEnd } from "./form-end.tsx";
import type { JSX } from "preact";
import type { CannedResponse } from "../../chat/wire.ts";

export type CannedFormProps = {
  /** As it was; undefined for a new one. */
  readonly before: CannedResponse | undefined;
  readonly done: () => void;
};

export function CannedForm({ before, done }: CannedFormProps): JSX.Element {
  const [shortcut, setShortcut] = useState(before?.shortcut ?? "");
  const [text, setText] = useState(before?.text ?? "");
  const [problem, setProblem] = useState("");
  const [isBusy, setBusy] = useState(false);
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (isBusy) return;
    const mistake = mistakeIn({ shortcut, text }, before);
    setProblem(mistake ?? "");
    if (mistake !== undefined) return;
    setBusy(true);
    const failed = await save({ shortcut, text: text.trim() }, before?.shortcut);
    setBusy(false);
    if (failed === undefined) done();
    else setProblem(failed);
  };
  return (
    <form class="form" noValidate onSubmit={(event) => void submit(event)}>
      <label>
        <span>Shortcut</span>
        <input
          ref={first}
          type="text"
          value={shortcut}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          maxLength={33}
          aria-describedby="canned-shortcut-hint"
          onInput={(event) => setShortcut(event.currentTarget.value.replace(/^\//, "").toLowerCase())}
        />
      </label>
      <p class="hint" id="canned-shortcut-hint">
        Letters a to z, digits, - and _, at most 32. You call it with a slash before it.
      </p>
      <label>
        <span>Text</span>
        <textarea
          rows={5}
          dir="auto"
          value={text}
          maxLength={MAX_MESSAGE_CODE_POINTS}
          aria-describedby="canned-text-hint"
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <p class="hint" id="canned-text-hint">
        <code>{"{{customer}}"}</code> and <code>{"{{agent}}"}</code> become names when the text is used.
      </p>
      <FormEnd problem={problem} action="Save" isDisabled={isBusy} cancel={done} />
    </form>
  );
}

/** What the server would refuse, or would take as a change of another one. */
function mistakeIn(
  { shortcut, text }: CannedResponse,
  before: CannedResponse | undefined,
): string | undefined {
  if (!SHORTCUT.test(shortcut)) return "The shortcut needs 1 to 32 of the letters a to z, digits, - and _.";
  if (text.trim() === "") return "The text is empty.";
  const isTaken =
    shortcut !== before?.shortcut && cannedResponses.value.some((other) => other.shortcut === shortcut);
  return isTaken
    ? `There is a /${shortcut} already. Change that one, or choose another shortcut.`
    : undefined;
}
