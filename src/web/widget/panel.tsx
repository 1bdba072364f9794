/** The panel: a chat of its own size, for a visitor. */
import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import "./panel.css";
import { Composer } from "../shared/composer.tsx";
import { ConnectionStrip } from "../shared/connection-strip.tsx";
import { useIsLate } from "../shared/late.ts";
import { MessageList } from "../shared/message-list.tsx";
import { keepTabIn } from "./focus-trap.ts";
import { SPEECH } from "./shapes.ts";
import * as state from "./state.ts";
import { AWAY_TEXT, lineText, statusText, welcomeText } from "./words.ts";
import type { JSX } from "preact";

function Panel(): JSX.Element {
  const place = useRef<HTMLElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const { conversation, transcript, outgoing, agentName, available } = state;
  const standing = conversation.value;
  const name = agentName.value ?? "Support";
  const isRefused = state.connection.value.status === "refused";
  const isEmpty = transcript.value === undefined && outgoing.value.length === 0;
  const isOpen = state.isOpen.value;
  useEffect(() => {
    if (isOpen) field.current?.focus();
  }, [isOpen]);
  useEffect(() => {
    const key = (event: KeyboardEvent): void => {
      if (event.key === "Escape") state.closePanel();
      if (state.isModal.value && place.current !== null) keepTabIn(place.current, event);
    };
    addEventListener("keydown", key);
    return () => {
      removeEventListener("keydown", key);
    };
  }, []);
  if (state.isStranded.value) return <Stranded />;
  return (
    <main class="panel" aria-label="Chat" ref={place}>
      <Header name={agentName.value} />
      <ConnectionStrip
        state={state.connection.value}
        retry={state.reconnectNow}
        waiting={outgoing.value.length}
      />
      <MessageList
        transcript={transcript.value}
        outgoing={outgoing.value}
        deliveredSeq={standing?.deliveredSeq ?? 0}
        readSeq={standing?.readSeq ?? 0}
        nameOf={({ userFrom }) => state.agentNames.value.get(userFrom) ?? "Support"}
        textOf={(line) => lineText(line)}
        isTyping={state.isTyping.value}
        typist={name}
        loadOlder={state.loadOlder}
        retry={state.retry}
        discard={state.discard}
        edit={(message) => {
          state.edit(message);
          field.current?.focus();
        }}
        atBottom={(down) => (state.isAtBottom.value = down)}
      >
        {isEmpty && !state.isLoading.value && (
          <div class="greeting">
            <svg viewBox="0 0 24 24" aria-hidden="true">
              <path d={SPEECH} fill="currentColor" />
            </svg>
            <h2>{isRefused ? "Hello!" : "Hello! How can we help?"}</h2>
            {!isRefused && <p>{welcomeText(available.value)}</p>}
          </div>
        )}
        {isEmpty && state.isLoading.value && (
          <div class="greeting">
            <p>Loading your chat…</p>
          </div>
        )}
      </MessageList>
      {standing?.state === "waiting" && available.value === false && (
        <p class="notice" role="status">
          {AWAY_TEXT}
        </p>
      )}
      {standing?.state === "closed" && (
        <p class="notice" role="status">
          This chat has ended. Write to start again.
        </p>
      )}
      {!isRefused && (
        <Composer
          label="Your message"
          placeholder="Write a message…"
          value={state.draft.value}
          typed={state.typed}
          send={state.send}
          field={field}
        />
      )}
    </main>
  );
}

function Stranded(): JSX.Element {
  return (
    <main class="panel" aria-label="Chat">
      <div class="greeting">
        <h1>The chat cannot start here</h1>
        <p>The page around it did not introduce itself. Please tell the people who run that page.</p>
      </div>
    </main>
  );
}

function Header({ name }: { readonly name: string | undefined }): JSX.Element {
  const [isMenu, setMenu] = useState(false);
  const menu = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const standing = state.conversation.value;
  const isThere = state.available.value;
  const { status } = state.connection.value;
  // Who is there is not known while nobody can be reached; the strip says what is.
  const isLost = useIsLate(status === "online") && status === "reconnecting";
  const isStatusTold = status !== "refused" && !isLost;
  const canEnd = standing !== undefined && standing.state !== "closed";
  useEffect(() => {
    if (!isMenu) return undefined;
    const away = (event: Event): void => {
      if (!(event.target instanceof Node) || menu.current?.contains(event.target) !== true) setMenu(false);
    };
    addEventListener("pointerdown", away);
    return () => {
      removeEventListener("pointerdown", away);
    };
  }, [isMenu]);
  const leaveMenu = (): void => {
    setMenu(false);
    opener.current?.focus();
  };
  const escape = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || !isMenu) return;
    // One key closes one thing: the panel stays.
    event.stopPropagation();
    leaveMenu();
  };
  return (
    <header>
      <span class="avatar" aria-hidden="true">
        {(name ?? "S").slice(0, 1).toUpperCase()}
      </span>
      <div class="title">
        <h1>{name ?? "Support"}</h1>
        {isStatusTold && (
          <p class={`status ${isThere === true ? "here" : ""}`}>{statusText(standing?.state, isThere)}</p>
        )}
      </div>
      <div class="menu" ref={menu} onKeyDown={escape}>
        <button
          ref={opener}
          type="button"
          class="icon"
          aria-label="Options"
          aria-expanded={isMenu}
          onClick={() => {
            setMenu(!isMenu);
          }}
        >
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <circle cx="5" cy="12" r="2" />
            <circle cx="12" cy="12" r="2" />
            <circle cx="19" cy="12" r="2" />
          </svg>
        </button>
        {isMenu && (
          <ul class="options">
            <li>
              <button type="button" onClick={state.toggleSound}>
                {state.hasSound.value ? "Turn sound off" : "Turn sound on"}
              </button>
            </li>
            <li>
              <button
                type="button"
                disabled={!canEnd}
                onClick={() => {
                  leaveMenu();
                  void state.endChat();
                }}
              >
                End chat
              </button>
            </li>
          </ul>
        )}
      </div>
      {parent !== window && (
        <button type="button" class="icon" aria-label="Close chat" onClick={state.closePanel}>
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <path d="M6 6l12 12M18 6L6 18" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" />
          </svg>
        </button>
      )}
    </header>
  );
}

/** Phones: the keyboard takes its part of the frame. */
function fitKeyboard(): void {
  const { visualViewport } = window;
  visualViewport?.addEventListener("resize", () => {
    document.documentElement.style.setProperty("--height", `${visualViewport.height}px`);
  });
}

const root = document.querySelector("#panel");
if (root !== null) {
  fitKeyboard();
  state.start();
  render(<Panel />, root);
}
