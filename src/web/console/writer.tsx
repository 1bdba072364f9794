/** Where an agent writes: an answer to the customer or a note for colleagues, never to be mistaken. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { Composer, LIMIT } from "../shared/composer.tsx";
import { writing } from "./closed-chat.tsx";
import { useCannedPicker } from "./canned-picker.tsx";
import { draftOf, setDraft, takeBack } from "./drafts.ts";
import { Lock } from "./icons.tsx";
import { nameOf } from "./names.ts";
import { mode, setMode, writeNote } from "./notes-state.ts";
import { invite, isMine, me, send, setTyping } from "./state.ts";
import type { ComponentChildren, JSX, RefObject } from "preact";
import type { ConversationState, ConversationSummary } from "../../chat/wire.ts";
import type { Mode } from "./drafts.ts";

const PLACEHOLDER: Readonly<Record<ConversationState, string>> = {
  active: "Write a message…",
  waiting: "Write to take this chat…",
  closed: "Write to open this chat again…",
};

export type WriterProps = {
  readonly conversation: ConversationSummary;
  /** Why I cannot write to the customer; undefined when I can. */
  readonly blocked: ComponentChildren | undefined;
};

export function Writer({ conversation, blocked }: WriterProps): JSX.Element {
  const { id } = conversation;
  const field = useRef<HTMLTextAreaElement>(null);
  const isNote = mode.value === "note";
  const canWrite = isNote || blocked === undefined;
  // The button that claimed is gone: the next thing is to write.
  useLayoutEffect(() => {
    field.current?.focus({ preventScroll: true });
  }, [id, blocked === undefined, isMine.value]);
  return (
    <div class={`writer ${isNote ? "writes-note" : ""}`}>
      <div class="modes">
        <fieldset>
          <legend class="hidden">What you write</legend>
          <ModeChoice of="reply" field={field}>
            Reply
          </ModeChoice>
          <ModeChoice of="note" field={field}>
            <Lock /> Note
          </ModeChoice>
        </fieldset>
        {isNote && (
          <p class="only-team" id="only-team">
            Only your team sees this
          </p>
        )}
      </div>
      {canWrite ? (
        <Field key={`${id} ${mode.value}`} conversation={conversation} field={field} />
      ) : (
        <p class="blocked">{blocked}</p>
      )}
    </div>
  );
}

type ModeChoiceProps = {
  readonly of: Mode;
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly children: ComponentChildren;
};

function ModeChoice({ of, field, children }: ModeChoiceProps): JSX.Element {
  return (
    <label>
      <input
        type="radio"
        name="mode"
        checked={mode.value === of}
        onChange={() => setMode(of)}
        onClick={(event) => {
          // Arrows click too, and stay on the switch.
          if (event.detail > 0) setTimeout(() => field.current?.focus());
        }}
      />
      <span>{children}</span>
    </label>
  );
}

function Field({
  conversation,
  field,
}: {
  readonly conversation: ConversationSummary;
  readonly field: RefObject<HTMLTextAreaElement | null>;
}): JSX.Element {
  const { id, customer, state } = conversation;
  const isNote = mode.value === "note";
  const text = draftOf(id, mode.value);
  const placeholder = writing.value === "anew" ? "Write to start a new chat…" : PLACEHOLDER[state];
  const typed = (value: string): void => {
    setDraft(id, value, mode.value);
    // What one writes to colleagues is nobody else's business, not even that one does.
    if (!isNote) setTyping(value.trim() !== "");
  };
  const picker = useCannedPicker({
    isOn: !isNote,
    text,
    typed,
    names: { customer: customer.name, agent: me.value?.name },
    field,
  });
  const submit = (): void => {
    if (text.trim() === "" || [...text].length > LIMIT) return;
    if (isNote) writeNote(text.trim());
    else if (writing.value === "anew") {
      void invite(customer.id, text.trim()).then((worked) => {
        if (!worked) takeBack(id, text);
      });
    } else send(text.trim());
    setDraft(id, "", mode.value);
    // A button that was pressed has nothing more to do, and would take the focus along.
    field.current?.focus();
  };
  return (
    <>
      {picker.list}
      {!isNote && (
        <button type="button" class="link ask-canned" onClick={picker.ask}>
          Canned responses
        </button>
      )}
      <Composer
        label={isNote ? `Private note about ${nameOf(customer)}` : `Message to ${nameOf(customer)}`}
        placeholder={isNote ? "Write a note for your team…" : placeholder}
        value={text}
        typed={(value) => {
          typed(value);
          picker.lookAtCaret();
        }}
        send={submit}
        field={field}
        takesKey={picker.takesKey}
        fieldProps={isNote ? { "aria-describedby": "only-team composer-count" } : picker.fieldProps}
        {...(isNote ? { action: "Add note" } : {})}
      />
    </>
  );
}
