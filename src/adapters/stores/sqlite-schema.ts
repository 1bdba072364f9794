/** The schema as numbered migrations; each runs in a transaction of its own and is never changed once released. */
import type { DatabaseSync } from "node:sqlite";

/**
 * What a message costs is the leaf pages it touches, so a customer's mailbox is the customer's log, a conversation an
 * interval of it, and only agents and services have mailbox rows. Counters are the writer's memory: none is a row. A
 * conversation that moves to another log is one row of `moves`, whatever it holds: its messages stay where they are.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE users (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('guest', 'customer', 'agent', 'service')),
    role TEXT CHECK (role IN ('agent', 'supervisor', 'admin')),
    login TEXT,
    name TEXT,
    verified INTEGER,
    scopes TEXT,
    passcode_hash TEXT,
    token_hash TEXT,
    subject TEXT,
    alias_of INTEGER REFERENCES users (key),
    generation INTEGER,
    previous_until INTEGER,
    disabled INTEGER,
    created_at INTEGER NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX users_login ON users (login) WHERE login IS NOT NULL;
  CREATE UNIQUE INDEX users_token_hash ON users (token_hash) WHERE token_hash IS NOT NULL;
  CREATE UNIQUE INDEX users_subject ON users (subject) WHERE subject IS NOT NULL;
  CREATE INDEX users_alias_of ON users (alias_of) WHERE alias_of IS NOT NULL;
  CREATE INDEX users_accounts ON users (key) WHERE kind IN ('agent', 'service');

  CREATE TABLE conversations (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    customer INTEGER NOT NULL REFERENCES users (key),
    first INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'active', 'closed')),
    assignee INTEGER REFERENCES users (key),
    version INTEGER NOT NULL,
    opened_at INTEGER NOT NULL,
    waiting_since INTEGER,
    closed_at INTEGER,
    close_reason TEXT
  ) STRICT;
  CREATE INDEX conversations_customer ON conversations (customer, first);
  CREATE UNIQUE INDEX conversations_open ON conversations (customer) WHERE state <> 'closed';
  CREATE INDEX conversations_assignee ON conversations (assignee) WHERE state = 'active';
  CREATE INDEX conversations_waiting ON conversations (waiting_since) WHERE state = 'waiting';

  CREATE TABLE messages (
    key INTEGER PRIMARY KEY,
    customer INTEGER NOT NULL,
    "offset" INTEGER NOT NULL,
    conversation INTEGER NOT NULL,
    id TEXT NOT NULL,
    sender INTEGER NOT NULL,
    receiver TEXT NOT NULL,
    text TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    client_id TEXT,
    client_key BLOB
  ) STRICT;
  CREATE UNIQUE INDEX messages_log ON messages (customer, "offset");
  CREATE UNIQUE INDEX messages_client ON messages (client_key, sender) WHERE client_key IS NOT NULL;

  CREATE TABLE mailbox (
    user INTEGER NOT NULL,
    "offset" INTEGER NOT NULL,
    message INTEGER NOT NULL,
    PRIMARY KEY (user, "offset")
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE mailbox_marks (
    user INTEGER PRIMARY KEY,
    delivered INTEGER NOT NULL DEFAULT 0,
    floor INTEGER NOT NULL DEFAULT 0
  ) STRICT;

  CREATE TABLE participants (
    conversation INTEGER NOT NULL,
    user INTEGER NOT NULL,
    joined INTEGER NOT NULL,
    copied_seq INTEGER NOT NULL,
    read_seq INTEGER NOT NULL,
    delivered_seq INTEGER NOT NULL,
    PRIMARY KEY (conversation, user)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX participants_joined ON participants (user) WHERE joined = 1;

  CREATE TABLE lines (
    key INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL,
    type TEXT NOT NULL,
    at INTEGER NOT NULL,
    after_seq INTEGER NOT NULL,
    by INTEGER,
    reason TEXT
  ) STRICT;
  CREATE INDEX lines_conversation ON lines (conversation, after_seq);

  CREATE TABLE login_sessions (
    hash TEXT PRIMARY KEY,
    user INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    used_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX login_sessions_user ON login_sessions (user);
  `,
  `
  ALTER TABLE users ADD COLUMN status TEXT CHECK (status IN ('away', 'invisible'));
  ALTER TABLE conversations ADD COLUMN context TEXT;

  CREATE TABLE notes (
    key INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL,
    number INTEGER NOT NULL,
    id TEXT NOT NULL,
    author INTEGER NOT NULL,
    text TEXT NOT NULL,
    written_at INTEGER NOT NULL,
    after_seq INTEGER NOT NULL,
    client_id TEXT
  ) STRICT;
  CREATE UNIQUE INDEX notes_number ON notes (conversation, number);
  CREATE UNIQUE INDEX notes_client ON notes (author, client_id) WHERE client_id IS NOT NULL;

  CREATE TABLE canned_responses (shortcut TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE VIRTUAL TABLE message_words USING fts5 (
    text, content='', contentless_delete=1, tokenize="unicode61 remove_diacritics 2", prefix="2 3"
  );
  CREATE VIRTUAL TABLE customer_words USING fts5 (
    name, content='', contentless_delete=1, tokenize="unicode61 remove_diacritics 2"
  );
  `,
  `
  CREATE TABLE queued (
    place INTEGER PRIMARY KEY,
    destination TEXT NOT NULL,
    id TEXT NOT NULL,
    headers TEXT NOT NULL,
    body BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL
  ) STRICT;
  `,
  `
  ALTER TABLE users ADD COLUMN erased_at INTEGER;
  ALTER TABLE users ADD COLUMN erasing INTEGER;
  CREATE INDEX users_erasing ON users (key) WHERE erasing = 1;
  `,
  `
  CREATE TABLE audit (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    user TEXT,
    object TEXT,
    detail TEXT,
    address TEXT,
    outcome TEXT NOT NULL,
    times INTEGER
  ) STRICT;
  CREATE INDEX audit_at ON audit (at);
  CREATE TABLE audit_retention (one INTEGER PRIMARY KEY CHECK (one = 1), kept_since INTEGER NOT NULL) STRICT;
  INSERT INTO audit_retention VALUES (1, 0);
  CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit
  BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
  CREATE TRIGGER audit_unreplaced BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE key = NEW.key)
  BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
  CREATE TRIGGER audit_kept BEFORE DELETE ON audit WHEN OLD.at >= (SELECT kept_since FROM audit_retention)
  BEGIN SELECT RAISE(ABORT, 'a line of the audit log goes by its age alone'); END;
  `,
  `
  ALTER TABLE users ADD COLUMN blocked_at INTEGER;
  CREATE TABLE blocked_networks (
    network TEXT NOT NULL,
    user INTEGER NOT NULL REFERENCES users (key),
    PRIMARY KEY (network, user)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX blocked_networks_user ON blocked_networks (user);
  `,
  `
  CREATE TABLE moves (
    source INTEGER PRIMARY KEY REFERENCES users (key),
    first INTEGER NOT NULL,
    conversation INTEGER NOT NULL REFERENCES conversations (key),
    customer INTEGER NOT NULL REFERENCES users (key),
    "offset" INTEGER NOT NULL,
    count INTEGER NOT NULL CHECK (count > 0)
  ) STRICT;
  CREATE INDEX moves_customer ON moves (customer, "offset");
  `,
];

/** The schema of a file, 0 of an empty one; throws when it was written by a newer program. */
export function knownSchema(database: DatabaseSync): number {
  const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
  if (version > MIGRATIONS.length) {
    throw new Error(
      `written by a newer version (schema ${version}, this one knows ${MIGRATIONS.length}): start that version, or restore a backup of this one's`,
    );
  }
  return version;
}

/** From this schema on what is deleted is overwritten in the file (`secure_delete`). */
const OVERWRITING = 4;

/** Brings the schema up to date; throws when the file was written by a newer program. */
export function migrate(database: DatabaseSync): void {
  const before = knownSchema(database);
  // Free places of the file still have what was deleted or moved until now.
  if (before > 0 && before < OVERWRITING) database.exec("VACUUM");
  for (let next = before; next < MIGRATIONS.length; next += 1) {
    database.exec(`BEGIN IMMEDIATE; ${MIGRATIONS[next] ?? ""} PRAGMA user_version = ${next + 1}; COMMIT`);
  }
}
