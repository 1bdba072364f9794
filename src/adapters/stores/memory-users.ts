/** Users and login sessions over the memory store's rows. */
import type { Key, LoginSessionRow, UserRow } from "../../chat/tables.ts";
import type { Rows } from "./memory-rows.ts";

export class MemoryUsers {
  readonly #rows: () => Rows;

  constructor(rows: () => Rows) {
    this.#rows = rows;
  }

  userById(id: string): UserRow | undefined {
    return this.#rows().users.find((user) => user.id === id);
  }

  userByKey(key: Key): UserRow | undefined {
    return this.#rows().users[key - 1];
  }

  userByLogin(login: string): UserRow | undefined {
    return this.#rows().users.find((user) => user.login === login);
  }

  userByTokenHash(hash: string): UserRow | undefined {
    return this.#rows().users.find((user) => user.tokenHash === hash);
  }

  userBySubject(subject: string): UserRow | undefined {
    return this.#rows().users.find((user) => user.subject === subject);
  }

  aliasesOf(key: Key): readonly UserRow[] {
    return this.#rows().users.filter((user) => user.aliasOf === key);
  }

  insertUser(row: Omit<UserRow, "key">): UserRow {
    const { id, login, subject, tokenHash } = row;
    const taken = this.#rows().users.some(
      (user) =>
        user.id === id ||
        (login !== undefined && user.login === login) ||
        (subject !== undefined && user.subject === subject) ||
        (tokenHash !== undefined && user.tokenHash === tokenHash),
    );
    if (taken) throw new Error("a user with this id, login, subject or token exists");
    const user = { ...row, key: this.#rows().users.length + 1 };
    this.#rows().users.push(user);
    return user;
  }

  updateUser(row: UserRow): void {
    this.#rows().users[row.key - 1] = row;
  }

  accounts(): readonly UserRow[] {
    return this.#rows().users.filter((user) => user.kind === "agent" || user.kind === "service");
  }

  customers(beforeKey: Key | undefined, limit: number): readonly UserRow[] {
    return this.#rows()
      .users.filter(
        (user) => (user.kind === "guest" || user.kind === "customer") && user.aliasOf === undefined,
      )
      .filter((user) => beforeKey === undefined || user.key < beforeKey)
      .toReversed()
      .slice(0, limit);
  }

  loginSession(hash: string): LoginSessionRow | undefined {
    return this.#rows().sessions.get(hash);
  }

  loginSessionsOf(user: Key): readonly LoginSessionRow[] {
    return [...this.#rows().sessions.values()]
      .filter((row) => row.user === user)
      .sort((one, other) => one.createdAt - other.createdAt || (one.hash < other.hash ? -1 : 1));
  }

  putLoginSession(row: LoginSessionRow): void {
    this.#rows().sessions.set(row.hash, row);
  }

  deleteLoginSession(hash: string): void {
    this.#rows().sessions.delete(hash);
  }

  deleteLoginSessionsOf(user: Key): void {
    for (const [hash, row] of this.#rows().sessions)
      if (row.user === user) this.#rows().sessions.delete(hash);
  }

  deleteLoginSessionsUsedBefore(usedAt: number, createdAt: number): void {
    for (const [hash, row] of this.#rows().sessions) {
      if (row.usedAt < usedAt || row.createdAt < createdAt) this.#rows().sessions.delete(hash);
    }
  }
}
