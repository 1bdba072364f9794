/** The console: where agents work. */
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import "./console.css";
import { ConnectionStrip } from "../shared/connection-strip.tsx";
import { watchAbout } from "./about.ts";
import * as alerts from "./alerts.ts";
import { watchCannedResponses } from "./canned-state.ts";
import { ContextPane } from "./context-pane.tsx";
import { closeDialog, Dialogs } from "./dialogs.tsx";
import { watchDrafts } from "./drafts.ts";
import { Cross } from "./icons.tsx";
import { ListPane } from "./list-pane.tsx";
import { watchErased } from "./erased.ts";
import { outgoingNotes, watchNotes } from "./notes-state.ts";
import { leaveSearch } from "./search-state.ts";
import { session } from "./session.ts";
import { listenForShortcuts } from "./shortcuts.ts";
import { SignIn } from "./sign-in.tsx";
import * as state from "./state.ts";
import { closeStatusMenu } from "./status-menu.tsx";
import { watchInput } from "./status.ts";
import { ThreadPane } from "./thread-pane.tsx";
import { dismiss, toast } from "./toast.ts";
import { TopBar } from "./top-bar.tsx";
import type { SignedIn } from "./session.ts";
import type { JSX } from "preact";

function App(): JSX.Element {
  const signedIn = session.value;
  return signedIn === undefined ? <SignIn /> : <Console key={signedIn.token} signedIn={signedIn} />;
}

function Console({ signedIn }: { readonly signedIn: SignedIn }): JSX.Element {
  const [isContext, setContext] = useState(false);
  useEffect(() => {
    const ends = [
      state.connect(signedIn),
      watchNotes(),
      watchCannedResponses(),
      watchAbout(),
      watchErased(),
      watchInput(),
      alerts.watch(),
      listenForShortcuts(),
      watchDrafts(),
      leaveSearch,
      closeDialog,
      closeStatusMenu,
      dismiss,
    ];
    document.addEventListener("visibilitychange", state.markRead);
    return () => {
      document.removeEventListener("visibilitychange", state.markRead);
      for (const end of ends) end();
    };
  }, [signedIn]);
  const last = state.transcript.value?.messages.at(-1)?.seq;
  useEffect(state.markRead, [last, state.selected.value]);
  return (
    <div class={`console ${state.selected.value === undefined ? "at-list" : "at-thread"}`}>
      <a class="skip" href="#list">
        Skip to the list
      </a>
      <TopBar />
      <ConnectionStrip
        state={state.connection.value}
        retry={state.reconnectNow}
        waiting={state.outgoing.value.length + outgoingNotes.value.length}
      />
      <main class="panes">
        <ListPane />
        <ThreadPane showContext={() => setContext(true)} />
        <ContextPane key={state.selected.value} isOpen={isContext} close={() => setContext(false)} />
        <Toast />
      </main>
      <p class="hidden" role="status">
        {waitingText(state.desk.value?.counts.waiting ?? 0)}
      </p>
      <Dialogs />
    </div>
  );
}

/** It takes room of its own, so that it covers nothing. */
function Toast(): JSX.Element {
  const text = toast.value;
  return (
    <div class={`toast ${text === "" ? "none" : ""}`}>
      <p role="status">{text}</p>
      {text !== "" && (
        <button type="button" aria-label="Dismiss" onClick={dismiss}>
          <Cross />
        </button>
      )}
    </div>
  );
}

/** For those who do not see the list. */
function waitingText(count: number): string {
  if (count === 0) return "";
  return count === 1 ? "1 chat is waiting" : `${count} chats are waiting`;
}

const root = document.querySelector("#app");
if (root !== null) render(<App />, root);
