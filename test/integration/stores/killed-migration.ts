/** A process that opens a database and is killed before the nth statement of its migrations; prints each one done. */
import { DatabaseSync } from "node:sqlite";
import { openDatabase } from "../../../src/adapters/stores/sqlite-file.ts";

const [, , file = "", killedAt = ""] = process.argv;
/** The statement within a trigger ends none. */
const STATEMENT_END = /(?<=;)(?!\s*END;)/;
let left = Number(killedAt);

// eslint-disable-next-line @typescript-eslint/unbound-method -- called with the receiver it was found on
const { exec } = DatabaseSync.prototype;
DatabaseSync.prototype.exec = function (sql) {
  const statements = sql.includes("user_version =") ? sql.split(STATEMENT_END) : [sql];
  for (const statement of statements) {
    if (statements.length > 1) left -= 1;
    if (left === 0) process.kill(process.pid, "SIGKILL");
    exec.call(this, statement);
  }
};
openDatabase(file, undefined);
process.stdout.write(String(Number(killedAt) - left));
