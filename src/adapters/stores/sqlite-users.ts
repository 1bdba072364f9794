/** Users and login sessions in SQLite. */
import { LruCache } from "./lru-cache.ts";
import { loginSessionFrom, userFrom } from "./sqlite-rows.ts";
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type { Key, LoginSessionRow, UserRow } from "../../chat/tables.ts";

const COLUMNS =
  "id, kind, role, login, name, verified, scopes, passcode_hash, token_hash, subject, alias_of, generation, previous_until, disabled, status, created_at, erased_at, erasing, blocked_at";

const CACHED = 50_000;

export class SqliteUsers {
  readonly #byId = new LruCache<string, UserRow>(CACHED);
  readonly #byKey = new LruCache<Key, UserRow>(CACHED);
  readonly #aliases = new LruCache<Key, readonly UserRow[]>(CACHED);
  readonly #sql: Readonly<Record<Statements, StatementSync>>;

  constructor(database: DatabaseSync) {
    this.#sql = prepare(database);
  }

  userById(id: string): UserRow | undefined {
    return this.#byId.get(id) ?? this.#found(this.#sql.byId.get(id));
  }

  userByKey(key: Key): UserRow | undefined {
    return this.#byKey.get(key) ?? this.#found(this.#sql.byKey.get(key));
  }

  userByLogin(login: string): UserRow | undefined {
    return this.#found(this.#sql.byLogin.get(login));
  }

  userByTokenHash(hash: string): UserRow | undefined {
    return this.#found(this.#sql.byTokenHash.get(hash));
  }

  userBySubject(subject: string): UserRow | undefined {
    return this.#found(this.#sql.bySubject.get(subject));
  }

  aliasesOf(key: Key): readonly UserRow[] {
    let aliases = this.#aliases.get(key);
    if (aliases === undefined) {
      aliases = this.#sql.aliasesOf.all(key).map(userFrom);
      this.#aliases.set(key, aliases);
    }
    return aliases;
  }

  insertUser(row: Omit<UserRow, "key">): UserRow {
    const { lastInsertRowid } = this.#sql.insert.run(...valuesOf(row));
    return this.#remember({ ...row, key: Number(lastInsertRowid) });
  }

  updateUser(row: UserRow): void {
    this.#sql.update.run(...valuesOf(row), row.key);
    this.#aliases.clear();
    this.#remember(row);
  }

  accounts(): readonly UserRow[] {
    return this.#sql.accounts.all().map(userFrom);
  }

  customers(beforeKey: Key | undefined, limit: number): readonly UserRow[] {
    return this.#sql.customers.all(beforeKey ?? Number.MAX_SAFE_INTEGER, limit).map(userFrom);
  }

  loginSession(hash: string): LoginSessionRow | undefined {
    const row = this.#sql.session.get(hash);
    return row === undefined ? undefined : loginSessionFrom(row);
  }

  loginSessionsOf(user: Key): readonly LoginSessionRow[] {
    return this.#sql.sessionsOf.all(user).map(loginSessionFrom);
  }

  putLoginSession({ hash, user, createdAt, usedAt }: LoginSessionRow): void {
    this.#sql.putSession.run(hash, user, createdAt, usedAt);
  }

  deleteLoginSession(hash: string): void {
    this.#sql.deleteSession.run(hash);
  }

  deleteLoginSessionsOf(user: Key): void {
    this.#sql.deleteSessionsOf.run(user);
  }

  deleteLoginSessionsUsedBefore(usedAt: number, createdAt: number): void {
    this.#sql.deleteSessionsUsedBefore.run(usedAt, createdAt);
  }

  /** Forgets what was cached: after a rollback it may never have been. */
  forget(): void {
    this.#byId.clear();
    this.#byKey.clear();
    this.#aliases.clear();
  }

  #found(row: Record<string, unknown> | undefined): UserRow | undefined {
    return row === undefined ? undefined : this.#remember(userFrom(row));
  }

  #remember(user: UserRow): UserRow {
    this.#byId.set(user.id, user);
    this.#byKey.set(user.key, user);
    return user;
  }
}

type Statements = keyof ReturnType<typeof prepare>;

function prepare(database: DatabaseSync) {
  const select = `SELECT key, ${COLUMNS} FROM users`;
  return {
    byId: database.prepare(`${select} WHERE id = ?`),
    byKey: database.prepare(`${select} WHERE key = ?`),
    byLogin: database.prepare(`${select} WHERE login = ?`),
    byTokenHash: database.prepare(`${select} WHERE token_hash = ?`),
    bySubject: database.prepare(`${select} WHERE subject = ?`),
    aliasesOf: database.prepare(`${select} WHERE alias_of = ? ORDER BY key`),
    accounts: database.prepare(`${select} WHERE kind IN ('agent', 'service') ORDER BY key`),
    customers: database.prepare(
      `${select} WHERE kind IN ('guest', 'customer') AND alias_of IS NULL AND key < ? ORDER BY key DESC LIMIT ?`,
    ),
    insert: database.prepare(
      `INSERT INTO users (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    update: database.prepare(
      `UPDATE users SET (${COLUMNS}) = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) WHERE key = ?`,
    ),
    session: database.prepare("SELECT hash, user, created_at, used_at FROM login_sessions WHERE hash = ?"),
    sessionsOf: database.prepare(
      "SELECT hash, user, created_at, used_at FROM login_sessions WHERE user = ? ORDER BY created_at, hash",
    ),
    putSession: database.prepare(
      "INSERT OR REPLACE INTO login_sessions (hash, user, created_at, used_at) VALUES (?, ?, ?, ?)",
    ),
    deleteSession: database.prepare("DELETE FROM login_sessions WHERE hash = ?"),
    deleteSessionsOf: database.prepare("DELETE FROM login_sessions WHERE user = ?"),
    deleteSessionsUsedBefore: database.prepare(
      "DELETE FROM login_sessions WHERE used_at < ? OR created_at < ?",
    ),
  };
}

function valuesOf(row: Omit<UserRow, "key">): SQLInputValue[] {
  return [
    row.id,
    row.kind,
    row.role ?? null,
    row.login ?? null,
    row.name ?? null,
    row.verified === undefined ? null : Number(row.verified),
    row.scopes === undefined ? null : JSON.stringify(row.scopes),
    row.passcodeHash ?? null,
    row.tokenHash ?? null,
    row.subject ?? null,
    row.aliasOf ?? null,
    row.generation ?? null,
    row.previousUntil ?? null,
    row.disabled === undefined ? null : Number(row.disabled),
    row.status ?? null,
    row.createdAt,
    row.erasedAt ?? null,
    row.erasing === undefined ? null : Number(row.erasing),
    row.blockedAt ?? null,
  ];
}
