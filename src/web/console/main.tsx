/** The console: where agents work. */
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import "./console.css";
import { ConnectionStrip } from "../shared/connection-strip.tsx";
import * as alerts from "./alerts.ts";
import { watchCannedResponses } from "./canned-state.ts";
import { ContextPane } from "./context-pane.tsx";
import { Dialogs, showCannedResponses, showShortcuts } from "./dialogs.tsx";
import { ListPane } from "./list-pane.tsx";
import { nameOf } from "./names.ts";
import { outgoingNotes, watchNotes } from "./notes-state.ts";
import { session, signOut } from "./session.ts";
import { listenForShortcuts } from "./shortcuts.ts";
import { SignIn } from "./sign-in.tsx";
import * as state from "./state.ts";
import { ThreadPane } from "./thread-pane.tsx";
import { toast } from "./toast.ts";
import type { JSX } from "preact";

function App(): JSX.Element {
  const signedIn = session.value;
  return signedIn === undefined ? <SignIn /> : <Console key={signedIn.token} token={signedIn.token} />;
}

function Console({ token }: { readonly token: string }): JSX.Element {
  const [isContext, setContext] = useState(false);
  useEffect(() => {
    const ends = [
      state.connect(token),
      watchNotes(),
      watchCannedResponses(),
      alerts.watch(),
      listenForShortcuts(),
    ];
    document.addEventListener("visibilitychange", state.markRead);
    return () => {
      document.removeEventListener("visibilitychange", state.markRead);
      for (const end of ends) end();
    };
  }, [token]);
  const last = state.transcript.value?.messages.at(-1)?.seq;
  useEffect(state.markRead, [last, state.selected.value]);
  const me = state.me.value;
  return (
    <div class={`console ${state.selected.value === undefined ? "at-list" : "at-thread"}`}>
      <a class="skip" href="#list">
        Skip to the list
      </a>
      <header class="top">
        <h1>Console</h1>
        <button
          type="button"
          aria-pressed={alerts.areOn.value}
          onClick={() => {
            if (alerts.areOn.value) alerts.disable();
            else alerts.enable();
          }}
        >
          {alerts.areOn.value ? "Alerts on" : "Enable alerts"}
        </button>
        <button type="button" class="keys" onClick={showCannedResponses}>
          Canned responses
        </button>
        <button type="button" class="keys" onClick={showShortcuts}>
          Shortcuts
        </button>
        <span class="me">{me === undefined ? "" : nameOf(me)}</span>
        <button type="button" onClick={() => void signOut()}>
          Sign out
        </button>
      </header>
      <ConnectionStrip
        state={state.connection.value}
        retry={state.reconnectNow}
        waiting={state.outgoing.value.length + outgoingNotes.value.length}
      />
      <main class="panes">
        <ListPane />
        <ThreadPane showContext={() => setContext(true)} />
        <ContextPane key={state.selected.value} isOpen={isContext} close={() => setContext(false)} />
      </main>
      <p class="hidden" role="status">
        {waitingText(state.lists.value.waiting.length)}
      </p>
      <p class={`toast ${toast.value === "" ? "none" : ""}`} role="status">
        {toast.value}
      </p>
      <Dialogs />
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
