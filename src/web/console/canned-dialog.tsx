/** The team's canned responses: looking through them, adding, changing, deleting, and taking a deletion back. */
import { useEffect, useRef, useState } from "preact/hooks";
import { CannedForm } from "./canned-form.tsx";
import { matching } from "./canned.ts";
import { cannedResponses, remove, save } from "./canned-state.ts";
import { Dialog } from "./dialog.tsx";
import type { JSX } from "preact";
import type { CannedResponse } from "../../chat/wire.ts";

/** From so many on one looks for them instead of looking at them. */
const MANY = 8;

export function CannedDialog({ closed }: { readonly closed: () => void }): JSX.Element {
  /** The one that is edited; "new" is none yet. */
  const [edited, setEdited] = useState<CannedResponse | "new">();
  if (edited === undefined) {
    return (
      <Dialog title="Canned responses" closed={closed} isWide end="Done">
        <List edit={setEdited} />
      </Dialog>
    );
  }
  const before = edited === "new" ? undefined : edited;
  return (
    <Dialog
      title={before === undefined ? "New canned response" : `Change /${before.shortcut}`}
      closed={closed}
      isWide
    >
      <CannedForm before={before} done={() => setEdited(undefined)} />
    </Dialog>
  );
}

function List({ edit }: { readonly edit: (response: CannedResponse | "new") => void }): JSX.Element {
  const [query, setQuery] = useState("");
  const [deleted, setDeleted] = useState<CannedResponse>();
  const [problem, setProblem] = useState("");
  const adder = useRef<HTMLButtonElement>(null);
  useEffect(() => adder.current?.focus(), []);
  const all = cannedResponses.value;
  const shown = matching(all, query);
  const attempt = async (
    work: Promise<string | undefined>,
    then: CannedResponse | undefined,
  ): Promise<void> => {
    const failed = await work;
    setProblem(failed ?? "");
    if (failed === undefined) setDeleted(then);
  };
  return (
    <>
      {all.length === 0 ? (
        <p>
          Texts that your team writes again and again. Give each a shortcut, such as <kbd>hello</kbd>; typing{" "}
          <kbd>/hello</kbd> at the beginning of a reply then brings the text.
        </p>
      ) : (
        <p class="hint">
          Type <kbd>/</kbd> at the beginning of a reply to use one.
        </p>
      )}
      <div class="canned-tools">
        <button ref={adder} type="button" class="primary" onClick={() => edit("new")}>
          {all.length === 0 ? "Add the first one" : "Add"}
        </button>
        {all.length >= MANY && (
          <input
            type="search"
            aria-label="Find a canned response"
            placeholder="Find…"
            value={query}
            onInput={(event) => setQuery(event.currentTarget.value)}
          />
        )}
      </div>
      <ul class="canned">
        {shown.map((response) => (
          <li key={response.shortcut}>
            <b>/{response.shortcut}</b>
            <p dir="auto">{response.text}</p>
            <button type="button" onClick={() => edit(response)} aria-label={`Change /${response.shortcut}`}>
              Change
            </button>
            <button
              type="button"
              onClick={() => void attempt(remove(response.shortcut), response)}
              aria-label={`Delete /${response.shortcut}`}
            >
              Delete
            </button>
          </li>
        ))}
      </ul>
      {all.length > 0 && shown.length === 0 && <p class="hint">Nothing has “{query}”.</p>}
      <p class="undo" role="status">
        {deleted !== undefined && (
          <>
            /{deleted.shortcut} is deleted.{" "}
            <button type="button" class="link" onClick={() => void attempt(save(deleted), undefined)}>
              Undo
            </button>
          </>
        )}
      </p>
      <p class="problem" role="alert">
        {problem}
      </p>
    </>
  );
}
