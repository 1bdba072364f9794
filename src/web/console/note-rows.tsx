/** Private notes as rows of a thread: what the console puts between the messages. */
import { ERASED_TEXT } from "../shared/erased.ts";
import { FailedChoices } from "../shared/outgoing.tsx";
import { Text } from "../shared/text.tsx";
import { clockTime } from "../shared/time.ts";
import { takeBack } from "./drafts.ts";
import { Lock } from "./icons.tsx";
import { nameOf } from "./names.ts";
import { notes, outgoingNotes, setMode } from "./notes-state.ts";
import { discard, me, retry, selected, transcript } from "./state.ts";
import type { ComponentChildren, JSX } from "preact";
import type { Note } from "../../chat/wire.ts";
import type { OutgoingNote } from "../client/index.ts";
import type { Insert } from "../shared/message-list.tsx";

/** Those of the selected chat, each at its place, and mine on their way at the end. */
export function noteRows(): readonly Insert[] {
  // Before the messages are there nothing has a place.
  if (transcript.value === undefined) return [];
  const written = notes.value.map((note) => ({
    afterSeq: note.afterSeq,
    at: note.writtenAt,
    row: <NoteRow key={`note ${note.number}`} note={note} />,
  }));
  const underWay = outgoingNotes.value
    .filter(({ conversation }) => conversation === selected.value)
    .map((note) => ({
      afterSeq: Infinity,
      at: new Date(note.writtenAt).toISOString(),
      row: <OutgoingRow key={note.clientId} note={note} />,
    }));
  return [...written, ...underWay];
}

function NoteRow({
  note: { author, writtenAt, note, erased = false },
}: {
  readonly note: Note;
}): JSX.Element {
  const isMine = author.id === me.value?.id;
  return (
    <li class="note">
      <Head author={isMine ? "You" : nameOf(author)}>
        <time dateTime={writtenAt}>{clockTime(writtenAt)}</time>
      </Head>
      {erased ? <p class="note-text erased">{ERASED_TEXT}</p> : <NoteText text={note} />}
    </li>
  );
}

function OutgoingRow({ note }: { readonly note: OutgoingNote }): JSX.Element {
  const { text, status, refusal } = note;
  const isFailed = status === "failed";
  return (
    <li class={`note ${isFailed ? "failed" : "sending"}`}>
      <Head author="You">{isFailed ? "not added" : "Adding…"}</Head>
      <NoteText text={text} />
      {isFailed && (
        <p class="meta" role="alert">
          Not added: {refusal?.message ?? "it was refused."}{" "}
          <FailedChoices line={note} retry={retry} discard={discard} edit={() => edit(note)} />
        </p>
      )}
    </li>
  );
}

/** A note that will never be accepted as it is goes back to where it was written. */
function edit({ clientId, conversation, text }: OutgoingNote): void {
  takeBack(conversation, text, "note");
  setMode("note");
  discard(clientId);
}

function Head({
  author,
  children,
}: {
  readonly author: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <p class="note-head">
      <Lock /> Private note · <b>{author}</b> · {children}
    </p>
  );
}

function NoteText({ text }: { readonly text: string }): JSX.Element {
  return (
    <p class="note-text" dir="auto">
      <Text text={text} />
    </p>
  );
}
